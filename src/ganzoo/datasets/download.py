"""Bring an original file to the cache folder: resumable, verified, whole or not at all."""

import os
import shutil
from http import HTTPStatus
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from ganzoo.datasets.catalog import File
from ganzoo.files import whole_file
from ganzoo.storage import sha256 as checksum

TIMEOUT_SECONDS = 10  # without an answer; an unreachable mirror should not hold anybody up


def fetch(folder: Path, file: File) -> Path:
    """Return the path of `file` in `folder`, after downloading it if it is absent.

    A file that is there, however it came there, is used when its checksum is right: it is hashed
    on each call (well under a second), and `folder` is not written to. An interrupted download
    leaves `<name>.partial` behind, and the next call goes on from there.

    Args:
        folder: folder that holds the file; made when needed.
        file: the catalog's entry: name, SHA-256 and mirrors.

    Returns:
        Path of the file, whose bytes are the published ones.

    Raises:
        ValueError: the file that is there is another one. It is left alone.
        ConnectionError: no mirror served the file; the message gives the reason of each.
    """
    path = folder / file.name
    if not path.exists():
        from filelock import FileLock

        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / f"{file.name}.lock"):
            if not path.exists():  # another process may have brought it meanwhile
                _download(file, path)
    if (found := checksum(path)) != file.sha256:
        raise ValueError(
            f"{path} is not the published file: its SHA-256 is {found}, expected {file.sha256}. "
            + ("Delete it, and it will be downloaded again." if file.urls else "Replace it.")
        )
    return path


def _download(file: File, path: Path) -> None:
    partial = path.with_name(f"{path.name}.partial")
    failures = []
    for url in file.urls:
        try:
            _complete(partial, url, file.sha256)
        except (OSError, HTTPException) as error:
            failures.append(f"  {url}: {error}")
        else:
            with whole_file(path) as whole:
                os.replace(partial, whole)
            return
    raise ConnectionError(
        "\n".join([f"{file.name} could not be downloaded:", *failures])
        + "\nCheck the network and call again (what has arrived is kept), or place the file "
        f"in {path.parent} by hand (SHA-256 {file.sha256})."
    )


def _complete(partial: Path, url: str, sha256: str) -> None:
    """Fill `partial` from `url` until its checksum is right."""
    resumed = partial.exists()
    _transfer(url, partial)
    if (found := checksum(partial)) == sha256:
        return
    partial.unlink()
    if not resumed:
        raise ConnectionError(f"sent other bytes than the published ones (SHA-256 {found})")
    _complete(partial, url, sha256)  # once more from zero: the older bytes may be the wrong ones


def _transfer(url: str, partial: Path) -> None:
    """Append to `partial` what it lacks of `url`; start anew if the server ignores ranges.

    Not `keras.utils.get_file`, which cannot resume, nor `huggingface_hub`'s `http_get`, which
    writes blocks of 10 MB: a cut would lose all of MNIST.
    """
    from tqdm.auto import tqdm  # type: ignore[import-untyped]

    start = partial.stat().st_size if partial.exists() else 0
    request = Request(url, headers={"Range": f"bytes={start}-"} if start else {})
    try:
        response = urlopen(request, timeout=TIMEOUT_SECONDS)
    except HTTPError as error:
        with error:
            if error.code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and start:
                return  # nothing is left to send; the checksum judges what is there
            raise
    with response, partial.open("ab") as file:
        if response.status != HTTPStatus.PARTIAL_CONTENT:
            start = 0
        file.truncate(start)
        total = None if response.length is None else start + response.length
        name = partial.stem
        with tqdm.wrapattr(file, "write", total=total, initial=start, desc=name) as target:
            shutil.copyfileobj(response, target)
        if response.length:  # a closed connection looks like the end of the file
            raise ConnectionError(f"connection lost, {response.length} bytes are missing")
