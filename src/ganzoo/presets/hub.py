"""The Hugging Face Hub, by its own client: a repository into the client's cache, and back up.

The client is imported when it is needed: that takes long.
"""

import os
import re
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from ganzoo._version import __version__
from ganzoo.presets.card import HANDLE
from ganzoo.presets.errors import explained
from ganzoo.presets.layout import CARD, METADATA, most_bytes
from ganzoo.presets.reading import PresetFolder

TIMEOUT_SECONDS = 5  # without an answer; the client alone would try for 23 seconds
COMMIT = re.compile(r"[0-9a-f]{40}")
PART = r"[A-Za-z0-9][\w.-]*"
HANDLE_FORM = re.compile(rf"hf://({PART}/{PART})(?:@({PART}(?:/{PART})*))?", re.ASCII)


def parse(handle: str, revision: str | None = None) -> tuple[str, str | None]:
    """Return repository and revision of `hf://user/repo[@revision]`."""
    at = f"@{revision}" if revision else ""
    match = HANDLE_FORM.fullmatch(handle + at)
    if not match:
        raise ValueError(
            f"{handle + at!r} is no handle of a Hub repository: give 'hf://user/repo' or "
            "'hf://user/repo@revision', the revision a branch, a tag or a commit."
        )
    return match[1], match[2]


def download(
    repository: str,
    names: Sequence[str],
    *,
    revision: str | None = None,
    token: str | bool | None = None,
    cache_dir: str | Path | None = None,
    local_files_only: bool = False,
) -> Path:
    """Return the folder of the client's cache that holds these files of a repository.

    Files of a full commit that are there already cost no request. Where the Hub cannot be
    reached, those of a branch or tag come from the cache as well.

    Raises:
        OSError: the files could not be had; the message says why, and what to do.
        ValueError: a file is larger than a preset's may be.
    """
    from huggingface_hub import snapshot_download

    handle = f"hf://{repository}" + (f"@{revision}" if revision else "")
    cached = _cached(repository, names, revision, cache_dir)
    if cached and (local_files_only or COMMIT.fullmatch(revision or "")):
        return cached
    if local_files_only:
        raise FileNotFoundError(
            f"{handle} is not in the cache, and local_files_only=True forbids to download it."
        )
    try:
        with explained(handle):
            info = _api(token).model_info(
                repository, revision=revision, files_metadata=True, timeout=TIMEOUT_SECONDS
            )
        _check_listing(handle, info.siblings or [], names)
        with explained(handle):
            folder = snapshot_download(
                repository,
                revision=revision,  # by its name, so that the cache knows it next time
                allow_patterns=list(names),
                cache_dir=cache_dir,
                token=token,
                library_name="ganzoo",
                library_version=__version__,
            )
    except ConnectionError:
        if cached:
            return cached
        raise
    return Path(folder)


def forget(folder: Path, names: Sequence[str]) -> None:
    """Remove files from the client's cache, so that the next call brings them again."""
    for name in names:
        for path in ((folder / name).resolve(), folder / name):
            with suppress(OSError):
                path.unlink()


def upload_preset(
    handle: str,
    folder: str | os.PathLike[str],
    *,
    private: bool | None = None,
    commit_message: str | None = None,
    token: str | bool | None = None,
) -> str:
    """Upload a preset folder to the Hugging Face Hub, in one commit.

    The repository is created when needed. Only the preset's own files are uploaded, after they
    were checked; other files in the folder, such as checkpoints, stay where they are.

    Args:
        handle: `"hf://user/repo"`, or `"hf://user/repo@branch"`.
        folder: a folder that `save_to_preset` or `ganzoo train` has written.
        private: whether only you see a repository that is created; by default as your account
            is set.
        commit_message: what the commit is for.
        token: your token; by default the one that `hf auth login` or `HF_TOKEN` has set.

    Returns:
        The handle of the commit, which never changes.

    Raises:
        OSError: the Hub did not take it; the message says why, and what to do.
        ValueError: the handle is malformed, or the preset damaged.

    Example:
        ```python
        import ganzoo

        ganzoo.DCGAN((28, 28, 1)).save_to_preset("my_gan")
        ganzoo.upload_preset("hf://me/my-gan", "my_gan")
        ```
    """
    repository, revision = parse(handle)
    operations = _operations(Path(folder), repository)
    api = _api(token)
    with explained(handle):
        api.create_repo(repository, private=private, exist_ok=True)
        if revision:
            api.create_branch(repository, branch=revision, exist_ok=True)
        commit = api.create_commit(
            repository,
            operations,
            commit_message=commit_message or f"Upload a preset of ganzoo {__version__}",
            revision=revision,
        )
    return f"hf://{repository}@{commit.oid}"


def _api(token: str | bool | None) -> Any:
    from huggingface_hub import HfApi

    return HfApi(token=token, library_name="ganzoo", library_version=__version__)


def _operations(folder: Path, repository: str) -> list[Any]:
    from huggingface_hub import CommitOperationAdd

    preset = PresetFolder(folder, os.fspath(folder))
    files: dict[str, Any] = {name: preset.checked(name) for name in preset.metadata["files"]}
    files[METADATA] = folder / METADATA
    card = folder / CARD
    if card.is_file() and not card.is_symlink():  # no hash vouches for what a link leads to
        text = card.read_text(encoding="utf-8")
        files[CARD] = text.replace(HANDLE, f"hf://{repository}").encode()
    return [CommitOperationAdd(name, content) for name, content in files.items()]


def _cached(
    repository: str, names: Sequence[str], revision: str | None, cache_dir: str | Path | None
) -> Path | None:
    from huggingface_hub import try_to_load_from_cache

    paths = [
        try_to_load_from_cache(repository, name, cache_dir, revision or "main") for name in names
    ]
    found = [Path(path) for path in paths if isinstance(path, str)]
    return found[0].parent if len(found) == len(names) else None


def _check_listing(handle: str, siblings: Sequence[Any], names: Sequence[str]) -> None:
    sizes = {each.rfilename: each.size or 0 for each in siblings}
    for name in names:
        if name not in sizes:
            raise FileNotFoundError(f"{handle} is no preset of ganzoo: it has no {name}.")
        if sizes[name] > most_bytes(name):
            raise ValueError(
                f"{handle} is no preset of ganzoo: its {name} has {sizes[name]:,} bytes, and no "
                f"preset's has above {most_bytes(name):,}."
            )
