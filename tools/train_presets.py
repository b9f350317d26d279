"""Train the bundled presets: `nox -s train_presets -- mnist --check`. Killed? Run it again.

The recipe of each preset is one of `ganzoo.recipes`, parts of it replaced. A run's folder holds
its checkpoints, its best epoch, a picture after every epoch, a film and `log.csv`; a finished run
is not trained further. At the end, the preset is written into the package, and its record for
`dcgan/dcgan_presets.py` is printed. With `--check`, one of the bundled classifiers scores it: that
goes into its metadata, and `256.png` in the run's folder is to be looked at.
"""

import argparse
import csv
import json
import math
import shutil
import statistics
from itertools import pairwise
from pathlib import Path
from typing import Any

import keras
import numpy as np

import ganzoo
from ganzoo import recipes
from ganzoo.files import whole_file
from ganzoo.metrics.extractors import SUITED
from ganzoo.metrics.extractors.classifiers import CLASSIFIERS, classifier
from ganzoo.presets.preset_folder import METADATA, WEIGHTS
from ganzoo.storage import sha256

PACKAGE = Path(__file__).parents[1] / "src" / "ganzoo" / "dcgan" / "weights"
SEED = 0
RUN = {"license": "apache-2.0", "batch_size": 64, "flip": False}
COLOUR = {  # drawings and paintings
    "license": "other",  # research use, as the images' rights are
    "batch_size": 32,
    "flip": True,
}
RECIPES = {
    "mnist": RUN | {"dataset": "mnist", "epochs": 30, "recipe": recipes.get("balanced")},
    "fashion_mnist": RUN
    | {"dataset": "fashion_mnist", "epochs": 30, "recipe": recipes.get("balanced")},
    "pokemon": COLOUR
    | {
        "dataset": "pokemon",
        "epochs": 450,
        "recipe": recipes.get(
            "balanced",
            base_filters=32,
            discriminator_filters=None,
            discriminator_norm="spectral",
            loss="hinge",
            r1=None,
            augmentation=recipes.get("few").augmentation,
            noise=None,
            discriminator_learning_rate=4e-4,
        ),
    },
    "art": COLOUR
    | {
        "dataset": "art",
        "epochs": 25,
        "recipe": recipes.get("balanced", base_filters=32, augmentation=["translation"]),
    },
}
RECOGNISED = 10_000  # images that a classifier looks at
COMPARED = 1000  # images that Inception looks at, and as many real ones
FILM = "film.webp"
FRAMES = 40  # at most
CURVE = ("discriminator_loss", "generator_loss", "real_score", "fake_score")


def train(name: str, folder: Path) -> ganzoo.GAN:
    """Train one preset to the end of its recipe, from where its folder stands."""
    recipe = RECIPES[name]
    images = images_of(recipe["dataset"])
    steps = recipe["epochs"] * math.ceil(len(images) / recipe["batch_size"])
    gan = build(name, images.image_shape)
    gan.compile(**recipe["recipe"].training(steps))
    every = max(recipe["epochs"] // 15, 1)
    ganzoo.runs.train(
        gan,
        images,
        folder,
        recipe["epochs"],
        recipe["batch_size"],
        flip=recipe["flip"],
        callbacks=[
            ganzoo.callbacks.BestSnapshot(folder / "best.keras", images.images, every=every),
            ganzoo.callbacks.SampleGrid(folder / "samples", n=100),
            ganzoo.callbacks.TrainingFilm(folder / FILM, most=FRAMES),
        ],
        verbose=2,
    )
    return gan


def images_of(dataset: str) -> ganzoo.datasets.ImageSet:
    """Return the training set of a dataset."""
    images, labels = ganzoo.datasets.load(dataset)
    class_names = ganzoo.datasets.DATASETS[dataset].class_names or None
    return ganzoo.datasets.ImageSet(images, labels, class_names=class_names, name=dataset)


def build(name: str, image_shape: tuple[int, int, int], **options: Any) -> ganzoo.GAN:
    """Return the model of a recipe."""
    recipe = RECIPES[name]
    class_names = ganzoo.datasets.DATASETS[recipe["dataset"]].class_names or None
    model = recipe["recipe"].model(ganzoo.DCGAN) | options
    return ganzoo.DCGAN(image_shape, class_names=class_names, seed=SEED, name=name, **model)


def in_float32(gan: ganzoo.GAN, name: str) -> ganzoo.GAN:
    """Return the same model for any machine, whatever it was trained in."""
    plain = build(name, gan.image_shape, dtype="float32")
    for network, trained in (
        (plain.generator, gan.ema_generator),
        (plain.discriminator, gan.discriminator),
    ):
        network.set_weights(trained.get_weights())
    return plain


def describe(name: str, folder: Path) -> dict:
    """Return what is to be known of a preset: its data, its recipe, and how the training went."""
    recipe = RECIPES[name]
    run = json.loads((folder / METADATA).read_text(encoding="utf-8"))["about"]
    dataset = ganzoo.datasets.DATASETS[recipe["dataset"]]
    kind = "A class-conditional" if dataset.class_names else "An unconditional"
    return {
        "description": f"{kind} DCGAN, trained on the training set of {recipe['dataset']}.",
        "license": recipe["license"],
        "data": run["data"],
        "recipe": {
            **{key: value for key, value in recipe.items() if key not in ("license", "recipe")},
            **recipe["recipe"].parts(),
            "seed": SEED,
            "backend": keras.backend.backend(),
        },
        "training": {
            "hours": hours(folder / "samples"),
            "best_epoch": run["training"]["best_epoch"],
            "curve": curve(folder),
        },
    }


def curve(folder: Path) -> dict[str, list[float]]:
    """Return the means of each epoch."""
    with (folder / "log.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    return {key: [round(float(row[key]), 3) for row in rows] for key in CURVE}


def hours(samples: Path) -> float:
    """Return how long the epochs took; those of a resumed run count without the pauses."""
    times = sorted(path.stat().st_mtime for path in samples.glob("epoch-*.png"))
    epoch = statistics.median([later - earlier for earlier, later in pairwise(times)])
    return round(len(times) * epoch / 3600, 2)


def check(gan: ganzoo.GAN, dataset: str) -> dict:
    """Return the scores of a model: what is recognised, or the distance from real images."""
    if dataset in SUITED:
        return recognised(gan, dataset)
    images, _ = ganzoo.datasets.load(dataset)
    real = images[np.random.default_rng(SEED).permutation(len(images))[:COMPARED]]
    evaluation = ganzoo.metrics.evaluate(
        real, gan.generate(COMPARED, seed=0), "inception", metrics=["kid"]
    )
    print(evaluation)
    return evaluation.for_card()


def recognised(gan: ganzoo.GAN, dataset: str) -> dict:
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
    """Return the entry of a preset in `ganzoo/dcgan/dcgan_presets.py`."""
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
    parser.add_argument("presets", nargs="+", choices=RECIPES)
    parser.add_argument("--runs", type=Path, default=Path("runs"))
    parser.add_argument("--weights", type=Path, default=PACKAGE)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args(arguments)
    for name in options.presets:
        run, folder = options.runs / name, options.weights / name
        gan, about = in_float32(train(name, run), name), describe(name, run)
        with whole_file(folder / FILM) as partial:
            shutil.copy(run / FILM, partial)
        gan.save_to_preset(folder, metadata=about)
        if options.check:  # what was written, in half precision
            gan = ganzoo.from_preset(folder)
            about["scores"] = check(gan, RECIPES[name]["dataset"])
            print(about["scores"])
            gan.save_to_preset(folder, metadata=about)
            picture = ganzoo.pictures.image_grid(gan.generate(256, seed=1), columns=16)
            picture.save(run / "256.png")
        print(record(name, folder))


if __name__ == "__main__":
    main()
