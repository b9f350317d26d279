"""Train the bundled presets: `nox -s train_presets -- mnist --check`. Killed? Run it again.

Each is made by commands that anyone can give: its runs lie in `RUNS`, the last one in a folder of
its name; a finished run is not trained further. At the end, the preset is written into its family's
folder, and its record for that family's presets is printed. With `--check`, it is scored, beside
real images against others; `256.png` and `neighbours.png` in the run's folder are to be looked at.
"""

import argparse
import csv
import json
import math
import os
import statistics
from collections.abc import Mapping, Sequence
from contextlib import chdir
from itertools import pairwise
from pathlib import Path
from typing import Any

import keras
import numpy as np
from PIL import Image

import ganzoo
from ganzoo.cli import main as command_line
from ganzoo.files import whole_file
from ganzoo.metrics.extractors import SUITED, get
from ganzoo.metrics.extractors.classifiers import CLASSIFIERS, classifier
from ganzoo.metrics.neighbours import draw_neighbours
from ganzoo.pictures.film import caption_of, evenly, pictures_in
from ganzoo.presets.preset_folder import METADATA, WEIGHTS
from ganzoo.storage import sha256

PACKAGE = Path(__file__).parents[1] / "src" / "ganzoo"
BALANCED = "--recipe balanced --precision mixed_bfloat16"
RELATIVISTIC = "--loss relativistic --r2 0.05 --noise 0"
FASTGAN = "--family fastgan --base-filters 16 --precision mixed_bfloat16"
EMOJI = f"train emoji {FASTGAN} --epochs 60 --watch-every 3 --out emoji"
COMMANDS: Mapping[str, Sequence[str]] = {
    "mnist": [f"train mnist {BALANCED} --epochs 30 --out mnist"],
    "fashion_mnist": [
        f"train fashion_mnist {BALANCED} --epochs 30 --out fashion_mnist-1",
        f"finetune ./fashion_mnist-1 fashion_mnist --recipe balanced {RELATIVISTIC} "
        "--batch-size 64 --epochs 36 --watch-every 3 --out fashion_mnist",
    ],
    "cifar10": [
        f"train cifar10 --family dcgan {BALANCED} {RELATIVISTIC} --flip --epochs 30 "
        "--watch-every 3 --out cifar10"
    ],
    "pokemon": [f"train pokemon {FASTGAN} --flip --epochs 80 --watch-every 10 --out pokemon"],
    "art": [
        f"train art --family dcgan {BALANCED} --base-filters 32 --discriminator-filters 32 "
        "--augmentation translation --batch-size 32 --flip --epochs 25 --out art"
    ],
    "emoji": [EMOJI],
    "emoji-128": [
        EMOJI,
        "finetune ./emoji emoji --image-size 128 --batch-size 8 --epochs 5 --out emoji-128",
    ],
}
RESEARCH = ("pokemon", "art")  # what the images' rights allow
RECOGNISED = 10_000  # images that a classifier looks at
COMPARED = 1000  # images that Inception looks at where there is no test set
METRICS = ("fid", "kid")
FRAMES = 40  # of the film, at most
WIDEST = 960  # pixels of a frame
CURVE = ("discriminator_loss", "generator_loss", "real_score", "fake_score")


def train(name: str, runs: Path) -> list[Path]:
    """Carry out a preset's commands, from where its runs stand, and return their folders."""
    runs.mkdir(parents=True, exist_ok=True)
    words = [each.split() for each in COMMANDS[name]]
    with chdir(runs):
        for each in words:
            command_line(each, standalone_mode=False)
    return [runs / each[each.index("--out") + 1] for each in words]


def describe(name: str, folders: Sequence[Path], cores: int) -> dict[str, Any]:
    """Return what is to be known of a preset: its data, its recipe, and how the training went."""
    *_, last = runs = [about(folder) for folder in folders]
    *_, gan = gans = [ganzoo.from_preset(each, load_weights=False) for each in folders]
    kind = "class-conditional" if gan.conditional else "unconditional"
    article = "A" if gan.conditional else "An"
    grown = "" if gans[0].image_shape == gan.image_shape else ", grown from a smaller one"
    return {
        "description": f"{article} {kind} {type(gan).__name__}{grown}, trained on "
        f"{last['data']['name']}.",
        "license": "other" if name in RESEARCH else "apache-2.0",
        "data": last["data"],
        "recipe": {
            **{part: value for part, value in last["recipe"].items() if value is not None},
            "backend": keras.backend.backend(),
            "commands": [f"ganzoo {each}" for each in COMMANDS[name]],
        },
        "training": {
            **last["training"],
            "images_seen": sum(map(images_seen, runs)),
            "core_hours": round(cores * sum(hours(each) for each in folders), 2),
            "curve": curves(folders),
        },
    }


def about(folder: Path) -> dict[str, Any]:
    """Return what the model of a run says of itself."""
    found: dict[str, Any] = json.loads((folder / METADATA).read_text(encoding="utf-8"))["about"]
    return found


def images_seen(run: Mapping[str, Any]) -> int:
    """Return how many images a run's model had seen."""
    recipe, training = run["recipe"], run["training"]
    batch = recipe["batch_size"]
    steps = recipe.get("steps_per_epoch") or math.ceil(training["images"] / batch)
    return int(training["best_epoch"] * steps * batch)


def hours(folder: Path) -> float:
    """Return how long a run took; of one that was resumed, without the pauses."""
    drawn = [(path.stat().st_mtime, int(path.stem.rpartition("-")[2])) for path in frames(folder)]
    epoch = [(later[0] - one[0]) / (later[1] - one[1]) for one, later in pairwise(drawn)]
    return statistics.median(epoch or [0.0]) * len(log(folder)) / 3600


def frames(folder: Path) -> list[Path]:
    """Return the pictures that a run drew, epoch after epoch."""
    return pictures_in(folder / "samples")


def log(folder: Path) -> list[dict[str, str]]:
    """Return what a run has noted of each epoch."""
    with (folder / "log.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def curves(folders: Sequence[Path]) -> dict[str, list[float]]:
    """Return the means of each epoch, of one run after the other."""
    rows = [row for folder in folders for row in log(folder)]
    return {key: [round(float(row[key]), 3) for row in rows] for key in CURVE}


def film(folders: Sequence[Path], path: Path) -> None:
    """Write the film of all runs, the pictures of smaller images enlarged."""
    drawn = [each for folder in folders for each in evenly(frames(folder), FRAMES // len(folders))]
    with Image.open(drawn[-1]) as last:
        share = min(WIDEST / max(last.size), 1.0)
        size = [round(share * length) for length in last.size]
    pictures = []
    for each in drawn:
        with Image.open(each) as picture:
            same = picture.size == tuple(size)
            enlarged = picture.convert("RGB").resize(size, Image.Resampling.BILINEAR)
            pictures.append(picture.copy() if same else enlarged)
    ganzoo.pictures.save_film(path, pictures, [caption_of(each) for each in drawn])


def check(gan: ganzoo.GAN, dataset: str, run: Path) -> dict[str, Any]:
    """Return a model's scores, and draw what is to be looked at."""
    real, others = real_images(gan, dataset)
    with whole_file(run / "neighbours.png") as partial:
        draw_neighbours(real, gan.generate(9, seed=3), get("random")).save(partial)
    picture = ganzoo.pictures.image_grid(gan.generate(256, seed=1), columns=16)
    picture.save(run / "256.png")
    found = recognised(gan, dataset) if dataset in SUITED else {}
    floor = compared(real, others)
    floor = {f"{name}_of_other_real_images": floor[name] for name in METRICS if name in floor}
    return {**found, **compared(real, gan.generate(len(real), seed=0)), **floor}


def real_images(gan: ganzoo.GAN, dataset: str) -> tuple[np.ndarray, np.ndarray]:
    """Return real images to compare with, those of the test set if there is one, and others."""
    images = ganzoo.datasets.read(dataset, gan.image_shape, labels=False).images
    images = images[np.random.default_rng(0).permutation(len(images))]
    if dataset in SUITED:
        tests = ganzoo.datasets.read(dataset, gan.image_shape, labels=False, split="test").images
        return tests, images[: len(tests)]
    return images[:COMPARED], images[COMPARED : 2 * COMPARED]


def compared(real: np.ndarray, images: np.ndarray) -> dict[str, Any]:
    """Return the distance of images from real ones, with its protocol."""
    metrics = METRICS if len(real) > COMPARED else ("kid",)  # FID is for many images
    evaluation = ganzoo.metrics.evaluate(real, images, "inception", metrics=metrics, verbose=False)
    print(evaluation)
    return evaluation.for_card()


def recognised(gan: ganzoo.GAN, dataset: str) -> dict[str, Any]:
    """Return the share of images that a classifier recognises as the class that was asked for."""
    name = SUITED[dataset]
    known = CLASSIFIERS[name]
    extractor, asked = classifier(name), np.arange(RECOGNISED) % gan.num_classes
    features = extractor.features(gan.generate(RECOGNISED, labels=asked, seed=0))
    seen = extractor.probabilities(features).argmax(axis=-1)
    for number, class_name in enumerate(gan.class_names):
        print(f"{class_name}: {np.mean(seen[asked == number] == number):.1%}")
    protocol = (
        f"share of {RECOGNISED:,} images (seed=0, the classes in turn) that ganzoo's classifier "
        f"{name!r} takes for the class that was asked for; it recognises {known.accuracy:.2%} "
        f"of the {dataset} test set"
    )
    return {"accuracy": {"value": round(float(np.mean(seen == asked)), 4), "protocol": protocol}}


def record(name: str, folder: Path) -> str:
    """Return the entry of a preset among its family's."""
    metadata = json.loads((folder / METADATA).read_text(encoding="utf-8"))
    about = metadata["about"]
    weights = "Apache-2.0" if about["license"] == "apache-2.0" else "for research"
    gan = ganzoo.from_preset(folder, load_weights=False)
    return f"""    {name!r}: Preset(
        family={gan.family!r},
        description={about["description"]!r},
        dataset={about["data"]["name"]!r},
        image_shape={gan.image_shape},
        parameters={metadata["parameters"]:_},
        size={(folder / WEIGHTS).stat().st_size:_},
        rights={f"weights {weights}; data {about['data']['rights']}"!r},
        sha256={sha256(folder / METADATA)!r},
        folder=WEIGHTS / {name!r},
    ),"""


def main(arguments: list[str] | None = None) -> None:
    """Train, check and write the presets that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("presets", nargs="+", choices=COMMANDS)
    parser.add_argument("--runs", type=Path, default=Path("runs"))
    parser.add_argument("--weights", type=Path, help="default: the folder of the family's presets")
    parser.add_argument("--cores", type=int, default=os.cpu_count(), help="that it trains on")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args(arguments)
    for name in options.presets:
        folders = train(name, options.runs)
        gan = ganzoo.from_preset(folders[-1])
        gan.name = name
        weights = options.weights or PACKAGE / gan.family / "weights"
        folder, said = weights / name, describe(name, folders, options.cores)
        folder.mkdir(parents=True, exist_ok=True)
        film(folders, folder / "film.webp")
        gan.save_to_preset(folder, metadata=said)
        if options.check:  # what was written, in half precision
            gan = ganzoo.from_preset(folder)
            said["scores"] = check(gan, said["data"]["name"], folders[-1])
            gan.save_to_preset(folder, metadata=said)
        print(record(name, folder))


if __name__ == "__main__":
    main()
