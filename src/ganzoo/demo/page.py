"""The page itself, made with gradio (the extra `demo`); it asks no other server for anything."""

import os
import random
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote, urlencode

from PIL import Image

from ganzoo.demo.studio import (
    DIRECTIONS,
    IN_TURN,
    MOST_IMAGES,
    MOST_SEED,
    Number,
    Studio,
    whole_seed,
)

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # before gradio is imported
try:
    import gradio as gr
except ImportError as error:
    raise ImportError("The page needs gradio: pip install gradio") from error

FONTS = {
    "font": ["system-ui", "sans-serif"],  # the reader's own: gradio would fetch others
    "font_mono": ["ui-monospace", "monospace"],
}


def build(models: Sequence[str]) -> gr.Blocks:
    """Return the page.

    Args:
        models: presets as `ganzoo.from_preset` takes them; the first is shown.

    Example:
        ```python
        from ganzoo.demo.page import build, launch

        launch(build(["mnist", "fashion_mnist"]))  # on this machine only
        ```
    """
    studio = Studio(models)
    with gr.Blocks(title="ganzoo", analytics_enabled=False) as page:
        gr.Markdown("# ganzoo\nImages that nobody has drawn. The same seed draws the same ones.")
        with gr.Row():
            model = gr.Dropdown(studio.models, value=studio.models[0], label="Model")
            label = gr.Dropdown([IN_TURN], value=IN_TURN, label="Class")
            seed = gr.Number(0, precision=0, minimum=0, maximum=MOST_SEED, label="Seed")
            another = gr.Button("Another seed", variant="primary")
        asked = [model, seed, label]
        with gr.Tab("Draw"):
            drawing = _draw_tab(studio, asked)
        with gr.Tab("Explore"):
            exploring = _explore_tab(studio, asked)
        with gr.Tab("Between"):
            walking = _between_tab(studio, asked)
        link = gr.Textbox(label="Link to these images: add it to the page's address", max_lines=1)
        tabs = (drawing, exploring, walking)

        def follow(chosen: str, seed: Number, label: str) -> str:
            link = {"model": chosen, "seed": whole_seed(seed), "class": label}
            return f"?{urlencode(link, quote_via=quote)}"

        def arrive(request: gr.Request) -> tuple[Any, ...]:
            return _asked_in_link(studio, dict(request.query_params))

        another.click(lambda: random.randrange(10_000), outputs=seed)
        model.input(lambda name: _labels(studio, name), model, label)
        arrival = page.load(arrive, outputs=asked)
        for change in (model.change, seed.change, label.change, arrival.then):
            change(follow, asked, link)
            for function, inputs, picture in tabs:
                change(function, inputs, picture)
    return page


def launch(page: gr.Blocks, host: str = "127.0.0.1", port: int | None = None) -> None:
    """Serve the page until it is interrupted.

    Args:
        page: what `build` has returned.
        host: `"0.0.0.0"` lets other machines in.
        port: by default the first one free from 7860 on.
    """
    page.launch(
        server_name=host,
        server_port=port,
        share=False,
        ssr_mode=False,
        show_error=True,  # its sentences are for visitors, too
        footer_links=[],
        theme=gr.themes.Default(**FONTS),
    )


Tab = tuple[Any, list[Any], Any]
"""A function, the components that it reads, and the picture that it makes."""


def _draw_tab(studio: Studio, asked: list[Any]) -> Tab:
    count = gr.Slider(1, MOST_IMAGES, value=50, step=1, label="Images")
    picture = _picture("The first images of the seed")

    def draw(model: str, seed: Number, label: str, count: Number) -> Image.Image:
        return studio.grid(model, seed, count, _known(studio, model, label))

    inputs = [*asked, count]
    count.release(draw, inputs, picture)
    return draw, inputs, picture


def _explore_tab(studio: Studio, asked: list[Any]) -> Tab:
    with gr.Row():
        with gr.Column():
            number = gr.Slider(1, MOST_IMAGES, value=1, step=1, label="Which image of the seed")
            amounts = [
                gr.Slider(-4, 4, value=0, step=0.1, label=f"Direction {index + 1}")
                for index in range(DIRECTIONS)
            ]
            back = gr.Button("Back to the image")
        picture = _picture("The image, gone along the directions that change it most")

    def explore(
        model: str, seed: Number, label: str, number: Number, *amounts: Number
    ) -> Image.Image:
        return studio.varied(model, seed, number, _known(studio, model, label), amounts)

    inputs = [*asked, number, *amounts]
    for slider in (number, *amounts):
        slider.change(explore, inputs, picture, show_progress="hidden")
    back.click(lambda: [0] * DIRECTIONS, outputs=amounts)
    return explore, inputs, picture


def _between_tab(studio: Studio, asked: list[Any]) -> Tab:
    with gr.Row():
        first = gr.Slider(1, MOST_IMAGES, value=1, step=1, label="From image")
        last = gr.Slider(1, MOST_IMAGES, value=2, step=1, label="To image")
    picture = _picture("The way from one to the other, in the class of the first")

    def between(model: str, seed: Number, label: str, first: Number, last: Number) -> Image.Image:
        return studio.between(model, seed, first, last, _known(studio, model, label))

    inputs = [*asked, first, last]
    for slider in (first, last):
        slider.release(between, inputs, picture)
    return between, inputs, picture


def _picture(label: str) -> gr.Image:
    return gr.Image(
        label=label, format="png", interactive=False, buttons=["download", "fullscreen"]
    )


def _labels(studio: Studio, model: str) -> Any:
    labels = studio.labels(model)
    return gr.update(choices=labels or [IN_TURN], value=IN_TURN, visible=bool(labels))


def _known(studio: Studio, model: str, label: str) -> str:
    """Return the label; each in turn where it is that of the model that was shown before."""
    return label if label in studio.labels(model) else IN_TURN


def _asked_in_link(studio: Studio, link: dict[str, str]) -> tuple[Any, Any, Any]:
    """Return the model, the seed and the class that the page's address asks for, if it has them."""
    model = link.get("model", studio.models[0])
    if model not in studio.models:
        model = studio.models[0]
    seed = link.get("seed", "")
    label = _labels(studio, model) | {"value": _known(studio, model, link.get("class", IN_TURN))}
    return model, whole_seed(float(seed) if seed.isdecimal() else 0), label
