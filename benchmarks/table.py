"""The one table that `nox -s bench` prints: `python benchmarks/table.py`.

It runs `run.py`, and each of `SCRIPTS` on each backend, which print their rows into it with `row`;
one that is run alone has a head of its own. Options are those of `run.py`. Exits with an error,
below the whole table, where a script did: `run.py` does when `fit` falls behind.
"""

import os
import platform
import subprocess
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median

BACKENDS = ("torch", "tensorflow", "jax")
SCRIPTS = ("parts.py", "generate.py", "whole_run.py")  # of what KERAS_BACKEND names
PACKAGES = ("ganzoo", "keras", "torch", "tensorflow", "tensorflow-cpu", "jax")
ROW = "{:<10} {:<30} {:<18} {:>16} {:>6} {:<14} {}"
HEAD = ROW.format("backend", "what", "contestant", "median", "ratio", "(quartiles)", "beside")
BEGUN = "BENCHMARK_TABLE"  # set where a head stands already


def begin() -> None:
    """Print what the figures are of, and the head; once for all scripts of one table."""
    if BEGUN in os.environ:
        return
    threads = os.environ.get("OMP_NUM_THREADS", "all")
    print(f"{processor()}, {os.cpu_count()} cores, threads: {threads}; {platform.platform()}")
    print(f"Options: {' '.join(sys.argv[1:]) or 'none'}")
    print(f"Python {platform.python_version()}, {', '.join(installed())}")
    print("A ratio is of speeds: above 1 is faster than the first contestant.\n")
    print(HEAD, flush=True)


def row(
    backend: str,
    what: str,
    contestant: str,
    figure: str,
    ratios: Sequence[float] = (),
    beside: str = "",
) -> None:
    """Print a figure, with the ratios that its turns came to."""
    middle, spread = "", ""
    if ratios:
        ordered = sorted(ratios)
        low, high = ordered[len(ordered) // 4], ordered[3 * len(ordered) // 4]
        middle, spread = f"{median(ordered):.2f}", f"({low:.2f} to {high:.2f})"
    line = ROW.format(backend, what, contestant, figure, middle, spread, beside)
    print(line.rstrip(), flush=True)


def longer(ratios: Sequence[float]) -> str:
    """Return ratios of speeds as one of times, for what is known to be slower."""
    return f"{1 / median(ratios):.2f} times as long"


def processor() -> str:
    """Return the processor's name."""
    information = Path("/proc/cpuinfo")
    lines = information.read_text().splitlines() if information.exists() else []
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def installed() -> list[str]:
    """Return the packages that matter, with their versions."""
    found = []
    for name in PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    return found


def main() -> None:
    begin()
    here = Path(__file__).parent
    runs = [("run.py", None, sys.argv[1:])]
    runs += [(script, backend, []) for backend in BACKENDS for script in SCRIPTS]
    failed = []
    for script, backend, options in runs:
        chosen = {"KERAS_BACKEND": backend} if backend else {}
        command = [sys.executable, str(here / script), *options]
        if subprocess.run(command, env={**os.environ, BEGUN: "1", **chosen}).returncode:
            failed.append(f"{script} on {backend}" if backend else script)
    if failed:
        raise SystemExit(f"What these say above is an error: {', '.join(failed)}.")


if __name__ == "__main__":
    main()
