"""Things that users call by name, and what to say when a name is unknown."""

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
