"""How well torn digits are completed: `python benchmarks/completion.py --images 100`.

Held-out digits of MNIST (or garments: `--dataset fashion_mnist`), the first of each class, with the
right half missing and with 80 % of the pixels missing. Beside what the preset draws stand the mean
training image, the training image nearest at the known pixels, and bilinear interpolation between
known pixels (the nearest known one outside of their hull). Needs the dataset and scipy.
"""

import argparse
import time

import numpy as np
from scipy.interpolate import griddata

import ganzoo
from ganzoo.latents import complete
from ganzoo.metrics import classifier
from ganzoo.pictures import image_grid, save_picture

CLASSIFIERS = {"mnist": "digits", "fashion_mnist": "fashion"}


def bilinear(image, hole):
    known, missing = np.argwhere(~hole), np.argwhere(hole)
    filled = image.astype(float)
    for method in ("nearest", "linear"):
        values = griddata(known, image[~hole], missing, method)
        filled[hole] = np.where(np.isnan(values), filled[hole], values)
    return filled


def nearest(image, hole, training):
    known = training[:, ~hole].astype(np.float32) - image[~hole]
    return training[np.square(known).sum(axis=(1, 2)).argmin()]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dataset", default="mnist", choices=CLASSIFIERS)
    parser.add_argument("--images", type=int, default=100)
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--picture", help="the first ten, as a picture for each mask: NAME-{}.png")
    asked = parser.parse_args()
    gan = ganzoo.from_preset(asked.dataset, compile=False)
    training, _ = ganzoo.datasets.load(asked.dataset)
    images, labels = ganzoo.datasets.load(asked.dataset, "test")
    each = asked.images // 10
    chosen = np.concatenate([np.flatnonzero(labels == label)[:each] for label in range(10)])
    images, labels = images[chosen], labels[chosen]
    judge = classifier(CLASSIFIERS[asked.dataset])
    random = np.random.default_rng(0)
    half = np.broadcast_to(np.arange(28) >= 14, images.shape[:3])
    for name, holes in {"half": half, "80 %": random.random(images.shape[:3]) < 0.8}.items():
        start = time.perf_counter()
        found = complete(gan, images, holes, steps=asked.steps)
        seconds = (time.perf_counter() - start) / len(images)
        knowing = complete(gan, images, holes, labels, steps=asked.steps)
        pairs = list(zip(images, holes, strict=True))
        filled = {
            "mean image": np.where(holes[..., None], training.mean(axis=0), images),
            "nearest training image": np.where(
                holes[..., None], [nearest(*pair, training) for pair in pairs], images
            ),
            "bilinear": np.array([bilinear(*pair) for pair in pairs]),
            "completed": found.images[:, 0],
            "completed, class given": knowing.images[:, 0],
            "(whole)": images,
        }
        print(f"{name} missing, {seconds:.1f} s an image; class found of "
              f"{(found.labels[:, 0] == labels).mean():.0%}")  # fmt: skip
        for what, result in filled.items():
            result = np.rint(result).astype(np.uint8)
            off = np.sqrt(np.square(result.astype(float) - images)[holes].mean())
            taken = judge.probabilities(judge.features(result)).argmax(axis=-1)
            print(f"| {what} | {off:.1f} | {(taken == labels).mean():.0%} |", flush=True)
        if asked.picture:
            torn = np.where(holes[..., None], 128, images)
            rows = [torn, *list(filled.values())[1:5], images]
            rows = np.rint([row[::each] for row in rows]).astype(np.uint8)
            save_picture(asked.picture.format(name.split()[0]), image_grid(rows))


if __name__ == "__main__":
    main()
