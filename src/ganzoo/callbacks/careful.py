"""Files that must not cost the training."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager


class Careful:
    """Writes what can be written; warns of what cannot, such as on a full disk.

    Args:
        what: what is written, for the warning.
        kept: what the warning says is left.
        once: whether the first warning is enough.

    Attributes:
        failed: whether the last block failed.
    """

    def __init__(self, what: str, kept: str = "", once: bool = True) -> None:
        self.what, self.kept, self.once = what, kept, once
        self.failed = self._warned = False

    @contextmanager
    def __call__(self, when: str = "") -> Iterator[None]:
        """Turn an `OSError` of the block into a warning."""
        self.failed = False
        try:
            yield
        except OSError as error:
            self.failed = True
            if not (self.once and self._warned):
                self._warned = True
                why = str(error).rstrip(".")
                warnings.warn(
                    f"No {self.what}{when} could be written: {why}. The training goes on"
                    f"{self.kept}.",
                    stacklevel=4,
                )
