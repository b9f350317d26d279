"""What a training would take: a few of its rounds are tried."""

import sys
import time
from typing import Any, NamedTuple

import keras
import numpy as np

from ganzoo.callbacks.state_file import variables
from ganzoo.gan import GAN
from ganzoo.runs.run_images import images_for

TRIED = 5  # rounds that are timed, after as many to warm up


class Plan(NamedTuple):
    """What a training would take.

    Attributes:
        images: how many there are.
        rounds: in an epoch.
        seconds: of an epoch, without pictures and scores.
        parameters: of both networks.
        memory: the most bytes of main memory that this process has held; None where the system
            does not say.

    Example:
        ```python
        import ganzoo
        import numpy as np

        images = np.random.default_rng(0).integers(0, 256, (64, 16, 16, 1), dtype="uint8")
        gan = ganzoo.DCGAN((16, 16, 1), base_filters=8)
        gan.compile()
        print(ganzoo.runs.plan(gan, images).seconds)
        ```
    """

    images: int
    rounds: int
    seconds: float
    parameters: int
    memory: int | None


def plan(
    gan: GAN, data: Any, batch_size: int | None = None, steps_per_epoch: int | None = None
) -> Plan:
    """Try a few rounds of a training, and say what an epoch takes; the model stays as it is.

    Args:
        gan: compiled.
        data: images, as `train` takes them.
        batch_size: images in a batch, by default the family's `batch_size`.
        steps_per_epoch: rounds in an epoch; by default as many as show every image once.

    Returns:
        A `Plan`.

    Raises:
        ValueError: images that do not fit the model, or a model that is not compiled.

    Example:
        ```python
        import ganzoo
        import numpy as np

        images = np.random.default_rng(0).integers(0, 256, (64, 16, 16, 1), dtype="uint8")
        gan = ganzoo.DCGAN((16, 16, 1), base_filters=8)
        gan.compile()
        plan = ganzoo.runs.plan(gan, images, batch_size=16)
        print(f"{plan.rounds} rounds take {plan.seconds:.1f} s")
        ```
    """
    if not gan.compiled:
        raise ValueError("Compile the model before its rounds are tried: gan.compile().")
    images = images_for(gan, data)
    batch_size = gan.batch_size if batch_size is None else batch_size
    batches = images.batches(batch_size=batch_size, steps=steps_per_epoch, seed=gan.seed)
    watch = Stopwatch()
    before = [np.array(keras.ops.convert_to_numpy(each)) for each in variables(gan)]
    gan.fit(batches, epochs=2, steps_per_epoch=TRIED, verbose=0, callbacks=[watch])
    for variable, value in zip(variables(gan), before, strict=True):
        variable.assign(value)
    return Plan(
        images=len(images),
        rounds=batches.steps,
        seconds=watch.seconds / TRIED * batches.steps,
        parameters=gan.generator.count_params() + gan.discriminator.count_params(),
        memory=most_memory(),
    )


class Stopwatch(keras.callbacks.Callback):
    """Times the last epoch."""

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self.begun = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self.seconds = time.perf_counter() - self.begun


def most_memory() -> int | None:
    """Return the most bytes that this process has held so far."""
    if sys.platform == "win32":
        return None
    import resource

    unit = 1 if sys.platform == "darwin" else 1024  # bytes
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
