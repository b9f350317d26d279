"""The model card: what the Hub and its readers see."""

import html
import json
from collections.abc import Mapping, Sequence
from typing import Any

from ganzoo.presets.layout import PICTURES, SAMPLES

HANDLE = "hf://user/repo"  # an upload puts the repository here
TASK = "unconditional-image-generation"
TAGS = ["ganzoo", "keras", "gan", "dcgan"]

TEXT = """\
# {name}

{description}
{picture}
## Use

```python
import ganzoo

gan = ganzoo.from_preset("{handle}")
images = gan.generate(16, seed=7)  # uint8 array (16, {shape})
```

The same files serve Keras on JAX, PyTorch and TensorFlow, and `gan.fit(...)` trains both networks
further. Loading them executes none of their contents.

## Model

| | |
|---|---|
{facts}
{training}"""


def render(config: Mapping[str, Any], metadata: Mapping[str, Any], pictures: Sequence[str]) -> str:
    """Return the text of the card, with its front matter.

    Args:
        config: the constructor's arguments.
        metadata: the preset's metadata; `ganzoo.DCGAN.save_to_preset` says what "about" may hold.
        pictures: names of the pictures that lie beside the card.
    """
    about = metadata["about"]
    _check(about)
    text = TEXT.format(
        name=_prose(config["name"]),
        description=_prose(about.get("description", "A deep convolutional GAN.")),
        picture=f"\n{_picture(SAMPLES)}\n" if SAMPLES in pictures else "",
        handle=HANDLE,
        shape=", ".join(map(str, config["image_shape"])),
        facts="\n".join(
            f"| {_prose(key)} | {_prose(value)} |" for key, value in facts(config, metadata)
        ),
        training="".join(f"\n{_picture(name)}\n" for name in pictures if name != SAMPLES),
    )
    return f"---\n{_front_matter(config, about)}\n---\n\n{text}"


def facts(config: Mapping[str, Any], metadata: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Return what there is to know of a preset, line by line."""
    about = metadata["about"]
    lines = [
        ("Images", " x ".join(map(str, config["image_shape"])) + " (height, width, channels)"),
        ("Classes", ", ".join(config["class_names"] or []) or config["num_classes"] or "none"),
        ("Parameters", f"{metadata['parameters']:,}"),
        ("Saved with", f"ganzoo {metadata['ganzoo']}, Keras {metadata['keras']}"),
    ]
    lines += [(f"Data: {key}", value) for key, value in about.get("data", {}).items()]
    lines += [
        (f"Score: {name}", f"{score['value']} ({score['protocol']})")
        for name, score in about.get("scores", {}).items()
    ]
    lines += [
        (f"Training: {key}", value)
        for key, value in about.get("training", {}).items()
        if isinstance(value, str | int | float)  # its curve is for other readers
    ]
    if "recipe" in about:
        lines.append(("Recipe", json.dumps(about["recipe"])))
    return lines


def _picture(name: str) -> str:
    return f"![{PICTURES[name]}]({name})"


def _check(about: Mapping[str, Any]) -> None:
    data, scores, training = (about.get(key, {}) for key in ("data", "scores", "training"))
    valid = all(isinstance(each, Mapping) for each in (data, scores, training))
    if not valid or not all(
        isinstance(score, Mapping) and {"value", "protocol"} <= score.keys()
        for score in scores.values()
    ):
        raise ValueError(
            'A preset\'s metadata has "data" as a dict, e.g. {"name": "mnist", "source": ..., '
            '"rights": ...}, "scores" as {"accuracy": {"value": 0.9, "protocol": "..."}}, and '
            '"training" as a dict, e.g. {"epochs": 20}.'
        )


def _front_matter(config: Mapping[str, Any], about: Mapping[str, Any]) -> str:
    from huggingface_hub import EvalResult, ModelCardData

    dataset = _line(about.get("data", {}).get("name", ""))
    results = [
        EvalResult(
            task_type=TASK,
            dataset_type=dataset or "unknown",
            dataset_name=dataset or "unknown",
            metric_type=_line(name),
            metric_value=score["value"],
        )
        for name, score in about.get("scores", {}).items()
    ]
    return ModelCardData(
        library_name="ganzoo",
        license=_line(about.get("license", "unknown")),
        tags=TAGS,
        datasets=[dataset] if dataset else None,
        pipeline_tag=TASK,
        model_name=_line(config["name"]),
        eval_results=results or None,
    ).to_yaml()


def _line(text: Any) -> str:
    """Return a text as one line."""
    return " ".join(str(text).split())


def _prose(text: Any) -> str:
    """Return a text as one line that Markdown does not take for markup."""
    return html.escape(_line(text), quote=False).replace("|", "\\|")
