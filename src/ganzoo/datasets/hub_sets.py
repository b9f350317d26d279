"""Data sets of the Hugging Face Hub, by its own client: from a handle to the files of a split.

Files are those of one commit, and each must have the hash that the Hub announces; what is in the
client's cache is found again without a request if the commit is given, and without a network.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from ganzoo._version import __version__
from ganzoo.datasets.hub_splits import files_of
from ganzoo.files import expanded, home, whole_file
from ganzoo.presets.hub import ADDRESS, COMMIT, FORM, HUB, TIMEOUT_SECONDS, client, of_address
from ganzoo.presets.hub_errors import explained
from ganzoo.storage import sha256

SETS = "hf://datasets/"
CARD = "README.md"

Hashes = Mapping[str, str]
"""By the name of each file: the SHA-256 of a large one, or else Git's SHA-1."""


class SetHandle(NamedTuple):
    """A data set on the Hub: its repository, a folder or configuration in it, and a revision."""

    repository: str
    folder: str = ""
    revision: str | None = None

    def __str__(self) -> str:
        place = "/".join(filter(None, (self.repository, self.folder)))
        return SETS + (f"{place}@{self.revision}" if self.revision else place)


class HubFiles(NamedTuple):
    """The files of a split.

    Attributes:
        handle: of the very commit.
        folder: of the client's cache.
        names: the files in it, among which there may be others.
    """

    handle: SetHandle
    folder: Path
    names: frozenset[str]


def is_set(data: Any) -> bool:
    """Whether a text means a data set of the Hub: `hf://datasets/...`, or the address of a page."""
    if not isinstance(data, str):
        return False
    data = data.strip()
    address = ADDRESS.match(data)
    return data.startswith(SETS) or bool(address and data[address.end() :].startswith("datasets/"))


def parse(text: str) -> SetHandle:
    """Return what a handle means.

    Raises:
        ValueError: it is malformed.
    """
    text = text.strip()  # as it was pasted
    handle = of_address(text, "datasets/") if ADDRESS.match(text) else text
    place = handle.removeprefix(HUB).removeprefix("datasets/")
    match = FORM.fullmatch(place)
    if not match or ".." in place:
        raise ValueError(
            f"{text!r} is no data set of the Hub: give 'hf://datasets/user/name', and at its end "
            "'@revision' for a branch, a tag or a commit."
        )
    return SetHandle(match[1], match[2] or "", match[3])


def pinned(text: str) -> str:
    """Return the handle of the very commit that a handle means today, or that is in the cache.

    Raises:
        OSError: there is no such data set, or it cannot be asked for; says why, and what to do.
    """
    handle = parse(text)
    if COMMIT.fullmatch(handle.revision or ""):
        return str(handle)
    return str(handle._replace(revision=_listing(handle)[0]))


def address(text: str) -> str:
    """Return the address of a handle's page, without its revision."""
    return f"https://huggingface.co/datasets/{parse(text).repository}"


def fetch(text: str, split: str | None = None) -> HubFiles:
    """Return the files of a split, after downloading those that are missing.

    Args:
        text: a handle.
        split: `"train"` by default; all files where none of them says a split.

    Raises:
        OSError: the files could not be had; says why, and what to do.
        ValueError: there is no such split, or no file that can be read.
    """
    handle = parse(text)
    commit, hashes, unreachable = _listing(handle)
    found = handle._replace(revision=commit)
    card = _snapshot(found, [CARD], unreachable) / CARD if CARD in hashes else None
    try:
        names = files_of(list(hashes), split or "train", handle.folder, _configurations(card))
    except ValueError as error:
        raise ValueError(f"{handle} {error}") from None
    folder = _snapshot(found, names, unreachable)
    _verify(found, folder, {name: hashes[name] for name in names})
    return HubFiles(found, folder, frozenset(names))


def _configurations(card: Path | None) -> Sequence[Any]:
    """Return what a card says of files, if it is well-formed."""
    from huggingface_hub import metadata_load

    try:
        said = metadata_load(card) if card else None
    except Exception:  # a stranger's file can make it raise anything; paths say enough
        return ()
    found = (said or {}).get("configs")
    return found if isinstance(found, list) else ()


class Listing(NamedTuple):
    """What a handle means: a commit, and the hashes of its files.

    `unreachable` is why the Hub could not be asked, where this is what it said the last time.
    """

    commit: str
    hashes: Hashes
    unreachable: ConnectionError | None = None


def _listing(handle: SetHandle) -> Listing:
    """Ask the Hub for what a handle means, and keep its answer; of a commit, the answer stays."""
    noted = _noted(handle)
    if noted and COMMIT.fullmatch(handle.revision or ""):
        return noted
    try:
        with explained(handle):
            info = client(None).dataset_info(
                handle.repository,
                revision=handle.revision,
                files_metadata=True,
                timeout=TIMEOUT_SECONDS,
            )
    except ConnectionError as error:
        if noted:
            return noted._replace(unreachable=error)
        raise
    hashes = {
        each.rfilename: each.lfs.sha256 if each.lfs else str(each.blob_id)
        for each in info.siblings or ()
    }
    for revision in {info.sha, handle.revision or "main"}:
        _keep(_note(handle._replace(revision=revision)), [info.sha, hashes])
    return Listing(info.sha, hashes)


def _note(handle: SetHandle) -> Path:
    key = hashlib.sha256(repr((handle.repository, handle.revision or "main")).encode())
    return home() / "hub" / f"{key.hexdigest()[:32]}.json"


def _noted(handle: SetHandle) -> Listing | None:
    try:
        commit, hashes = json.loads(_note(handle).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return Listing(commit, hashes)


def _snapshot(
    handle: SetHandle, names: Sequence[str], unreachable: ConnectionError | None = None
) -> Path:
    """Return the folder of the client's cache that holds files of a commit."""
    from huggingface_hub import constants, snapshot_download, try_to_load_from_cache

    cache = expanded(constants.HF_HUB_CACHE)  # the client would make a folder called "~"
    first = try_to_load_from_cache(
        handle.repository, names[0], cache, handle.revision, repo_type="dataset"
    )
    if isinstance(first, str):
        folder = Path(first).parents[names[0].count("/")]
        if all((folder / name).exists() for name in names):
            return folder
    if unreachable:
        raise unreachable  # at once: the client would try for 23 seconds
    patterns = [re.sub(r"([*?[])", r"[\1]", name) for name in names]
    with explained(handle):
        return Path(
            snapshot_download(
                handle.repository,
                repo_type="dataset",
                revision=handle.revision,
                allow_patterns=patterns,
                cache_dir=cache,
                library_name="ganzoo",
                library_version=__version__,
            )
        )


def _verify(handle: SetHandle, folder: Path, hashes: Hashes) -> None:
    """Check files once: those that have passed are noted, and looked at no more if unchanged.

    Raises:
        ConnectionError: a file has other bytes than the Hub announces; it is removed.
    """
    path = _note(handle).with_suffix(".verified")
    try:
        passed = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        passed = {}
    before = dict(passed)
    for name, expected in hashes.items():
        status = (folder / name).stat()
        marks = [expected, status.st_size, status.st_mtime_ns]
        if passed.get(name) == marks:
            continue
        if _hash(folder / name, len(expected)) != expected:
            for each in ((folder / name).resolve(), folder / name):
                each.unlink(missing_ok=True)
            raise ConnectionError(
                f"{name} of {handle} is not the file that the Hub announces: a download was "
                "damaged. It was removed; call again."
            )
        passed[name] = marks
    if passed != before:
        _keep(path, passed)


def _keep(path: Path, found: Any) -> None:
    """Write down what need not be asked or computed again; where that cannot be, do without."""
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(path) as partial:
            partial.write_text(json.dumps(found), encoding="utf-8")


def _hash(path: Path, length: int) -> str:
    """Return the hash of a file as the Hub keeps it: SHA-256, or Git's of what is no large file."""
    if length == 64:
        return sha256(path)
    content = path.read_bytes()
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
