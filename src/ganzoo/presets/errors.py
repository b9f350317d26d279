"""What the Hub's client raises, in words that say what to do.

They hide tokens, and do not quote the server's pages, which may hold one.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

LOGIN = "log in with `hf auth login`, or set HF_TOKEN"

TOKEN = re.compile(r"hf_\w{10,}")


@contextmanager
def explained(handle: str) -> Iterator[None]:
    """Explain the errors of a call to the Hub's client.

    Raises:
        ConnectionError: the Hub could not be asked; another time it may answer.
        OSError: its answer was no, or the disk's.
    """
    try:
        yield
    except Exception as error:  # also of the transport, another library from version to version
        raise _plain(error, handle) from None


def _plain(error: Exception, handle: str) -> OSError:
    from huggingface_hub import errors

    if isinstance(error, RuntimeError) and isinstance(error.__cause__, Exception):
        return _plain(error.__cause__, handle)  # of one file among several
    if isinstance(error, errors.GatedRepoError):
        return PermissionError(
            f"{handle} is gated: ask for access on its page on the Hub, then {LOGIN}."
        )
    if isinstance(error, errors.RepositoryNotFoundError):
        return FileNotFoundError(
            f"There is no {handle} on the Hub, or it is private. Check the spelling; if it is "
            f"private, {LOGIN}, with a token that may read it."
        )
    if isinstance(error, errors.RevisionNotFoundError):
        return FileNotFoundError(
            f"{handle} names a revision that is not there: give a branch, a tag or a commit."
        )
    if isinstance(error, errors.LocalTokenNotFoundError):
        return PermissionError(f"{handle} needs a token: {LOGIN}.")
    if isinstance(error, errors.OfflineModeIsEnabled):
        return ConnectionError(
            f"{handle} is not in the cache, and HF_HUB_OFFLINE forbids to ask the Hub for it. "
            "Unset it, or load a folder."
        )
    if isinstance(error, errors.HfHubHTTPError):
        return _refusal(error.response.status_code, handle)
    if isinstance(error, OSError) and error.errno:
        return OSError(
            error.errno,
            f"{handle} could not be stored: {error.strerror}. Free some space, or choose another "
            "folder with cache_dir or HF_HOME",
        )
    reason = TOKEN.sub("hf_...", f"{type(error).__name__}: {error}")[:300]
    return ConnectionError(
        f"The Hub gave no usable answer for {handle} ({reason}). Check the network, and "
        "HF_ENDPOINT if you have set it, and call again. What was downloaded once loads without "
        "a network, and so does a folder."
    )


def _refusal(status: int, handle: str) -> OSError:
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return PermissionError(
            f"The Hub denies access to {handle} ({status}): {LOGIN}, with a token that may read "
            "it, or write to it for an upload."
        )
    if status == HTTPStatus.NOT_FOUND:
        return FileNotFoundError(f"The Hub has no such file in {handle} ({status}).")
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return ConnectionError(
            f"The Hub asks to wait before it serves {handle} ({status}, too many requests): call "
            "again in some minutes. Who is logged in may ask more often."
        )
    return ConnectionError(
        f"The Hub failed to serve {handle} ({status}): call again later, or look at "
        "https://status.huggingface.co."
    )
