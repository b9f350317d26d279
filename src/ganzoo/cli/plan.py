"""What a training would be, for `--dry-run`."""

import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import keras

import ganzoo
from ganzoo.cli.tables import print_table
from ganzoo.datasets.arrays import ImageArrays

TRIED = 5  # rounds that are timed, after as many to warm up


class Stopwatch(keras.callbacks.Callback):
    """Times the last epoch."""

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self.begun = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self.seconds = time.perf_counter() - self.begun


def print_plan(
    gan: ganzoo.GAN, batches: ImageArrays, out: Path, options: Mapping[str, Any]
) -> None:
    """Print what a training would be, after trying a few of its rounds."""
    watch = Stopwatch()
    gan.fit(batches, epochs=2, steps_per_epoch=TRIED, verbose=0, callbacks=[watch])
    parameters = gan.generator.count_params() + gan.discriminator.count_params()
    epoch = watch.seconds / TRIED * batches.num_batches
    print_table(
        [
            *(
                (name.replace("_", " "), value)
                for name, value in options.items()
                if value is not None
            ),
            ("run folder", f"{out} ({'goes on' if out.exists() else 'new'})"),
            ("images", f"{batches.count:,} of {'x'.join(map(str, gan.image_shape))}"),
            ("classes", ", ".join(gan.class_names or []) or "none"),
            ("parameters", f"{parameters:,}"),
            ("rounds", f"{batches.num_batches:,} in an epoch"),
            ("backend", f"{keras.backend.backend()}, on {keras.ops.zeros(()).device}"),
            ("time", f"{duration(epoch)} an epoch, {duration(epoch * options['epochs'])} in all"),
            ("memory", most_memory()),
        ]
    )
    click.echo(f"Timed on {TRIED} rounds, without pictures and scores. Nothing was written.")


def duration(seconds: float) -> str:
    """Return a time in the unit that suits it."""
    for unit, length in (("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{seconds / length:.1f} {unit}"
    return f"{seconds:.1f} s"


def most_memory() -> str:
    """Return the most memory that this process has held so far."""
    if sys.platform == "win32":
        return "unknown"
    import resource

    unit = 1 if sys.platform == "darwin" else 1024  # bytes
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    return f"{used / 1e9:.1f} GB of main memory"
