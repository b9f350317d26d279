"""Drawing images, many and one: `generate` beside a bare forward loop, and in a cold process.

`KERAS_BACKEND=jax python benchmarks/generate.py`; prints a table of medians. Where the packages for
it are installed, the exported file draws in onnxruntime, too. With `BENCHMARK_CLOCK=cpu`, warm
models are timed by the seconds of the processor, for one thread on a busy machine.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from statistics import median

import keras
import numpy as np

import ganzoo
from ganzoo.gan import export
from referee import CLOCK
from table import begin, longer, row

COUNT = 10_000
BATCH_SIZE = 64
TURNS = 7


def bare_loop(gan: ganzoo.DCGAN, count: int, batch_size: int) -> Callable[[], np.ndarray]:
    """Return a loop over the generator and nothing else, compiled as its framework's users do."""
    generator, backend = gan.generator, keras.backend.backend()
    variables = [
        [variable.value for variable in each]
        for each in (generator.trainable_variables, generator.non_trainable_variables)
    ]
    if backend == "jax":
        import jax

        draw = jax.jit(lambda latents: generator.stateless_call(*variables, latents)[0])
    elif backend == "tensorflow":
        import tensorflow

        draw = tensorflow.function(generator, jit_compile=True)
    else:
        import torch

        import loop_torch
        from referee import Stage, feature_maps

        network = loop_torch.generator(feature_maps(Stage(*gan.image_shape)))
        loop_torch.prepare(network)
        network = torch.no_grad()(network.eval())

        def draw(latents: torch.Tensor) -> torch.Tensor:
            return network(latents).permute(0, 2, 3, 1)

    def drawn(latents: np.ndarray) -> np.ndarray:
        images = keras.ops.convert_to_numpy(draw(keras.ops.convert_to_tensor(latents)))
        return np.round((images + 1.0) * 127.5).astype("uint8")

    return looped(drawn, gan.latent_dim, count, batch_size)


def exported_loop(gan: ganzoo.DCGAN, count: int, batch_size: int) -> Callable[[], np.ndarray]:
    """Return a loop over the exported generator in onnxruntime."""
    from onnxruntime import InferenceSession, SessionOptions

    options = SessionOptions()
    options.intra_op_num_threads = int(os.environ.get("OMP_NUM_THREADS") or 0)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "gan.onnx")
        gan.export(path)
        session = InferenceSession(path, options, providers=["CPUExecutionProvider"])

    def drawn(latents: np.ndarray) -> np.ndarray:
        return session.run(None, {"latents": latents})[0]

    return looped(drawn, gan.latent_dim, count, batch_size)


def looped(
    draw: Callable[[np.ndarray], np.ndarray], latent_dim: int, count: int, batch_size: int
) -> Callable[[], np.ndarray]:
    """Return a loop that draws so many images, uint8, in batches."""

    def loop() -> np.ndarray:
        random = np.random.default_rng(0)
        batches = []
        for start in range(0, count, batch_size):
            latents = random.normal(size=(batch_size, latent_dim)).astype("float32")
            batches.append(draw(latents)[: count - start])
        return np.concatenate(batches)

    return loop


def seconds(function: Callable, repeats: int = 1, clock: Callable = time.perf_counter) -> float:
    start = clock()
    for _ in range(repeats):
        function()
    return clock() - start


def drawing(gan: ganzoo.DCGAN, count: int, batch_size: int, repeats: int) -> None:
    """Print how many images a second a warm model draws, so many at a time."""
    contestants = {
        "bare loop": bare_loop(gan, count, batch_size),
        "generate": lambda: gan.generate(count, seed=0, batch_size=batch_size),
    }
    if all(map(find_spec, ("onnxruntime", *export.PAIRS["onnx", keras.backend.backend()]))):
        contestants["onnxruntime"] = exported_loop(gan, count, batch_size)
    for contestant in contestants.values():
        contestant()  # compiles
    turns = [{name: seconds(each, repeats, CLOCK) for name, each in contestants.items()}
             for _ in range(TURNS)]  # fmt: skip
    for name in contestants:
        ratios = [turn["bare loop"] / turn[name] for turn in turns]
        speed = f"{repeats * count / median(turn[name] for turn in turns):.0f} images/s"
        row(keras.backend.backend(), f"draw {count:,} at a time, 28x28x1", name, speed, ratios)


def cold_start() -> None:
    with tempfile.TemporaryDirectory() as folder:
        draw = ["-m", "ganzoo", "generate", "mnist", "-n", "1", "-o", str(Path(folder, "one.png"))]
        commands = {"import keras": ["-c", "import keras"], "ganzoo generate": draw}
        turns = [{name: seconds(partial(run, each)) for name, each in commands.items()}
                 for _ in range(TURNS)]  # fmt: skip
    for name in commands:
        ratios = [turn["import keras"] / turn[name] for turn in turns]
        spent = f"{median(turn[name] for turn in turns):.1f} s"
        what = "draw 1, a cold process"
        row(keras.backend.backend(), what, name, spent, ratios, longer(ratios))


def run(arguments: list[str]) -> None:
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True)


if __name__ == "__main__":
    begin()
    model = ganzoo.DCGAN((28, 28, 1), seed=0)
    drawing(model, 1, 1, repeats=100)
    drawing(model, COUNT, BATCH_SIZE, repeats=1)
    cold_start()
