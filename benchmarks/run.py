"""Speed and memory of `fit` beside hand-written loops: `python benchmarks/run.py`.

Every contestant is a process of its own, which trains the same DCGAN on the same noise images, or
with `--family fastgan` the same FastGAN, of 16 filters in batches of 8, beside one loop in torch.
Those of one backend and size take turns, a block of rounds each, so that whatever else the machine
does hits all of them; only one computes at a time. A ratio is the median over the turns of a
contestant's speed by that of the hand-written loop in the same turn. `fit` is one long call with
a callback that takes the time between batches, so its start is in the first round's seconds only.
Beside each figure stands the most memory, what of it the imports took, and the seconds of the first
round, which compiles.
JAX is measured by the loop in torch: XLA's slow ways on a processor make its own loop no measure.
Exits with an error when `fit` falls behind the ratios in `LEAST`.
"""

import argparse
import os
from statistics import median

from process import Process
from referee import BATCH_SIZE, FASTGAN_BATCH
from table import BACKENDS, begin, row

CONTESTANTS = {  # with the backends that they run on; the first is the measure
    "dcgan": {
        "torch": [("loop_torch", "torch"), ("fit", "torch")],
        "tensorflow": [
            ("loop_tensorflow", "tensorflow"),
            ("fit", "tensorflow"),
            ("keras_example", "tensorflow"),
        ],
        "jax": [("loop_torch", "torch"), ("loop_jax", "jax"), ("fit", "jax")],
    },
    "fastgan": {
        backend: [("loop_fastgan", "torch"), ("fit_fastgan", backend)] for backend in BACKENDS
    },
}
BATCHES = {"dcgan": BATCH_SIZE, "fastgan": FASTGAN_BATCH}
LEAST = {  # far below what was measured, as machines differ
    ("torch", "28x28x1"): 0.75,
    ("torch", "64x64x3"): 0.75,
    ("tensorflow", "28x28x1"): 0.75,
    ("tensorflow", "64x64x3"): 0.75,
    ("jax", "28x28x1"): 0.6,
    ("jax", "64x64x3"): 0.45,
}
SIZES = {"dcgan": ["28x28x1", "64x64x3"], "fastgan": ["64x64x3", "128x128x3"]}
WARM_UP_TURNS = 2  # not counted


def main() -> None:
    arguments = parsed_arguments()
    if arguments.threads:
        limit_threads(arguments.threads)
    if arguments.cpu:
        os.environ["BENCHMARK_CLOCK"] = "cpu"
    begin()
    behind = []
    for size in arguments.sizes or SIZES[arguments.family]:
        for backend in arguments.backends:
            contestants = CONTESTANTS[arguments.family][backend]
            processes = [Process(name, runs_on, size) for name, runs_on in contestants]
            check_equal_work(processes)
            take_turns(processes, arguments.rounds, arguments.block_seconds)
            for process in processes:
                process.close()
                ratios = ratios_of(process, processes[0])
                speed = f"{BATCHES[arguments.family] / median(process.seconds):.1f} images/s"
                what = f"{arguments.family} {size}"
                row(backend, what, process.contestant, speed, ratios, costs(process))
                least = LEAST.get((backend, size), 0.0)
                if process.contestant == "fit" and median(ratios) < least:
                    behind.append(f"{backend} {size}: {median(ratios):.2f}, expected {least}")
    if behind:
        raise SystemExit("fit has become slow: " + "; ".join(behind))


def parsed_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="How fast `fit` is beside hand-written loops.")
    parser.add_argument("--family", choices=CONTESTANTS, default="dcgan")
    parser.add_argument("--backends", nargs="+", choices=BACKENDS, default=list(BACKENDS))
    parser.add_argument("--sizes", nargs="+", metavar="HxWxC")
    parser.add_argument("--rounds", type=int, default=20, help="turns of each contestant")
    parser.add_argument("--block-seconds", type=float, default=2.0, help="length of a turn")
    parser.add_argument("--threads", type=int, help="of each contestant; 1 on a busy machine")
    parser.add_argument(
        "--cpu", action="store_true", help="seconds of the processor, not of a clock"
    )
    return parser.parse_args()


def limit_threads(threads: int) -> None:
    """Tell every framework: where others compute too, threads wait long for each other."""
    for name in ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
        os.environ[name] = str(threads)
    # JAX has no number to set; it takes as many threads as it may use cores.
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-threads:])


def check_equal_work(processes: list[Process]) -> None:
    """Check that all train networks of one size, and that their first losses are alike.

    `keras_example` judges real and generated images in one batch, which gives another loss.
    """
    expected = processes[0]
    for process in processes[1:]:
        name = process.contestant
        assert process.parameters == expected.parameters, (name, process.parameters)
        if name == "keras_example":
            continue
        # The discriminator's first loss: before any update, from random weights.
        loss, reference = process.first_losses[0], expected.first_losses[0]
        assert 0.67 < loss / reference < 1.5, (name, loss, reference)


def take_turns(processes: list[Process], turns: int, block_seconds: float) -> None:
    """Fill in each process's seconds for a round, turn by turn."""
    for process in processes:
        process.play(1)
    rounds = max(1, round(block_seconds / processes[0].play(1)["seconds"]))
    for turn in range(WARM_UP_TURNS + turns):
        for process in processes:
            seconds = process.play(rounds)["seconds"] / rounds
            if turn >= WARM_UP_TURNS:
                process.seconds.append(seconds)


def ratios_of(process: Process, measure: Process) -> list[float]:
    pairs = zip(measure.seconds, process.seconds, strict=True)
    return [reference / seconds for reference, seconds in pairs]


def costs(process: Process) -> str:
    """Return what else a contestant took."""
    peak, imported = process.peak / 2**20, process.imported / 2**20
    return f"{peak:.0f} MB, imports {imported:.0f}, first round {process.first_seconds:.1f} s"


if __name__ == "__main__":
    main()
