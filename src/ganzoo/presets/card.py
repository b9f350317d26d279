"""The model card: what the Hub and its readers see."""

import html
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

SAMPLES = "samples.png"
PICTURES = {
    SAMPLES: "Images drawn by this model",
    "film.gif": "The training, epoch after epoch",
    "film.webp": "The training, epoch after epoch",
    "curves.png": "Losses and scores of the training",
}
"""The pictures that a preset's folder may hold, and what they show."""

HANDLE = "hf://user/repo"  # an upload puts the repository here
TASK = "unconditional-image-generation"
TAGS = ("ganzoo", "keras", "gan")  # and the family

DATASET_ID = re.compile(r"([a-z0-9][\w-]*/)?[a-z0-9][\w.-]{0,95}", re.ASCII | re.IGNORECASE)
"""What a dataset on the Hub may be called: `mnist`, or `user/photos`."""
UNKNOWN, OTHER = "unknown", "other"
LICENSES = """
    afl-3.0 agpl-3.0 apache-2.0 artistic-2.0 bigcode-openrail-m bigscience-bloom-rail-1.0
    bigscience-openrail-m bsd bsd-2-clause bsd-3-clause bsd-3-clause-clear bsl-1.0 c-uda cc cc0-1.0
    cc-by-2.0 cc-by-2.5 cc-by-3.0 cc-by-4.0 cc-by-nc-2.0 cc-by-nc-3.0 cc-by-nc-4.0 cc-by-nc-nd-3.0
    cc-by-nc-nd-4.0 cc-by-nc-sa-2.0 cc-by-nc-sa-3.0 cc-by-nc-sa-4.0 cc-by-nd-4.0 cc-by-sa-3.0
    cc-by-sa-4.0 cdla-permissive-1.0 cdla-permissive-2.0 cdla-sharing-1.0 creativeml-openrail-m
    ecl-2.0 epl-1.0 epl-2.0 etalab-2.0 eupl-1.1 gfdl gpl gpl-2.0 gpl-3.0 isc lgpl lgpl-2.1 lgpl-3.0
    lgpl-lr lppl-1.3c mit mpl-2.0 ms-pl ncsa odbl odc-by ofl-1.1 openrail openrail++ osl-3.0 other
    pddl postgresql unknown unlicense wtfpl zlib
"""
"""How the Hub spells licences; it refuses a card with another spelling."""

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
        config: the family and the constructor's arguments.
        metadata: the preset's metadata; `ganzoo.GAN.save_to_preset` says what "about" may hold.
        pictures: names of the pictures that lie beside the card.
    """
    about = metadata["about"]
    check(about)
    text = TEXT.format(
        name=_prose(config["name"]),
        description=_prose(about.get("description", "A generative adversarial network.")),
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
        _labels(config),
        ("Parameters", f"{metadata['parameters']:,}"),
        ("Saved with", f"ganzoo {metadata['ganzoo']}, Keras {metadata['keras']}"),
    ]
    lines += [("License", about["license"])] if "license" in about else []
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


def _labels(config: Mapping[str, Any]) -> tuple[str, Any]:
    """Return what a model can be asked for."""
    if attributes := config.get("attributes"):
        return "Attributes", ", ".join(attributes)
    return "Classes", ", ".join(config["class_names"] or []) or config["num_classes"] or "none"


def _picture(name: str) -> str:
    return f"![{PICTURES[name]}]({name})"


def check(about: Mapping[str, Any]) -> None:
    """Check what is known of a model, before anything is done with it.

    Raises:
        ValueError: it is not of the form that cards and metadata have.
    """
    if not isinstance(about, Mapping):
        raise ValueError(
            'A preset\'s metadata is a dict, e.g. {"description": ...}, not '
            f"{type(about).__name__}."
        )
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
    """Return what the Hub reads: nothing that it would refuse."""
    from huggingface_hub import EvalResult, ModelCardData

    name = _line(about.get("data", {}).get("name", ""))
    dataset = name if DATASET_ID.fullmatch(name) else None
    results = [
        EvalResult(
            task_type=TASK,
            dataset_type=dataset or "unknown",
            dataset_name=name or "unknown",
            metric_type=_line(metric),
            metric_value=score["value"],
        )
        for metric, score in about.get("scores", {}).items()
    ]
    license, license_name = _license(_line(about.get("license") or UNKNOWN))
    return ModelCardData(
        library_name="ganzoo",
        license=license,
        license_name=license_name,
        tags=[*TAGS, _line(config["family"])],
        datasets=[dataset] if dataset else None,
        pipeline_tag=TASK,
        model_name=_line(config["name"]),
        eval_results=results or None,
    ).to_yaml()


def _license(name: str) -> tuple[str, str | None]:
    """Return a licence in the Hub's spelling, and its name if the Hub does not know it."""
    spelled = re.sub(r"[^a-z0-9.+]+", "-", name.lower()).strip("-")
    return (spelled, None) if spelled in LICENSES.split() else (OTHER, spelled or None)


def _line(text: Any) -> str:
    """Return a text as one line; what is no Unicode, as in some names of files, becomes `?`."""
    return " ".join(str(text).encode("utf-8", "replace").decode().split())


def _prose(text: Any) -> str:
    """Return a text as one line that Markdown does not take for markup."""
    return html.escape(_line(text), quote=False).replace("|", "\\|")
