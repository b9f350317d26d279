"""The two servers of docs/serving.md under load: `python benchmarks/serving.py`.

Runs the code of the page as it stands, each server in one process (`uvicorn --workers 1`), and asks
for rows of eight digits, by 1, 4 and 16 clients that ask anew as soon as they are answered. The
servers take turns, so that whatever else the machine does hits both. Prints a table: requests per
second, median and 99th percentile of the latency; then the time from the start of the process to
the first picture, and the memory of the process at its most.
"""

import argparse
import http.client
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import keras
import numpy as np

import ganzoo

PAGE = Path(__file__).parents[1] / "docs" / "serving.md"
BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
CLIENTS = (1, 4, 16)


class Server:
    """One of the page's servers, in a process of its own, which has answered once."""

    def __init__(self, name: str, code: str, folder: Path) -> None:
        (folder / f"{name}.py").write_text(code, encoding="utf-8")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        command = [sys.executable, "-m", "uvicorn", f"{name}:app", "--port", str(self.port)]
        command += ["--workers", "1", "--log-level", "warning"]
        start = time.perf_counter()
        self.process = subprocess.Popen(command, cwd=folder)
        self.wait()
        self.cold = time.perf_counter() - start

    def wait(self) -> None:
        while self.process.poll() is None:
            try:
                return self.ask(http.client.HTTPConnection("127.0.0.1", self.port), 0)
            except ConnectionRefusedError:
                time.sleep(0.02)
        raise SystemExit("the server has stopped: see above")

    def ask(self, connection: http.client.HTTPConnection, seed: int) -> None:
        connection.request("GET", f"/digits.png?seed={seed}")
        answer = connection.getresponse()
        if answer.status != 200 or not answer.read().startswith(b"\x89PNG"):
            raise SystemExit(f"the server answers {answer.status}")

    def latencies(self, seed: int, seconds: float) -> list[float]:
        """Return what each answer took, of one client that asks for so long."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        times, start = [], time.perf_counter()
        while (asked := time.perf_counter()) < start + seconds:
            self.ask(connection, seed)
            times.append(time.perf_counter() - asked)
        return times

    def load(self, clients: int, seconds: float) -> list[float]:
        """Return what each answer to all clients took."""
        with ThreadPoolExecutor(clients) as pool:
            found = pool.map(lambda seed: self.latencies(seed, seconds), range(clients))
            return [each for of_one in found for each in of_one]

    def peak(self) -> int:
        """Return the most memory that the process has held, in MB (Linux)."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) // 1024

    def close(self) -> None:
        self.process.terminate()
        self.process.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=2.0, help="of each turn")
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--file", type=Path, help="digits.onnx, where it is exported already")
    asked = parser.parse_args()
    model, _, exported = BLOCK.findall(PAGE.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        if asked.file:
            shutil.copy(asked.file, Path(folder, "digits.onnx"))
        else:
            ganzoo.from_preset("mnist", compile=False).export(Path(folder, "digits.onnx"))
        codes = {keras.backend.backend(): model, "onnxruntime": exported}
        servers = {name: Server(f"on_{name}", each, Path(folder)) for name, each in codes.items()}
        took = defaultdict(list)
        for _ in range(asked.turns):
            for clients in CLIENTS:
                for name, server in servers.items():
                    took[name, clients] += server.load(clients, asked.seconds)
        for (name, clients), times in sorted(took.items()):
            rate = len(times) / (asked.seconds * asked.turns)
            half, most = 1000 * np.percentile(times, [50, 99])
            print(f"| {name} | {clients} | {rate:.0f} | {half:.1f} ms | {most:.1f} ms |")
        for name, server in servers.items():
            print(f"| {name} | {server.cold:.1f} s | {server.peak()} MB |")
            server.close()


if __name__ == "__main__":
    main()
