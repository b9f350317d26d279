"""How fast FID's features come: `python benchmarks/inception.py NETWORK.pt`.

The published TorchScript network against ganzoo's extractor on each backend that is
installed, and in onnxruntime, each in a process of its own, in turns, all on the same core.
`network`: from prepared images to features. `extractor`: the same from uint8 images of 32x32.

Times are of the processor: on one core they differ from the clock's by what other programs take.
"""

import argparse
import dataclasses
import json
import os
import statistics
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import numpy as np

ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false",
}
BACKENDS = ("torch", "jax", "tensorflow")


def published(source, photos):
    """Return what has to be timed: the TorchScript network on images prepared by ganzoo."""
    import torch
    from keras import ops

    from ganzoo.metrics.extractors.inception_network import prepared

    network = torch.jit.load(source, map_location="cpu").eval()
    images = prepared(ops.convert_to_tensor(photos)).permute(0, 3, 1, 2).contiguous()

    def run():
        with torch.no_grad():
            return network(images).numpy()

    return {"network": run}


def ours(photos, outside):
    """Return what has to be timed: the network alone, and the extractor."""
    from keras import ops

    from ganzoo.metrics.extractors import inception_onnx
    from ganzoo.metrics.extractors.inception import find_weights, inception
    from ganzoo.metrics.extractors.inception_architecture import shapes
    from ganzoo.metrics.extractors.inception_network import build, prepared
    from ganzoo.storage import load_tensors

    inception_onnx.installed = lambda: outside
    extractor = dataclasses.replace(inception(), batch_size=len(photos))
    weights = load_tensors(find_weights(), shapes())
    network = inception_onnx.build(weights) if outside else build(weights).predict_on_batch
    images = ops.convert_to_numpy(prepared(ops.convert_to_tensor(photos)))
    return {
        "network": lambda: network(images),
        "extractor": lambda: extractor.features(photos),
    }


def compete(name, source, batch):
    """Run what the lines of the standard input name, and answer with the seconds that it took."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # frameworks print
    photos = np.random.default_rng(0).integers(0, 256, (batch, 32, 32, 3), "uint8")
    if name == "published":
        tasks = published(source, photos)
    else:
        tasks = ours(photos, name == "onnxruntime")
    results = [task() for task in tasks.values() for _ in range(2)]  # compiled, and warm
    answer = {"tasks": [*tasks], "features": results[0].tolist()}
    print(json.dumps(answer), file=answers, flush=True)
    for line in sys.stdin:
        start = time.process_time()
        tasks[line.strip()]()
        print(time.process_time() - start, file=answers, flush=True)


class Contestant:
    """A process that runs tasks when it is told to."""

    def __init__(self, name, source, batch):
        backend = name if name in BACKENDS else "torch"
        command = [sys.executable, __file__, source, "--batch", str(batch), "--contestant", name]
        if hasattr(os, "sched_setaffinity"):
            command = ["taskset", "-c", str(max(os.sched_getaffinity(0))), *command]
        self.process = subprocess.Popen(
            command,
            env=os.environ | ONE_THREAD | {"KERAS_BACKEND": backend},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        answer = json.loads(self.process.stdout.readline())
        self.tasks, self.features = answer["tasks"], np.array(answer["features"])

    def seconds(self, task):
        print(task, file=self.process.stdin, flush=True)
        return float(self.process.stdout.readline())


def main(source, batch, turns):
    names = ["published", *(name for name in (*BACKENDS, "onnxruntime") if find_spec(name))]
    contestants = {name: Contestant(name, source, batch) for name in names}
    expected = contestants["published"].features
    for name, each in contestants.items():
        difference = np.linalg.norm(each.features - expected) / np.linalg.norm(expected)
        print(f"{name:12} relative difference of the features {difference:.1e}")
    entries = [(name, task) for name, each in contestants.items() for task in each.tasks]
    rows = [
        {entry: contestants[entry[0]].seconds(entry[1]) for entry in entries} for _ in range(turns)
    ]
    print(f"batch {batch}, one core, medians of {turns} turns")
    for name, task in entries:
        speed = statistics.median(batch / row[name, task] for row in rows)
        ratio = statistics.median(row["published", "network"] / row[name, task] for row in rows)
        print(f"{name:12} {task:10} {speed:6.2f} images/s   {ratio:.2f} of the published network")
    for each in contestants.values():
        each.process.stdin.close()
        each.process.wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path, help="inception-2015-12-05.pt")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--turns", type=int, default=9)
    parser.add_argument("--contestant", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.contestant:
        compete(given.contestant, given.source, given.batch)
    else:
        main(given.source, given.batch, given.turns)
