"""The Hugging Face Hub, by its own client: from a handle to a folder of the client's cache.

The client is imported when it is needed: that takes long.
"""

import os
import re
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from ganzoo._version import __version__
from ganzoo.files import expanded
from ganzoo.presets.hub_errors import explained
from ganzoo.presets.preset_folder import most_bytes

HUB = "hf://"
TIMEOUT_SECONDS = 5  # without an answer; the client alone would try for 23 seconds
COMMIT = re.compile(r"[0-9a-f]{40}")
PART = r"[A-Za-z0-9][\w.-]*"
REPOSITORY = rf"{PART}/{PART}"
PATH = rf"{PART}(?:/{PART})*"
FORM = re.compile(rf"(?:hf://)?({REPOSITORY})(?:/({PATH}))?/?(?:@({PATH}))?", re.ASCII)
ADDRESS = re.compile(r"(?:https?://)?(?:www\.)?(?:huggingface\.co|hf\.co)/", re.IGNORECASE)
VIEWS = {"tree": None, "commit": 0, "commits": 0} | dict.fromkeys(
    ("blob", "resolve", "raw", "edit"), -1
)
"""The Hub's pages of a revision, and up to which part of the path that follows is a folder."""


class Handle(NamedTuple):
    """A preset on the Hub: its repository, the folder in it, and a branch, a tag or a commit."""

    repository: str
    folder: str = ""
    revision: str | None = None

    def __str__(self) -> str:
        place = "/".join(filter(None, (self.repository, self.folder)))
        return HUB + (f"{place}@{self.revision}" if self.revision else place)


def is_handle(text: str) -> bool:
    """Whether a text means the Hub: `hf://...`, or the address of a page there."""
    return text.strip().startswith(HUB) or ADDRESS.match(text.strip()) is not None


def parse(text: str, revision: str | None = None) -> Handle:
    """Return what a handle means, also one without its `hf://`, or the address of a page.

    Raises:
        ValueError: it is malformed.
    """
    if not isinstance(text, str):
        raise TypeError(f"A handle is a text such as 'hf://user/repo', not {type(text).__name__}.")
    text = text.strip()  # as it was pasted
    handle = of_address(text) if ADDRESS.match(text) else text
    if handle.startswith(f"{HUB}datasets/"):
        raise ValueError(f"{text!r} is a data set of the Hub, and no preset: train on it.")
    if handle.startswith(f"{HUB}spaces/"):
        raise ValueError(f"{text!r} is a Space, and no preset: give the model that it shows.")
    at = f"@{revision}" if revision else ""
    match = FORM.fullmatch(handle + at)
    if not match or ".." in handle:
        raise ValueError(
            f"{text + at!r} is no handle of a Hub repository: give 'hf://user/repo' or "
            "'hf://user/repo/folder', and at its end '@revision' for a branch, a tag or a commit."
        )
    return Handle(match[1], match[2] or "", match[3])


def of_address(address: str, kind: str = "") -> str:
    """Return the handle of a page, such as `https://huggingface.co/user/repo/tree/branch/folder`.

    Of what is no page of a repository, it is empty.

    Args:
        address: of the page.
        kind: what stands before the repository: `"datasets/"`, or nothing for models.
    """
    path = urlsplit(address if "://" in address else f"https://{address}").path.strip("/")
    user, repo, *rest = [*path.removeprefix(kind).split("/"), ""]
    handle = f"{HUB}{user}/{repo.removesuffix('.git')}"
    if rest in ([], [""]) or (kind and rest[0] == "viewer"):
        return handle
    view, revision, *inside = map(unquote, rest)
    if view not in VIEWS or not revision:
        return ""
    folder = "/".join(filter(None, inside[:-1][: VIEWS[view]]))
    return "/".join(filter(None, (handle, folder))) + f"@{revision}"


def download(
    repository: str,
    names: Sequence[str],
    *,
    folder: str = "",
    revision: str | None = None,
    token: str | bool | None = None,
    cache_dir: str | os.PathLike[str] | None = None,
    local_files_only: bool = False,
) -> Path:
    """Return the folder of the client's cache that holds these files of a repository.

    Files of a full commit that are there already cost no request. Where the Hub cannot be
    reached, those of a branch or tag come from the cache as well.

    Raises:
        OSError: the files could not be had; the message says why, and what to do.
        ValueError: a file is larger than a preset's may be.
    """
    from huggingface_hub import constants, snapshot_download

    handle = Handle(repository, folder, revision)
    paths = [f"{folder}/{name}" if folder else name for name in names]
    cache = expanded(cache_dir or constants.HF_HUB_CACHE)
    cached = _cached(handle, paths, cache)
    if cached and (local_files_only or COMMIT.fullmatch(revision or "")):
        return cached / folder
    if local_files_only:
        raise FileNotFoundError(
            f"{handle} is not in the cache, and local_files_only=True forbids to download it."
        )
    try:
        with explained(handle):
            info = client(token).model_info(
                repository, revision=revision, files_metadata=True, timeout=TIMEOUT_SECONDS
            )
        _check_listing(handle, info.siblings or [], paths)
        with explained(handle):
            snapshot = snapshot_download(
                repository,
                revision=revision,  # by its name, so that the cache knows it next time
                allow_patterns=paths,
                cache_dir=cache,
                token=token,
                library_name="ganzoo",
                library_version=__version__,
            )
    except ConnectionError:
        if cached:
            return cached / folder
        raise
    return Path(snapshot) / folder


def at_commit(handle: Handle, downloaded: Path) -> str:
    """Return the handle of the very commit that was downloaded into a folder of the cache."""
    snapshot = downloaded.parents[handle.folder.count("/")] if handle.folder else downloaded
    return str(handle._replace(revision=snapshot.name))


def forget(folder: Path, names: Sequence[str]) -> None:
    """Remove files from the client's cache, so that the next call brings them again."""
    for name in names:
        for path in ((folder / name).resolve(), folder / name):
            with suppress(OSError):
                path.unlink()


def client(token: str | bool | None) -> Any:
    """Return the Hub's client, which then tells the Hub who asks."""
    from huggingface_hub import HfApi

    return HfApi(token=token, library_name="ganzoo", library_version=__version__)


def _cached(handle: Handle, paths: Sequence[str], cache: Path) -> Path | None:
    from huggingface_hub import try_to_load_from_cache

    found = [
        try_to_load_from_cache(handle.repository, path, cache, handle.revision or "main")
        for path in paths
    ]
    if not all(isinstance(each, str) for each in found):
        return None
    return Path(str(found[0])).parents[paths[0].count("/")]


def _check_listing(handle: Handle, siblings: Sequence[Any], paths: Sequence[str]) -> None:
    sizes = {each.rfilename: each.size or 0 for each in siblings}
    for path in paths:
        if path not in sizes:
            raise FileNotFoundError(f"{handle} is no preset of ganzoo: it has no {path}.")
        if sizes[path] > most_bytes(path):
            raise ValueError(
                f"{handle} is no preset of ganzoo: its {path} has {sizes[path]:,} bytes, and no "
                f"preset's has above {most_bytes(path):,}."
            )
