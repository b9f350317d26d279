"""Things that users call by name: unknown ones, and those that a terminal cannot show."""

import sys
from collections.abc import Mapping
from difflib import get_close_matches
from typing import TypeVar

T = TypeVar("T")


def choose(kind: str, name: str, known: Mapping[str, T]) -> T:
    """Return `known[name]`, or raise a `ValueError` with the known names and the closest one."""
    if name in known:
        return known[name]
    close = get_close_matches(str(name).lower(), known, n=1)
    hint = f" Did you mean {close[0]!r}?" if close else ""
    raise ValueError(f"Unknown {kind} {name!r}. Known: {', '.join(known)}.{hint}")


def printable(name: str) -> str:
    """Return a file's name as the terminal can show it, with escapes for line ends and the like."""
    shown = "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode() for each in name
    )
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    return shown.encode(encoding, "backslashreplace").decode(encoding)
