"""How well odd digits are told from normal ones: `python benchmarks/anomalies.py`.

Each digit of MNIST is the normal one once. The generator is the preset `mnist` asked for that class
alone; its discriminator has seen the others, too. Of the test set, the last images of the normal
digit are scored, and as many of the others (on the first ones of 2, 5 and 8, the weight of the
latents was chosen). Beside the scores of `ganzoo.latents.anomalies` stands
the distance to the nearest of 5,000 training images of the normal digit, in pixels (k = 1) and in
what the discriminator sees. Prints the area under the ROC curve, and times.
"""

import argparse
import time

import numpy as np

import ganzoo
from ganzoo.latents import anomalies, threshold, train_encoder
from ganzoo.metrics import nearest_neighbours
from ganzoo.pictures import image_grid, save_picture

PER_DIGIT = 5000


def auc(normal, odd):
    return (odd[:, None] > normal).mean() + (odd[:, None] == normal).mean() / 2


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=54, help="normal ones, and odd ones")
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--encoder", action="store_true", help="says where to begin")
    parser.add_argument("--picture", help="the oddest and the most normal of the last digit")
    asked = parser.parse_args()
    gan = ganzoo.from_preset("mnist", compile=False)
    training, classes = ganzoo.datasets.load("mnist")
    images, labels = ganzoo.datasets.load("mnist", "test")
    each = asked.images // 9
    seconds, alarms, rows = {}, [], []
    search = {"steps": asked.steps}
    if asked.encoder:
        start = time.perf_counter()
        search |= {"encoder": train_encoder(gan), "restarts": 1}
        print(f"the encoder is trained after {time.perf_counter() - start:.0f} s", flush=True)
    for digit in range(10):
        others = [np.flatnonzero(labels == other)[-each:] for other in range(10) if other != digit]
        normal = np.flatnonzero(labels == digit)[-2 * asked.images :]
        calibration, normal = normal[asked.images :], normal[: asked.images]
        scored = images[np.concatenate([normal, calibration, *others])]
        start = time.perf_counter()
        found = anomalies(gan, scored, [digit] * len(scored), **search)
        seconds["search"] = (time.perf_counter() - start) / len(scored)
        known = training[classes == digit][:PER_DIGIT]
        scores = {
            "score": found.scores, "pixels": found.residuals, "features": found.features
        }  # fmt: skip
        for name, see in {"k-NN, pixels": lambda a: a.reshape(len(a), -1).astype(np.float32),
                          "k-NN, features": gan.discriminator_features}.items():  # fmt: skip
            reference = see(known)
            start = time.perf_counter()
            scores[name] = nearest_neighbours(reference, see(scored)).distances[:, 0]
            seconds[name] = (time.perf_counter() - start) / len(scored)
        parts = {name: np.split(all_of_them, [len(normal), 2 * len(normal)])
                 for name, all_of_them in scores.items()}  # fmt: skip
        first, middle, _ = parts["score"]
        alarms.append((first > threshold(middle, 0.05)).mean())
        rows.append([auc(part[0], part[2]) for part in parts.values()])
        print(f"| {digit} | " + " | ".join(f"{value:.3f}" for value in rows[-1]) + " |", flush=True)
    print("| | " + " | ".join(scores) + " |")
    print("| mean | " + " | ".join(f"{value:.3f}" for value in np.mean(rows, axis=0)) + " |")
    print({name: round(value, 3) for name, value in seconds.items()}, "seconds an image")
    print(f"false alarms at 5 %: {np.mean(alarms):.1%}")
    if asked.picture:
        order = np.argsort(found.scores)
        chosen = np.concatenate([order[::-1][:10], order[:10]])
        parts = [part[chosen] for part in (scored, found.drawn, found.maps)]
        half = [part[:10] for part in parts] + [part[10:] for part in parts]
        save_picture(asked.picture, image_grid(np.stack(half)))


if __name__ == "__main__":
    main()
