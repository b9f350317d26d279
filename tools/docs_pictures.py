"""Draw the pictures of the site into `docs/images`: `python tools/docs_pictures.py`.

Seeds are fixed, so only another model draws other pictures: run it again when a preset has changed.
A picture whose data, run or browser is missing keeps its last version, and a line says so.

- From the presets: `presets/*` for each of them, `digits.png`, `fashion.png`, `sprites.png`,
  `stages.png`, `views.png`, and those of `docs/pictures.md`, which the code on that page makes.
- From datasets in `GANZOO_HOME`: `contact-sheet.jpg` (art) and `neighbours.png` (mnist).
- From the folder of a run, `--run RUN`: `film.png` and `film.webp` (of pokemon), and `curves.png`
  (of mnist).
- From the page of `ganzoo demo`, with gradio, playwright and a Chromium: `demo.png`.

`profile.png` is a measurement: `benchmarks/profile_torch.py` makes it. The pictures of
`docs/uses.md` are made by the benchmarks and commands that stand there.
"""

import argparse
import json
import math
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Sequence
from contextlib import chdir
from pathlib import Path

import keras
import numpy as np
from PIL import Image

import docs_examples
import ganzoo
from ganzoo import latents, pictures
from ganzoo.files import whole_file
from ganzoo.metrics import classifier
from ganzoo.metrics.neighbours import draw_neighbours
from ganzoo.pictures.charts import line_charts
from ganzoo.pictures.film import caption_of, pictures_in
from ganzoo.presets.preset_folder import METADATA

DOCS = Path(__file__).parents[1] / "docs"
IMAGES = DOCS / "images"
SAMPLES = {"mnist": "digits.png", "fashion_mnist": "fashion.png", "pokemon": "sprites.png"}
FROM_PAGE = ("between.png", "walk.gif", "corners.png", "ink.png", "styles.png")
LOSSES = ("discriminator_loss", "generator_loss")
SIDE = 56  # pixels of a stage, however small its maps are
FRAMES = 30  # of the film of a run, at most
GAP = 2  # pixels between the images of a grid
COLUMNS = 6  # of a grid that a run draws


class MissingError(Exception):
    """What a picture is made from is not here."""


def write(name: str, picture: Image.Image, **options: object) -> None:
    """Write one picture, whole or not at all."""
    with whole_file(IMAGES / name) as partial:
        picture.save(partial, **options)
    report(name)


def report(name: str) -> None:
    """Say that a picture is drawn, and how large it is."""
    print(f"{name}: {(IMAGES / name).stat().st_size / 1000:,.0f} KB", flush=True)


def model(name: str) -> ganzoo.GAN:
    """Return a preset that draws."""
    return ganzoo.from_preset(name, compile=False)


def of_presets() -> None:
    """Films, ways, classes and losses of every preset, for the front page and the gallery."""
    for name in ganzoo.GAN.presets:
        gan, random = model(name), np.random.default_rng(0)
        classes = gan.labels(16)
        stops = random.standard_normal((3, 16, gan.latent_dim))
        frames = [
            pictures.image_grid(each, columns=4)
            for each in gan.draw(latents.walk(stops, 8), classes)
        ]
        walk = f"presets/{name}-walk.webp"
        (IMAGES / walk).parent.mkdir(exist_ok=True)
        pictures.save_film(IMAGES / walk, frames, seconds=0.12, last_seconds=0.12)
        report(walk)
        write(f"presets/{name}-still.png", frames[0])
        ends = random.standard_normal((2, 5, gan.latent_dim))
        rows = None if classes is None else classes[:5, None]
        between = gan.draw(latents.interpolate(*ends, 10), rows)
        write(f"presets/{name}-between.png", pictures.image_grid(between))
        write(f"presets/{name}-curves.png", losses(ganzoo.GAN.presets[name]))
        if gan.num_classes:
            styles = random.standard_normal((5, 1, gan.latent_dim))
            drawn = gan.draw(styles, range(gan.num_classes))
            write(f"presets/{name}-classes.png", pictures.image_grid(drawn))
        if name in SAMPLES:
            shutil.copy(Path(ganzoo.GAN.presets[name].folder) / "samples.png", IMAGES)
            (IMAGES / "samples.png").replace(IMAGES / SAMPLES[name])
            report(SAMPLES[name])


def losses(preset: ganzoo.Preset) -> Image.Image:
    """Return the losses of a preset's training, of whose epochs some may be kept."""
    metadata = json.loads((Path(preset.folder) / METADATA).read_text(encoding="utf-8"))
    curve = metadata["about"]["training"]["curve"]
    epochs = curve.get("epochs") or range(1, len(curve[LOSSES[0]]) + 1)
    lines = {}
    for name in LOSSES:
        known = dict(zip(epochs, curve[name], strict=True))
        lines[name] = [known.get(epoch, math.nan) for epoch in range(1, max(epochs) + 1)]
    return line_charts({"losses": lines})


def of_page() -> None:
    """What the code of `docs/pictures.md` writes, up to the last of these pictures."""
    text = (DOCS / "pictures.md").read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        docs_examples.run(text, FROM_PAGE, "pictures")
        for name in FROM_PAGE:
            shutil.copy(name, IMAGES)
            report(name)


def stages() -> None:
    """What each stage of the generator draws: its maps' three principal components as colours."""
    gan, count = model("fashion_mnist"), 10
    generator = gan.ema_generator or gan.generator
    layers = [layer for layer in generator.layers if isinstance(layer, keras.layers.ReLU)]
    reader = keras.Model(generator.inputs, [*(layer.output for layer in layers), generator.output])
    random, labels = gan.latents(500, seed=3), gan.labels(500)
    *maps, _ = reader.predict([random, labels], verbose=0)
    columns = [in_colours(each, count) for each in maps]
    columns.append(gan.draw(random[:count], labels[:count]).repeat(3, -1))
    columns = [each.repeat(SIDE // each.shape[1], 1).repeat(SIDE // each.shape[2], 2)
               for each in columns]  # fmt: skip
    write("stages.png", pictures.image_grid(np.stack(columns)))


def in_colours(maps: np.ndarray, count: int) -> np.ndarray:
    """Return the first few feature maps as uint8 RGB."""
    points = maps.reshape(-1, maps.shape[-1])
    points = points - points.mean(0)
    _, axes = np.linalg.eigh(points.T @ points)
    axes = axes[:, -3:][:, ::-1]
    axes *= np.sign(axes.sum(0))  # an axis has no direction of its own
    shown = points @ axes
    low, high = np.percentile(shown, (2, 98), axis=0)
    shown = np.clip((shown - low) / (high - low), 0, 1).reshape(*maps.shape[:-1], 3)
    return np.rint(255 * shown[:count]).astype("uint8")


def views() -> None:
    """What the discriminator sees of a few images, each round: `Augmentation`'s default policy."""
    images = model("pokemon").generate(8, seed=0)
    augmentation = ganzoo.augmentation.Augmentation()
    random = keras.random.SeedGenerator(0)
    rows = [images]
    for _ in range(4):
        shown = keras.ops.convert_to_tensor(images / 127.5 - 1, "float32")
        seen = augmentation.view(shown, random, 0)
        seen = np.clip(keras.ops.convert_to_numpy(seen), -1, 1)
        rows.append(np.rint((seen + 1) * 127.5).astype("uint8"))
    write("views.png", pictures.image_grid(np.stack(rows)))


def contact_sheet() -> None:
    """What `ganzoo inspect` shows of one style of the paintings."""
    images, labels = load("art")
    baroque = images[labels == ganzoo.datasets.DATASETS["art"].class_names.index("baroque")]
    with tempfile.TemporaryDirectory() as folder:
        for number, image in enumerate(baroque):
            Image.fromarray(image).save(f"{folder}/{number:05}.png", compress_level=1)
        sheet = ganzoo.datasets.inspect(folder).contact_sheet
    write("contact-sheet.jpg", sheet.convert("RGB"), quality=80)


def neighbours() -> None:
    """What `ganzoo evaluate mnist mnist --neighbours` draws."""
    real, _ = load("mnist")
    write(
        "neighbours.png",
        draw_neighbours(real, model("mnist").generate(10, seed=0), classifier("digits")),
    )


def load(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return a dataset's images and labels."""
    try:
        return ganzoo.datasets.load(name)
    except OSError as error:
        raise MissingError(f"the dataset {name}: {error}") from error


def film(run: Path) -> None:
    """The samples of a training: six epochs as a strip, and more of them as a film."""
    *_, checkpoint = sorted((run / "checkpoints").glob("*.keras"))
    with zipfile.ZipFile(checkpoint) as archive:
        shape = json.loads(archive.read("config.json"))["config"]["image_shape"]
    paths = pictures_in(run / "samples")
    strip, shown = spread(paths, 6), spread(paths, FRAMES)
    write("film.png", pictures.image_grid(np.stack([cut(path, *shape[:2]) for path in strip])))
    print(f"film.png shows {run.name}: {', '.join(map(caption_of, strip))}")
    frames = [pictures.image_grid(cut(path, *shape[:2], rows=3), columns=COLUMNS) for path in shown]
    pictures.save_film(IMAGES / "film.webp", frames, [caption_of(path) for path in shown], 0.15)
    report("film.webp")


def curves(run: Path) -> None:
    """Losses and scores of a training."""
    path = run / "curves.png"
    if not path.exists():
        raise MissingError(str(path))
    write("curves.png", Image.open(path))


def given(run: Path | None) -> Path:
    """Return the folder of the run that the command line names."""
    if run is None:
        raise MissingError("--run RUN")
    return run


def spread(paths: Sequence[Path], most: int) -> list[Path]:
    """Return some of the paths, most of them from the beginning, where a training changes most."""
    numbers = {round(each) for each in np.geomspace(1, len(paths), most)}
    return [paths[number - 1] for number in sorted(numbers)]


def cut(path: Path, height: int, width: int, rows: int = 1) -> np.ndarray:
    """Return the first images of rows of a sample grid."""
    with Image.open(path) as opened:
        pixels = np.asarray(opened)
    pixels = pixels.reshape(*pixels.shape[:2], -1)
    corners = [
        (GAP + row * (height + GAP), GAP + column * (width + GAP))
        for row in range(rows)
        for column in range(COLUMNS)
    ]
    return np.stack([pixels[top : top + height, left : left + width] for top, left in corners])


def demo(chromium: str) -> None:
    """The page of `ganzoo demo`, in a browser without a screen."""
    try:
        import gradio  # noqa: F401
        from playwright.sync_api import sync_playwright
    except ImportError as error:
        raise MissingError(f"the package {error.name}") from error
    if not os.access(chromium, os.X_OK):
        raise MissingError(f"{chromium}: --chromium PATH")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "ganzoo", "demo", "fashion_mnist", "--port", str(port)]
    server = subprocess.Popen(command)
    try:
        with sync_playwright() as play:
            browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": 1100, "height": 790})
            page.goto(wait_for(port))
            page.wait_for_selector("img[src*='file=']", timeout=120_000)
            page.wait_for_timeout(2000)
            with whole_file(IMAGES / "demo.png") as partial:
                page.screenshot(path=partial)
            browser.close()
    finally:
        server.terminate()
        server.wait()
    with Image.open(IMAGES / "demo.png") as opened:
        picture = opened.convert("RGB").quantize(64)
    write("demo.png", picture, optimize=True)


def wait_for(port: int) -> str:
    """Return the page's address as soon as it answers."""
    for _ in range(240):
        with socket.socket() as caller:
            if caller.connect_ex(("127.0.0.1", port)) == 0:
                return f"http://127.0.0.1:{port}/"
        time.sleep(0.5)
    raise MissingError("an answer of `ganzoo demo`")


def main(arguments: list[str] | None = None) -> None:
    """Draw what can be drawn."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", type=Path, help="folder of a run, for film and curves")
    parser.add_argument("--chromium", default=shutil.which("chromium") or "/usr/bin/chromium")
    parser.add_argument("--only", nargs="+", default=[], help="some of the functions by name")
    options = parser.parse_args(arguments)
    parts: dict[str, Callable[[], None]] = {
        "of_presets": of_presets,
        "of_page": of_page,
        "stages": stages,
        "views": views,
        "contact_sheet": contact_sheet,
        "neighbours": neighbours,
        "film": lambda: film(given(options.run)),
        "curves": lambda: curves(given(options.run)),
        "demo": lambda: demo(options.chromium),
    }
    for name, part in parts.items():
        if not options.only or name in options.only:
            try:
                part()
            except MissingError as missing:
                print(f"{name} is left as it was, for want of {missing}")


if __name__ == "__main__":
    main()
