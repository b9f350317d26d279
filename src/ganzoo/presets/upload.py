"""From a preset folder to a repository of the Hugging Face Hub."""

import os
from http import HTTPStatus
from pathlib import Path
from typing import Any

from ganzoo._version import __version__
from ganzoo.files import expanded
from ganzoo.presets import card
from ganzoo.presets.hub import TIMEOUT_SECONDS, Handle, client, parse
from ganzoo.presets.hub_errors import explained
from ganzoo.presets.preset_folder import CARD, METADATA, PresetFolder


def upload_preset(
    handle: str,
    folder: str | os.PathLike[str],
    *,
    private: bool | None = None,
    commit_message: str | None = None,
    token: str | bool | None = None,
) -> str:
    """Upload a preset folder to the Hugging Face Hub, in one commit.

    The repository is created when needed, once everything has been checked, its card by the Hub.
    Only the preset's own files are uploaded; other files in the folder, such as checkpoints, stay
    where they are.

    Args:
        handle: `"hf://user/repo"`, or `"hf://user/repo@branch"`; `"hf://user/repo/folder"` puts
            the preset into a folder of the repository.
        folder: a folder that `save_to_preset` or `ganzoo train` has written.
        private: whether only you see a repository that is created; by default as your account
            is set.
        commit_message: what the commit is for.
        token: your token; by default the one that `hf auth login` or `HF_TOKEN` has set.

    Returns:
        The handle of the commit, which never changes.

    Raises:
        OSError: the Hub did not take it; the message says why, and what to do.
        ValueError: the handle is malformed, the preset damaged, or its card one that the Hub
            refuses.

    Example:
        ```python
        import ganzoo

        ganzoo.DCGAN((28, 28, 1)).save_to_preset("my_gan")
        ganzoo.upload_preset("hf://me/my-gan", "my_gan")
        ```
    """
    from huggingface_hub import CommitOperationAdd

    to, place = parse(handle), expanded(folder)
    files = checked_files(place, to)
    api, inside = client(token), ""
    if to.folder:
        inside = f"{to.folder}/"
    elif CARD in files:  # a repository's card is the one at its top
        check_card(files[CARD].decode(), place / CARD, to)
    with explained(to):
        api.create_repo(to.repository, private=private, exist_ok=True)
        if to.revision:
            api.create_branch(to.repository, branch=to.revision, exist_ok=True)
        commit = api.create_commit(
            to.repository,
            [CommitOperationAdd(inside + name, content) for name, content in files.items()],
            commit_message=commit_message or f"Upload a preset of ganzoo {__version__}",
            revision=to.revision,
        )
    return str(to._replace(revision=commit.oid))


def checked_files(folder: Path, to: Handle) -> dict[str, Any]:
    """Return what is uploaded: the paths of checked files, and the card that names its handle."""
    preset = PresetFolder(folder, os.fspath(folder))
    files: dict[str, Any] = {name: preset.checked(name) for name in preset.metadata["files"]}
    files[METADATA] = folder / METADATA
    path = folder / CARD
    if path.is_file() and not path.is_symlink():  # no hash vouches for what a link leads to
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise ValueError(f"{path} is no text in UTF-8: save it as that.") from error
        files[CARD] = text.replace(card.HANDLE, str(to._replace(revision=None))).encode()
    return files


def check_card(text: str, path: Path, to: Handle) -> None:
    """Ask the Hub whether it takes a card, before anything is created there.

    Raises:
        ValueError: it does not.
    """
    from huggingface_hub import get_session, hf_raise_for_status

    with explained(to):
        answer = get_session().post(
            f"{client(None).endpoint}/api/validate-yaml",
            json={"repoType": "model", "content": text},
            timeout=TIMEOUT_SECONDS,
        )
        if answer.status_code != HTTPStatus.BAD_REQUEST:
            hf_raise_for_status(answer)
            return
        faults = [str(each.get("message")) for each in answer.json().get("errors", [])]
    raise ValueError(
        f"The Hub refuses the card {path}: {'; '.join(faults)[:500]}. Correct the lines between "
        "--- at its top, or save the model with other metadata. Nothing was uploaded."
    )
