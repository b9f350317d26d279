"""A contestant's process, as `run.py` sees it."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any


class Process:
    """Starts a contestant and asks it to play rounds.

    Args:
        contestant: the module in this folder.
        backend: what Keras is told to run on.
        size: `"28x28x1"`.
    """

    def __init__(self, contestant: str, backend: str, size: str) -> None:
        self.contestant = contestant
        self.seconds: list[float] = []  # of a round, one for each counted block
        command = [sys.executable, str(Path(__file__).with_name("contestant.py")), contestant, size]
        environment = os.environ | {"KERAS_BACKEND": backend}
        # Frameworks are talkative: what they say is shown only when one fails.
        self.log = tempfile.TemporaryFile("w+")  # noqa: SIM115
        self.popen = subprocess.Popen(
            command,
            env=environment,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
        )
        ready = self._answer()
        self.parameters: int = ready["parameters"]
        self.imported: int = ready["imported"]  # bytes
        first = self.play(1)
        self.first_seconds: float = first["seconds"]
        self.first_losses: list[float] = first["losses"]

    def play(self, rounds: int) -> dict[str, Any]:
        """Return the seconds that the rounds took, the last losses and the peak memory."""
        print(rounds, file=self.popen.stdin, flush=True)
        answer = self._answer()
        self.peak: int = answer["peak"]
        return answer

    def close(self) -> None:
        assert self.popen.stdin is not None
        self.popen.stdin.close()  # the contestant reads the end and stops
        self.popen.wait()
        self.log.close()

    def _answer(self) -> dict[str, Any]:
        assert self.popen.stdout is not None
        if line := self.popen.stdout.readline():
            return json.loads(line)
        self.log.seek(0)
        raise SystemExit(f"{self.log.read()}\n{self.contestant} stopped with the error above.")
