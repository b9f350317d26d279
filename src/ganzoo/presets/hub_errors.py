"""What the Hub's client raises, in words that say what to do.

They hide tokens, and do not quote the server's pages, which may hold one.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager

TOKEN = re.compile(r"hf_\w{10,}")
LOGIN = "log in with `hf auth login`, or set HF_TOKEN"

ANSWERS: dict[str, tuple[type[OSError], str]] = {
    "GatedRepoError": (
        PermissionError,
        f"{{handle}} is gated: ask for access on its page on the Hub, then {LOGIN}.",
    ),
    "RepositoryNotFoundError": (
        FileNotFoundError,
        "There is no {handle} on the Hub, or it is private. Check the spelling; if it is private, "
        f"{LOGIN}, with a token that may read it.",
    ),
    "RevisionNotFoundError": (
        FileNotFoundError,
        "{handle} names a revision that is not there: give a branch, a tag or a commit.",
    ),
    "LocalTokenNotFoundError": (PermissionError, f"{{handle}} needs a token: {LOGIN}."),
    "OfflineModeIsEnabled": (
        ConnectionError,
        "{handle} is not in the cache, and HF_HUB_OFFLINE forbids to ask the Hub for it. Unset "
        "it, or load a folder.",
    ),
}
"""What each error of the client is to us; the first that fits."""

DENIED = (
    PermissionError,
    f"The Hub denies access to {{handle}} ({{status}}): {LOGIN}, with a token that may read it, or "
    "write to it for an upload.",
)
STATUS: dict[int, tuple[type[OSError], str]] = {
    401: DENIED,
    403: DENIED,
    404: (FileNotFoundError, "The Hub has no such file in {handle} ({status})."),
    429: (
        ConnectionError,
        "The Hub asks to wait before it serves {handle} ({status}, too many requests): call again "
        "in some minutes. Who is logged in may ask more often.",
    ),
}
FAILED = (
    ConnectionError,
    "The Hub failed to serve {handle} ({status}): call again later, or look at "
    "https://status.huggingface.co.",
)
"""Any other status."""


@contextmanager
def explained(handle: object) -> Iterator[None]:
    """Explain the errors of a call to the Hub's client.

    Raises:
        ConnectionError: the Hub could not be asked; another time it may answer.
        OSError: its answer was no, or the disk's.
    """
    try:
        yield
    except Exception as error:  # also of the transport, another library from version to version
        raise _plain(error, str(handle)) from None


def _plain(error: Exception, handle: str) -> OSError:
    from huggingface_hub import errors

    if isinstance(error, RuntimeError) and isinstance(error.__cause__, Exception):
        return _plain(error.__cause__, handle)  # of one file among several
    for name, (kind, text) in ANSWERS.items():
        if isinstance(error, getattr(errors, name)):
            return kind(text.format(handle=handle))
    if isinstance(error, errors.HfHubHTTPError):
        status = error.response.status_code
        kind, text = STATUS.get(status, FAILED)
        return kind(text.format(handle=handle, status=status))
    if isinstance(error, OSError) and error.errno and error.strerror:
        return OSError(
            f"{handle} could not be stored: {error.strerror}. Free some space, or choose another "
            "folder with cache_dir or HF_HOME."
        )
    reason = TOKEN.sub("hf_...", f"{type(error).__name__}: {error}")[:300]
    return ConnectionError(
        f"The Hub gave no usable answer for {handle} ({reason}). Check the network, and "
        "HF_ENDPOINT if you have set it, and call again. What was downloaded once loads without "
        "a network, and so does a folder."
    )
