"""How a folder is read and trained on: `python benchmarks/folders.py decoding|large|fit|memory`.

`decoding`: `image_folder` against loops around Pillow, in threads and in processes, in turns.
`large`: photographs of 12 megapixels, decoded whole and fast, in turns.
`fit`: an epoch of a folder, in memory or mapped from disk, against the same array, in turns.
`memory`: what a training on 1,000,000 images in tar shards needs, or on so many: `--images`.
"""

import argparse
import io
import os
import statistics
import tarfile
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image

import ganzoo

SETS = {  # name: (images, width, height, ending)
    "photographs": (200, 1600, 1200, "jpg"),
    "sprites": (4000, 96, 96, "png"),
    "thumbnails": (4000, 64, 64, "jpg"),
}
SHAPE = (64, 64, 3)


def picture(seed, width, height, ending):
    """Return the bytes of a picture with smooth and rough parts, as a photograph has."""
    random = np.random.default_rng(seed)
    coarse = random.integers(0, 256, (height // 16, width // 16, 3), dtype="uint8")
    image = Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)
    pixels = np.asarray(image).astype("int16") + random.integers(-8, 9, (height, width, 3))
    file = io.BytesIO()
    kind = {"jpg": "JPEG", "png": "PNG"}[ending]
    Image.fromarray(pixels.clip(0, 255).astype("uint8")).save(file, kind)
    return file.getvalue()


def write_folder(folder, count, width, height, ending):
    made = [picture(seed, width, height, ending) for seed in range(min(count, 50))]
    for number in range(count):
        (folder / f"{number:06}.{ending}").write_bytes(made[number % len(made)])


def by_pillow(path):
    """Do what a script would: no checks, no modes, no EXIF."""
    with Image.open(path) as image:
        return np.asarray(
            image.convert("RGB").resize((SHAPE[1], SHAPE[0]), Image.Resampling.LANCZOS)
        )


def pillow_in(pool_type):
    def read(folder):
        with pool_type(os.cpu_count()) as pool:
            chunk = {"chunksize": 32} if pool_type is ProcessPoolExecutor else {}
            return np.stack(list(pool.map(by_pillow, sorted(folder.iterdir()), **chunk)))

    return read


def by_ganzoo(folder):
    return ganzoo.datasets.image_folder(folder, SHAPE, fit="stretch", verbose=False).images


def in_turns(rounds, contestants):
    """Return each contestant's seconds, a row for each round."""
    for each in contestants.values():
        each()
    rows = []
    for _ in range(rounds):
        row = {}
        for name, each in contestants.items():
            start = time.perf_counter()
            each()
            row[name] = time.perf_counter() - start
        rows.append(row)
    return rows


def report(rows, first, count):
    for name in rows[0]:
        speed = statistics.median(count / row[name] for row in rows)
        ratio = statistics.median(row[first] / row[name] for row in rows)
        print(f"  {name:24} {speed:10,.0f} images/s   {ratio:.3f} of {first}")


def decoding(rounds):
    for name, (count, *how) in SETS.items():
        with tempfile.TemporaryDirectory() as folder:
            write_folder(Path(folder), count, *how)
            contestants = {
                "Pillow, threads": pillow_in(ThreadPoolExecutor),
                "Pillow, processes": pillow_in(ProcessPoolExecutor),
                "image_folder": by_ganzoo,
            }
            np.testing.assert_array_equal(
                by_ganzoo(Path(folder)), contestants["Pillow, threads"](Path(folder))
            )
            print(f"{name}: {count} of {how[0]}x{how[1]} {how[2]}")
            contestants = {k: lambda read=v: read(Path(folder)) for k, v in contestants.items()}
            report(in_turns(rounds, contestants), "Pillow, threads", count)


def fit(rounds):
    with tempfile.TemporaryDirectory() as folder:
        write_folder(Path(folder), 640, 96, 96, "png")
        os.environ["GANZOO_HOME"] = f"{folder}/.cache"
        gan = ganzoo.DCGAN(SHAPE, base_filters=8, seed=0)
        gan.compile()
        in_memory = ganzoo.datasets.image_folder(folder, SHAPE, verbose=False)
        on_disk = ganzoo.datasets.image_folder(folder, SHAPE, memory_budget=0, verbose=False)
        data = {
            "array": in_memory.images.copy(),
            "folder in memory": in_memory,
            "folder on disk": on_disk,
        }
        contestants = {k: lambda x=v: gan.fit(x, epochs=1, verbose=0) for k, v in data.items()}
        report(in_turns(rounds, contestants), "array", 640)


def large(rounds):
    with tempfile.TemporaryDirectory() as folder:
        write_folder(Path(folder), 24, 4000, 3000, "jpg")

        def read(decode):
            return ganzoo.datasets.image_folder(folder, SHAPE, decode=decode, verbose=False).images

        contestants = {each: lambda each=each: read(each) for each in ("whole", "fast")}
        report(in_turns(rounds, contestants), "whole", 24)
        off = np.abs(read("whole").astype(int) - read("fast"))
        print(f"  grey levels apart: {off.mean():.2f} on average, {off.max()} at most")


def write_shards(folder, count, a_shard=10_000):
    """Write JPEG of 64x64 with their classes, as webdataset does."""
    made = [picture(seed, 64, 64, "jpg") for seed in range(1000)]
    folder.mkdir()
    for first in range(0, count, a_shard):
        with tarfile.open(folder / f"{first // a_shard:05}.tar", "w") as archive:
            for number in range(first, min(first + a_shard, count)):
                for suffix, content in (
                    ("jpg", made[number % 1000]),
                    ("cls", b"%d" % (number % 10)),
                ):
                    member = tarfile.TarInfo(f"{number:07}.{suffix}")
                    member.size = len(content)
                    archive.addfile(member, io.BytesIO(content))


def memory(rounds, count):
    with tempfile.TemporaryDirectory() as folder:
        os.environ["GANZOO_HOME"] = f"{folder}/cache"
        write_shards(Path(folder, "shards"), count)
        gan = ganzoo.DCGAN(SHAPE, base_filters=8, num_classes=10, seed=0)
        gan.compile()
        start = time.perf_counter()
        images = ganzoo.datasets.image_folder(f"{folder}/shards", SHAPE, labels="inferred")
        print(f"read in {time.perf_counter() - start:.0f} s; {peak()}")
        for steps in (100, 300):
            gan.fit(images, epochs=1, steps_per_epoch=steps, verbose=0)
            print(f"after {steps} steps: {peak()}")


def peak():
    """Return the most memory that the process has had, and what of it now is no cached file."""
    status = Path("/proc/self/status").read_text()
    fields = dict(line.split(":", 1) for line in status.splitlines())
    return ", ".join(
        f"{name} {int(fields[name].split()[0]) / 2**20:.2f} GiB" for name in ("VmHWM", "RssAnon")
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["decoding", "large", "fit", "memory"])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--images", type=int, default=1_000_000, help="for memory")
    arguments = parser.parse_args()
    more = [arguments.images] if arguments.what == "memory" else []
    globals()[arguments.what](arguments.rounds, *more)
