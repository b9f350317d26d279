"""Train the preset `emoji-128`, first small and then grown: `python tools/train_emoji.py`.

It is trained in `RUNS/emoji-64` and `RUNS/emoji-128`. Killed? Run it again: it goes on where it
stopped, and with more `--epochs` it trains further. At the end the preset is written into the
package, scored with FID's network beside real images against real ones, and its record for
`fastgan/fastgan_presets.py` is printed; `neighbours.png` in the run's folder is to be looked at.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import keras
import numpy as np
from PIL import Image

import ganzoo
from ganzoo import callbacks
from ganzoo.files import whole_file
from ganzoo.metrics import extractors
from ganzoo.metrics.neighbours import draw_neighbours
from ganzoo.pictures.film import caption_of, evenly, pictures_in
from ganzoo.presets.preset_folder import METADATA
from train_presets import curve, record

NAME = "emoji-128"
PACKAGE = Path(__file__).parents[1] / "src" / "ganzoo" / "fastgan" / "weights"
SIDES = (64, 128)
OPTIONS: dict[str, Any] = {"base_filters": 16, "seed": 0}
BATCH = 8
COMPARED = 1000  # images drawn, and as many real ones
FILM = "film.webp"
SHOWN = 96  # pixels of an image in the film
FRAMES = 20  # at most, of each size


def images_of(side: int) -> ganzoo.datasets.ImageSet:
    """Return all emoji on white, with their nine groups."""
    return ganzoo.datasets.read("emoji", (side, side, 3))


def train(gan: ganzoo.GAN, folder: Path, epochs: int) -> ganzoo.GAN:
    """Train a model by its family's recipe, from where its folder stands."""
    side = gan.image_shape[0]
    images = images_of(side)
    gan.compile()
    watching = [
        callbacks.BestSnapshot(folder / "best.keras", images.images, every=max(epochs // 15, 1)),
        callbacks.SampleGrid(folder / "samples", n=64),
        callbacks.TrainingFilm(folder / FILM, most=FRAMES, frames=folder / "film-frames"),
    ]
    ganzoo.runs.train(gan, images, folder, epochs, BATCH, callbacks=watching, verbose=2)
    return gan


def trained(runs: Path, epochs: tuple[int, int]) -> ganzoo.GAN:
    """Return the model of 128 pixels, which began as that of 64."""
    small, large = (runs / f"emoji-{side}" for side in SIDES)
    if not (small / METADATA).exists():
        names = images_of(SIDES[0]).class_names
        gan = ganzoo.FastGAN((SIDES[0],) * 2 + (3,), class_names=names, name=NAME, **OPTIONS)
        train(gan, small, epochs[0])
    gan = ganzoo.from_preset(small, image_shape=(SIDES[1], SIDES[1], 3), compile=False)
    return train(gan, large, epochs[1])


def scores(gan: ganzoo.GAN) -> dict[str, Any]:
    """Return the distance from real images, beside that of other real images from those."""
    real, others = real_images()
    found = compared(real, gan.generate(COMPARED, seed=0))
    floor = compared(real, others)
    return {**found, "kid_of_other_real_images": floor["kid"]}


def real_images() -> tuple[np.ndarray, np.ndarray]:
    """Return real images to compare with, and the others."""
    real = images_of(SIDES[1]).images
    rows = np.random.default_rng(0).permutation(len(real))
    return real[rows[:COMPARED]], real[rows[COMPARED:]]


def compared(real: np.ndarray, images: np.ndarray) -> dict[str, Any]:
    """Return the distance of images from real ones, with its protocol."""
    evaluation = ganzoo.metrics.evaluate(real, images, "inception", metrics=["kid"], verbose=False)
    print(evaluation)
    return evaluation.for_card()


def neighbours(gan: ganzoo.GAN, path: Path) -> None:
    """Draw images, each before the seven real ones that are nearest to it."""
    real, extractor = images_of(SIDES[1]).images, extractors.get("random")
    with whole_file(path) as partial:
        draw_neighbours(real, gan.generate(9, seed=3), extractor).save(partial)


def film(runs: Path, path: Path) -> None:
    """Write the film of both trainings, the small one's images enlarged."""
    folders = [runs / f"emoji-{side}" / "film-frames" for side in SIDES]
    frames, captions = [], []
    for side, folder in zip(SIDES, folders, strict=True):
        for each in evenly(pictures_in(folder), FRAMES):
            with Image.open(each) as picture:
                size = [round(SHOWN / side * length) for length in picture.size]
                frames.append(picture.convert("RGB").resize(size, Image.Resampling.BILINEAR))
            captions.append(f"{side} pixels, {caption_of(each)}")
    ganzoo.pictures.save_film(path, frames, captions)


def describe(runs: Path, core_hours: float) -> dict[str, Any]:
    """Return what is to be known of the preset: its data, its recipe, and how the training went."""
    small, large = (runs / f"emoji-{side}" for side in SIDES)
    about = json.loads((large / METADATA).read_text(encoding="utf-8"))["about"]
    curves = [curve(folder) for folder in (small, large)]
    images = len(images_of(SIDES[0]).images)
    epochs = [len(each["generator_loss"]) for each in curves]
    best = about["training"].get("best_epoch", epochs[1])
    return {
        "description": "A class-conditional FastGAN, grown from 64 pixels, trained on emoji.",
        "license": "apache-2.0",
        "data": about["data"],
        "recipe": {
            **OPTIONS,
            "batch_size": BATCH,
            "epochs": sum(epochs),
            "epochs_at_64_pixels": epochs[0],
            "compile": "the family's recipe, at both sizes",
            "backend": keras.backend.backend(),
        },
        "training": {
            "images_seen": images * (epochs[0] + best),
            "hours": core_hours,  # of one core
            "best_epoch": epochs[0] + best,
            "note": "hours of one core; short, and to be gone on with by compile() and fit()",
            "curve": {key: curves[0][key] + curves[1][key] for key in curves[0]},
        },
    }


def main(arguments: list[str] | None = None) -> None:
    """Train, score and write the preset."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, nargs=2, default=(200, 100), help="at both sizes")
    parser.add_argument("--core-hours", type=float, required=True, help="as the system says")
    parser.add_argument("--runs", type=Path, default=Path("runs"))
    parser.add_argument("--weights", type=Path, default=PACKAGE)
    options = parser.parse_args(arguments)
    gan = trained(options.runs, tuple(options.epochs))
    run, folder = options.runs / f"emoji-{SIDES[1]}", options.weights / NAME
    about = describe(options.runs, options.core_hours)
    folder.mkdir(parents=True, exist_ok=True)
    film(options.runs, folder / FILM)
    gan.save_to_preset(folder, metadata=about)
    gan = ganzoo.from_preset(folder)  # what was written, in half precision
    gan.save_to_preset(folder, metadata=about | {"scores": scores(gan)})
    neighbours(gan, run / "neighbours.png")
    print(record(NAME, folder))


if __name__ == "__main__":
    main()
