"""Few images: what helps? `python tools/small_data.py --source art --data pokemon`. Run it again.

Networks of one shape are trained on the first images of a shuffled dataset in four ways: from new
weights or from a preset's, without and with augmentation; all else is the recipe of
`GAN.fine_tuning_recipe`, and as many rounds. The score is KID between samples and images that no
training has seen. Each is a run of `ganzoo.runs.train`: a killed one goes on, and a finished one is
not trained further. At the end, the table is printed, and written with a
picture of samples into `--out`.
"""

import argparse
import csv
import statistics
from pathlib import Path

import numpy as np
from PIL import Image

import ganzoo
from ganzoo.files import whole_file

WAYS = {  # (from the preset's weights, with augmentation)
    "from scratch": (False, False),
    "from scratch, augmented": (False, True),
    "fine-tuned": (True, False),
    "fine-tuned, augmented": (True, True),
}
SHOWN = 4  # samples along a side, in each place of the picture


def images_of(data: str, image_shape: tuple[int, int, int]) -> np.ndarray:
    """Return the images of a dataset, or of one of its classes (`art:baroque`), shuffled."""
    name, _, class_name = data.partition(":")
    found = ganzoo.datasets.read(name, image_shape)
    images = found.images
    if class_name:
        images = images[found.labels == found.class_names.index(class_name)]
    return images[np.random.default_rng(0).permutation(len(images))]


def model(options: argparse.Namespace, way: str, seed: int) -> ganzoo.GAN:
    """Return a compiled model of the preset's networks, with or without its weights."""
    tuned, augmented = WAYS[way]
    gan = ganzoo.from_preset(
        options.source,
        load_weights=tuned,
        num_classes=None,
        seed=seed,
        dtype=options.dtype,
        verbose=False,
    )
    recipe = gan.fine_tuning_recipe()
    if not augmented:
        recipe["augmentation"] = None
    if tuned and options.frozen_stages is not None:
        recipe["frozen_stages"] = options.frozen_stages
    gan.compile(**recipe)
    return gan


def train(options: argparse.Namespace, way: str, count: int, seed: int) -> Path:
    """Train and score a model in its folder, from where that stands."""
    folder = options.out / f"{way.replace(', ', '-').replace(' ', '-')}-{count}-{seed}"
    epochs = options.rounds // options.every
    if (folder / "samples" / f"epoch-{epochs:04d}.png").is_file() and len(curve(folder)) >= epochs:
        return folder
    gan = model(options, way, seed)
    images = images_of(options.data, gan.image_shape)
    held_out = images[max(options.counts) :]
    ganzoo.runs.train(
        gan,
        images[:count],
        folder,
        epochs,
        options.batch_size,
        steps_per_epoch=options.every,
        flip=True,
        callbacks=[
            ganzoo.callbacks.EvaluateSamples(
                held_out, options.extractor, ["kid"], n=options.samples
            ),
            ganzoo.callbacks.TrainingFilm(
                folder / "film.gif", n=SHOWN**2, frames=folder / "samples"
            ),
        ],
        verbose=2,
    )
    return folder


def curve(folder: Path) -> list[float]:
    """Return the scores of the epochs, in thousandths."""
    with (folder / "log.csv").open(newline="") as file:
        return [1000 * float(row["kid"]) for row in csv.DictReader(file)]


def table(options: argparse.Namespace, runs: dict[tuple[str, int], list[Path]]) -> str:
    """Return the scores at the end, and in brackets the best of each run, as Markdown."""

    def cell(curves: list[list[float]]) -> str:
        last, best = [each[-1] for each in curves], [min(each) for each in curves]
        spread = f" ± {statistics.stdev(last):.1f}" if len(last) > 1 else ""
        return f"{statistics.mean(last):.1f}{spread} ({statistics.mean(best):.1f})"

    lines = [["KID x 1000", *(f"{count:,} images" for count in options.counts)]]
    lines.append(["---"] * len(lines[0]))
    for way in options.ways:
        lines.append([way, *(cell([curve(f) for f in runs[way, n]]) for n in options.counts)])
    text = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return (
        f"{text}\n\nAfter {options.rounds:,} rounds of {options.batch_size}; in brackets, the "
        f"best of every {options.every:,} rounds. {options.samples:,} samples against the images "
        f"of {options.data} beyond the first {max(options.counts):,}; extractor "
        f"{options.extractor}; preset {options.source}; {options.dtype}; seeds {options.seeds}."
    )


def picture(options: argparse.Namespace, runs: dict[tuple[str, int], list[Path]]) -> Image.Image:
    """Return the last samples: a row for each way, a column for each number of images."""
    grids = [
        [sorted((runs[way, count][0] / "samples").glob("*.png"))[-1] for count in options.counts]
        for way in options.ways
    ]
    opened = [[Image.open(path) for path in row] for row in grids]
    width, height = opened[0][0].size
    gap = width // 10
    size = (len(options.counts) * (width + gap) - gap, len(options.ways) * (height + gap) - gap)
    sheet = Image.new("RGB", size, "white")
    for y, row in enumerate(opened):
        for x, grid in enumerate(row):
            sheet.paste(grid, (x * (width + gap), y * (height + gap)))
    return sheet


def main(arguments: list[str] | None = None) -> None:
    """Train what is not trained yet, and compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--source", required=True, help="the preset, as from_preset takes it")
    parser.add_argument("--data", required=True, help="a dataset, or a class of it: art:baroque")
    parser.add_argument("--out", type=Path, default=Path("runs", "small-data"))
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=list(WAYS), help="of the four")
    parser.add_argument("--counts", type=int, nargs="+", default=[50, 200, 1000])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--frozen-stages", type=int, help="when fine-tuned, not the recipe's")
    parser.add_argument("--rounds", type=int, default=2000)
    parser.add_argument("--every", type=int, default=250, help="rounds between two scores")
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--dtype", default="float32", help="faster on torch: mixed_bfloat16")
    parser.add_argument("--samples", type=int, default=1000)
    parser.add_argument("--extractor", default="inception")
    options = parser.parse_args(arguments)
    runs = {
        (way, count): [train(options, way, count, seed) for seed in options.seeds]
        for count in options.counts
        for way in options.ways
    }
    text = table(options, runs)
    print(text)
    with whole_file(options.out / "table.md") as partial:
        partial.write_text(text + "\n", encoding="utf-8")
    with whole_file(options.out / "samples.png") as partial:
        picture(options, runs).save(partial)


if __name__ == "__main__":
    main()
