"""What the site says of the presets, read from their folders: a hook of mkdocs.

A page asks for a part by a comment on a line of its own: `<!-- zoo: films -->`, `gallery`, `table`
or `cards`. A new preset appears by itself. Only records are read, so that the site is built without
Keras; `tools/docs_pictures.py` draws the pictures, and one that is missing is left out.
"""

import html
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "ganzoo"  # each family's folder has its presets in `weights`
DRAWN = ROOT / "docs" / "images" / "presets"
MARK = re.compile(r"^<!-- zoo: (\w+) -->$", re.MULTILINE)
OWN = {  # pictures that a preset's folder may hold
    "samples.png": "Images that the preset draws, not chosen",
    "film.webp": "The training: the same latents after each epoch",
    "film.gif": "The training: the same latents after each epoch",
}
MADE = {  # those of `tools/docs_pictures.py`
    "classes.png": "A row for each latent, a column for each class",
    "between.png": "From image to image",
    "walk.webp": "A walk from latent to latent, and back to the first",
    "curves.png": "Losses of both networks by epoch",
}
LICENCES = {"apache-2.0": "Apache-2.0", "other": "as the images' rights are"}
SHARES = ("accuracy", "recognised", "precision", "recall", "coverage", "class_coverage")
ERROR = "_standard_error"
Record = Mapping[str, Any]
Records = Mapping[str, Record]


def records() -> dict[str, Record]:
    """Return what is known of each preset, by its name."""
    found = {}
    for folder in sorted(path.parent for path in PACKAGE.glob("*/weights/*/metadata.json")):
        config, metadata = (
            json.loads((folder / name).read_text(encoding="utf-8"))
            for name in ("config.json", "metadata.json")
        )
        found[folder.name] = {**config, **metadata, **metadata["about"], "folder": folder}
    return found


def on_files(files: Any, config: Any) -> Any:
    """Put the pictures in the presets' folders on the site."""
    from mkdocs.structure.files import File

    for target, path in brought().items():
        files.append(File.generated(config, target, abs_src_path=str(path)))
    return files


def brought() -> dict[str, Path]:
    """Return the pictures in the presets' folders, by their names on the site."""
    return {
        f"images/presets/{name}-{picture}": path
        for name, record in records().items()
        for picture in OWN
        if (path := record["folder"] / picture).exists()
    }


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Write the parts that a page asks for."""
    parts = {"films": films, "gallery": gallery, "table": table, "cards": cards}
    return MARK.sub(lambda mark: parts[mark[1]](records()), markdown)


def films(presets: Records) -> str:
    """Return a row of films, which stand still for readers who want no motion."""
    folder, still = "images/presets", "(prefers-reduced-motion: reduce)"
    tiles = "\n".join(
        f'<a href="zoo/#{name}"><picture>'
        f'<source media="{still}" srcset="{folder}/{name}-still.png">'
        f'<img class="pixels" src="{folder}/{name}-walk.webp" '
        f'alt="Sixteen images that change all the time, drawn by the preset {name}"></picture>'
        f"<code>{name}</code></a>"
        for name in presets
        if (DRAWN / f"{name}-walk.webp").exists()
    )
    return f'<div class="films">\n{tiles}\n</div>'


def gallery(presets: Records) -> str:
    """Return all pictures of all presets."""
    return "\n\n".join(
        "\n\n".join(
            [
                f"## {name}",
                *pictures(name, record, ["walk.webp", *OWN, "classes.png", "between.png"]),
            ]
        )
        for name, record in presets.items()
    )


def pictures(name: str, record: Record, wanted: Sequence[str]) -> list[str]:
    """Return those of the pictures that there are, small images twice as large."""
    shown = []
    usual = "twice" if record["image_shape"][0] <= 32 else "once"
    for picture in wanted:
        size = {"walk.webp": "walk", "curves.png": "once"}.get(picture, usual)
        path = record["folder"] / picture if picture in OWN else DRAWN / f"{name}-{picture}"
        if path.exists():
            about = (OWN | MADE)[picture]
            target = f"images/presets/{name}-{picture}"
            shown += [f"{about}:", f"![{name}: {about}]({target}){{ .pixels .{size} }}"]
    return shown


def table(presets: Records) -> str:
    """Return what each preset draws, how large it is, and how good."""
    lines = [
        "| preset | draws | weights | score | licence of the weights |",
        "|---|---|---|---|---|",
    ]
    for name, record in presets.items():
        score = scores(record)[0][0] if scores(record) else "not scored"
        cells = (f"[`{name}`](#{name})", drawn(record), megabytes(record), score, licence(record))
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def cards(presets: Records) -> str:
    """Return a section for each preset."""
    return "\n\n".join(card(name, record) for name, record in presets.items())


def card(name: str, record: Record) -> str:
    """Return what is known of one preset."""
    data, source = record.get("data", {}), record.get("data", {}).get("source")
    facts = [
        ("family", record["family"]),
        ("images", drawn(record)),
        ("classes", record.get("class_names")),
        ("weights", f"{megabytes(record)}; {record['parameters']:,} numbers in both networks"),
        ("licence of the weights", licence(record)),
        ("trained on", ", ".join(filter(None, (data.get("name", "not said"), source)))),
        ("rights in the images", data.get("rights", "not said")),
        ("training", training(record)),
        *((f"score: {value}", protocol) for value, protocol in scores(record)),
    ]
    return "\n\n".join(
        [
            f"## {name}",
            prose(record.get("description", "")),
            *pictures(name, record, ["walk.webp"])[1:],
            f'```python\ngan = ganzoo.from_preset("{name}")\n```',
            rows(facts),
            *pictures(name, record, ["curves.png"]),
            f'??? note "Recipe"\n\n{rows(record.get("recipe", {}).items(), "    ")}',
        ]
    )


def rows(facts: Any, indent: str = "") -> str:
    """Return a table of two columns."""
    lines = [f"| {prose(key)} | {prose(words(value))} |" for key, value in facts]
    return "\n".join(indent + line for line in ["| | |", "|---|---|", *lines])


def scores(record: Record) -> list[tuple[str, str]]:
    """Return the scores, those of one protocol together, and each protocol."""
    known = record.get("scores", {})
    together: dict[str, list[str]] = {}
    for name, score in known.items():
        if not name.endswith(ERROR):
            value = f"{score['value']:.1%}" if name in SHARES else f"{score['value']:.3g}"
            if error := known.get(name + ERROR):
                value += f" ± {error['value']:.1g}"
            together.setdefault(score["protocol"], []).append(f"{name.replace('_', ' ')} {value}")
    return [(", ".join(values), protocol) for protocol, values in together.items()]


def training(record: Record) -> str:
    """Return how long the training took."""
    known = record.get("training", {})
    units = {"hours": "hours", "core_hours": "core-hours"}
    parts = [f"{known[key]:g} {unit}" for key, unit in units.items() if key in known]
    parts += [f"{known['images_seen']:,} images"] if "images_seen" in known else []
    parts += (
        [f"{record['recipe']['epochs']} epochs"] if "epochs" in record.get("recipe", {}) else []
    )
    parts += [f"epoch {known['best_epoch']} was kept"] if "best_epoch" in known else []
    return ", ".join(parts) or "not said"


def drawn(record: Record) -> str:
    """Return what a preset's images are."""
    height, width, channels = record["image_shape"]
    parts = [f"{height}x{width}", {1: "grey", 3: "colour"}.get(channels, f"{channels} channels")]
    if classes := record.get("num_classes") or len(record.get("class_names") or []):
        parts.append(f"{classes} classes")
    return ", ".join(parts)


def megabytes(record: Record) -> str:
    """Return the size of the weights."""
    return f"{record['files']['model.safetensors']['size'] / 1e6:.1f} MB"


def licence(record: Record) -> str:
    """Return the licence of the weights."""
    name = record.get("license", "not said")
    return LICENCES.get(name, name)


def words(value: Any) -> str:
    """Return a value of a record as people read it."""
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {words(each)}" for key, each in value.items())
    if isinstance(value, list):
        return ", ".join(map(words, value)) or "none"
    if value is None or isinstance(value, bool):
        return {True: "yes", False: "no", None: "none"}[value]
    return str(value)


def prose(text: Any) -> str:
    """Return a text as one line that Markdown does not take for markup."""
    line = html.escape(" ".join(str(text).split()), quote=False)
    return re.sub(r"([|*_`\[\]])", r"\\\1", line)
