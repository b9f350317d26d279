"""Two devices of one thread beside one of two: `python benchmarks/devices.py`.

For torch also beside a loop written by hand, with `DistributedDataParallel` for two processes. Each
contestant trains the same DCGAN in batches of 64 noise images. They take turns; a ratio is the
median over the turns of a contestant's speed by that of the first one in the same turn.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

import numpy as np

from referee import BATCH_SIZE, LATENT_DIM, Stage, feature_maps

ROUNDS, WARM_UP = 20, 4
DEVICES = 2
CONTESTANTS = {  # what trains, and on how many devices
    "torch": [("loop", 1), ("loop", 2), ("fit", 1), ("fit", 2)],
    "jax": [("fit", 1), ("fit", 2)],
    "tensorflow": [("fit", 1), ("fit", 2)],
}


def main() -> None:
    parser = argparse.ArgumentParser(description="How fast two devices are beside one.")
    parser.add_argument("--backends", nargs="+", default=list(CONTESTANTS), choices=CONTESTANTS)
    parser.add_argument("--sizes", nargs="+", default=["28x28x1", "64x64x3"], metavar="HxWxC")
    parser.add_argument("--turns", type=int, default=3)
    arguments = parser.parse_args()
    print(f"{'backend':<12}{'images':<10}{'':<8}{'devices':>8}{'images/s':>10}{'ratio':>8}")
    for size in arguments.sizes:
        for backend in arguments.backends:
            turns = [
                [speed(backend, *contestant, size) for contestant in CONTESTANTS[backend]]
                for _ in range(arguments.turns)
            ]
            for number, (what, devices) in enumerate(CONTESTANTS[backend]):
                speeds = [turn[number] for turn in turns]
                ratio = median(turn[number] / turn[0] for turn in turns)
                line = f"{backend:<12}{size:<10}{what:<8}{devices:>8}{median(speeds):>10.0f}"
                print(f"{line}{ratio:>8.2f}", flush=True)


def speed(backend: str, what: str, devices: int, size: str) -> float:
    """Return images a second, of a program of its own."""
    processes = devices if backend == "torch" else 1
    threads = {"OMP_NUM_THREADS": str(DEVICES // processes)} if backend == "torch" else {}
    run = ["--run", what, str(devices), size]
    children = [
        subprocess.Popen(
            [sys.executable, __file__, *run],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **threads, **place(number, processes), "KERAS_BACKEND": backend},
        )
        for number in range(processes)
    ]
    outputs = [child.communicate()[0] for child in children]
    assert not any(child.returncode for child in children), outputs
    return json.loads(outputs[0].splitlines()[-1])


def place(number: int, processes: int) -> dict[str, str]:
    """Return what torchrun would say."""
    port = str(29_600 + os.getpid() % 1000)
    return {
        "RANK": str(number),
        "LOCAL_RANK": str(number),
        "WORLD_SIZE": str(processes),
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": port,
    }


def fit(devices: int, images: np.ndarray) -> list[float]:
    """Train with ganzoo; return when each round ended."""
    import ganzoo  # isort: skip
    import keras

    from ganzoo import backends

    ends = []

    class Clock(keras.callbacks.Callback):
        def on_train_batch_end(self, batch: int, logs: object = None) -> None:
            if keras.backend.backend() == "jax":
                float(logs["generator_loss"])  # type: ignore[index]
            ends.append(time.perf_counter())

    with backends.current.spread(devices):
        gan = ganzoo.DCGAN(images.shape[1:], latent_dim=LATENT_DIM, seed=0)
        gan.compile(ema_decay=None)
        gan.fit(images, batch_size=BATCH_SIZE, verbose=0, callbacks=[Clock()])
    return ends


def loop(devices: int, images: np.ndarray) -> list[float]:
    """Train as a good PyTorch user writes it; return when each round ended."""
    import torch
    from torch import distributed
    from torch.nn.functional import binary_cross_entropy_with_logits
    from torch.nn.parallel import DistributedDataParallel

    from loop_torch import DEVICE, discriminator, generator, prepare, scaled

    number = int(os.environ["RANK"])
    if DEVICE == "cuda":
        torch.cuda.set_device(number)
    if devices > 1:
        distributed.init_process_group()
    torch.manual_seed(0)
    maps = feature_maps(Stage(*images.shape[1:]))
    G, D = generator(maps), discriminator(maps)
    of_generator, of_discriminator = prepare(G), prepare(D)
    if devices > 1:
        G, D = (DistributedDataParallel(each, forward_sync_buffers=False) for each in (G, D))
    own = BATCH_SIZE // devices
    ones, zeros = torch.ones(own, device=DEVICE), torch.zeros(own, device=DEVICE)
    loss_of = binary_cross_entropy_with_logits
    ends = []
    for batch in np.split(images, len(images) // BATCH_SIZE):
        fake = G(torch.randn(own, LATENT_DIM, device=DEVICE))
        of_discriminator.zero_grad()
        real = scaled(batch[number::devices])
        (loss_of(D(real), ones) + loss_of(D(fake.detach()), zeros)).backward()
        of_discriminator.step()
        of_generator.zero_grad()
        D.requires_grad_(False)
        loss_of(D(fake), ones).backward()
        D.requires_grad_(True)
        of_generator.step()
        if DEVICE == "cuda":
            torch.cuda.synchronize()
        ends.append(time.perf_counter())
    return ends


def run(what: str, devices: int, size: str) -> None:
    sys.path.insert(0, str(Path(__file__).parent))
    shape = tuple(int(side) for side in size.split("x"))
    count = BATCH_SIZE * (WARM_UP + ROUNDS)
    images = np.random.default_rng(0).integers(0, 256, (count, *shape), dtype="uint8")
    ends = {"fit": fit, "loop": loop}[what](devices, images)
    if os.environ["RANK"] == "0":  # whose callbacks are called
        print(json.dumps(BATCH_SIZE / median(np.diff(ends[WARM_UP:]))))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--run"]:
        what, devices, size = sys.argv[2:]
        run(what, int(devices), size)
    else:
        main()
