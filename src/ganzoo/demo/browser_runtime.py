"""onnxruntime-web, by which a page draws: fetched once, verified, and put beside the page."""

import gzip
import shutil
import subprocess
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ganzoo.datasets.catalog import File
from ganzoo.datasets.download import fetch
from ganzoo.files import home, whole_file

VERSION = "1.30.0"
ARCHIVE = File(
    f"onnxruntime-web-{VERSION}.tgz",
    "d2228df7e4616bc3348bf504ee888f3bec43789a273f0a63f3e68d203ce3bf71",
    (),  # npm brings it, which knows of mirrors and proxies
)
# The build for WebAssembly alone, whose script needs no other one.
MODULE = "package/dist/ort.wasm.bundle.min.mjs"
BINARY = "package/dist/ort-wasm-simd-threaded.wasm"
LICENCE = """MIT License

Copyright (c) Microsoft Corporation

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
"""


def write(folder: Path) -> dict[str, Any]:
    """Write what a page needs of onnxruntime-web, and return where it is and how large.

    Args:
        folder: that of the page, which gets a folder `runtime`.

    Raises:
        ConnectionError: the package cannot be had; the message says where to place it by hand.
        ValueError: what lies there is another package.
    """
    (folder / "runtime").mkdir()
    with tarfile.open(archive()) as package:
        module, binary = (read(package, name) for name in (MODULE, BINARY))
    # Packed here, as not every host packs what it sends: 3.7 MB instead of 14.
    packed = gzip.compress(binary, mtime=0)
    files = {"onnxruntime.js": module, "onnxruntime.wasm.gz": packed, "LICENSE": LICENCE.encode()}
    for name, content in files.items():
        (folder / "runtime" / name).write_bytes(content)
    return {
        "module": f"runtime/onnxruntime.js?v={VERSION}",
        "binary": f"runtime/onnxruntime.wasm.gz?v={VERSION}",
        "size": len(packed),
    }


def archive() -> Path:
    """Return the path of the npm package, fetched by npm, whose checksum is right."""
    folder = home() / "onnxruntime-web"
    wanted = f"onnxruntime-web@{VERSION}"
    if (npm := shutil.which("npm")) and not (folder / ARCHIVE.name).exists():
        with TemporaryDirectory() as fetched:
            command = [npm, "pack", wanted, "--pack-destination", fetched]
            subprocess.run(command, capture_output=True, check=False)
            if (package := Path(fetched) / ARCHIVE.name).exists():
                with whole_file(folder / ARCHIVE.name) as partial:
                    shutil.copyfile(package, partial)
    if not (folder / ARCHIVE.name).exists():
        raise ConnectionError(
            f"{ARCHIVE.name} could not be downloaded: that takes npm and a network. Or run npm "
            f"pack {wanted} elsewhere, and place the file in {folder} (SHA-256 {ARCHIVE.sha256})."
        )
    return fetch(folder, ARCHIVE)


def read(package: tarfile.TarFile, name: str) -> bytes:
    """Return a file of an archive."""
    file = package.extractfile(name)
    assert file, f"{ARCHIVE.name} has its checksum, and no {name}"
    return file.read()
