"""A mirror on the loopback interface, which can misbehave in every way that mirrors do."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from ganzoo import files


@dataclass
class Page:
    """What one path serves, and its faults.

    `cut` closes the connection after that many bytes of the body; `status` 0 is not even HTTP.
    """

    body: bytes
    ranges: bool = True
    cut: int | None = None
    status: int = 200
    delay: float = 0.0


@dataclass
class Mirror:
    """A server with its pages, and the requests it has seen: (path, Range header)."""

    address: str
    pages: dict[str, Page] = field(default_factory=dict)
    requests: list[tuple[str, str | None]] = field(default_factory=list)

    def serve(self, path: str, body: bytes, **faults: Any) -> str:
        """Set the page at `path` and return its URL."""
        self.pages[path] = Page(body, **faults)
        return self.address + path


@pytest.fixture
def mirror() -> Iterator[Mirror]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None: ...

        def do_GET(self) -> None:
            asked = self.headers["Range"]
            served.requests.append((self.path, asked))
            page = served.pages.get(self.path, Page(b"", status=404))
            time.sleep(page.delay)
            start, status = 0, page.status
            if not status:
                self.wfile.write(b"nonsense\r\n")
                return None
            if asked and page.ranges and status == 200:
                start = int(asked.removeprefix("bytes=").removesuffix("-"))
                status = 206 if start < len(page.body) else 416
            if status >= 400:
                return self.send_error(status)
            body = page.body[start:]
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: page.cut])

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        served = Mirror(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield served
        server.shutdown()
        thread.join()


@pytest.fixture
def alone() -> str:
    """First lines of a program that imports modules of ganzoo quickly, without their packages."""
    root = Path(files.__file__).parents[1]
    return (
        "import sys, types\n"
        "for name in ('ganzoo', 'ganzoo.datasets'):\n"
        "    sys.modules[name] = types.ModuleType(name)\n"
        f"    sys.modules[name].__path__ = [{str(root)!r} + '/' + name.replace('.', '/')]\n"
    )
