"""Programs that were started together: by torchrun, by Slurm's srun, or here."""

import os
import re
import signal
import socket
import subprocess
import time
from contextlib import suppress
from typing import Any, NamedTuple

PATIENCE = 20.0  # seconds for the others to end by themselves when one has
FIRST_PORT, PORTS = 20_000, 10_000  # where processes of a Slurm job meet, by its number


class Place(NamedTuple):
    """The place of a process among those that were started together.

    Attributes:
        number: of this process, from 0.
        processes: how many were started.
        local: which of those on this machine it is, from 0.
        address: of the machine of the first.
        port: where that one listens.
    """

    number: int
    processes: int
    local: int
    address: str
    port: int


def place() -> Place | None:
    """Return this process's place, or None where it was started alone."""
    said = os.environ
    if int(said.get("WORLD_SIZE", 1)) > 1:  # as torchrun and its like say it
        return Place(
            int(said["RANK"]),
            int(said["WORLD_SIZE"]),
            int(said.get("LOCAL_RANK", 0)),
            said.get("MASTER_ADDR", "127.0.0.1"),
            int(said.get("MASTER_PORT", 29500)),
        )
    if int(said.get("SLURM_STEP_NUM_TASKS", 1)) > 1:  # in a step of srun
        return Place(
            int(said["SLURM_PROCID"]),
            int(said["SLURM_STEP_NUM_TASKS"]),
            int(said["SLURM_LOCALID"]),
            said.get("MASTER_ADDR") or first_of(said["SLURM_STEP_NODELIST"]),
            int(said.get("MASTER_PORT", FIRST_PORT + int(said["SLURM_JOB_ID"]) % PORTS)),
        )
    return None


def first_of(machines: str) -> str:
    """Return the first machine of a list as Slurm writes it: `gpu[07-09,12],cpu3` is `gpu07`."""
    name, numbers = re.fullmatch(r"([^,\[]+)(?:\[(\w+).*?\].*|,.*)?", machines).groups()  # type: ignore[union-attr]
    return name + (numbers or "")


def start(count: int, command: list[str]) -> int:
    """Start a program so many times on this machine, wait for all, and return an exit status.

    Ctrl-C reaches all of them by itself; SIGTERM is passed on. When one fails, the others are given
    time to say so and to end.

    Args:
        count: of processes.
        command: of each; what `place` reads tells them apart.

    Returns:
        0, or the status of the first that failed.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    threads = max(1, (os.cpu_count() or 1) // count)
    common = {"OMP_NUM_THREADS": str(threads), **os.environ, "WORLD_SIZE": str(count)}
    common |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    children = [
        subprocess.Popen(command, env={**common, "RANK": str(number), "LOCAL_RANK": str(number)})
        for number in range(count)
    ]

    def pass_on(number: int, _: Any) -> None:
        for child in children:
            child.send_signal(number)

    before = {signal.SIGINT: signal.signal(signal.SIGINT, signal.SIG_IGN)}
    before[signal.SIGTERM] = signal.signal(signal.SIGTERM, pass_on)
    try:
        return first_failure(children)
    finally:
        for number, listener in before.items():
            signal.signal(number, listener)
        for child in children:
            child.kill()
            child.wait()


def first_failure(children: list[subprocess.Popen[bytes]]) -> int:
    """Wait until all have ended, or one has failed; return the status of that, or 0."""
    failed = 0
    while not failed and None in (ended := [child.poll() for child in children]):
        failed = next((status for status in ended if status), 0)
        time.sleep(0.1)
    until = time.monotonic() + PATIENCE
    for child in children:
        with suppress(subprocess.TimeoutExpired):
            child.wait(max(0.0, until - time.monotonic()))
    failed = failed or next((child.returncode for child in children if child.returncode), 0)
    return 128 - failed if failed < 0 else failed  # ended by a signal, as shells have it
