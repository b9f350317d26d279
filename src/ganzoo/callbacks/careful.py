"""Files that must not cost the training."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager


class Careful:
    """Writes what can be written; warns once of what cannot, such as on a full disk."""

    def __init__(self, what: str) -> None:
        self.what = what
        self._warned = False

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """Turn an `OSError` of the block into a warning, the first time."""
        try:
            yield
        except OSError as error:
            if not self._warned:
                self._warned = True
                warnings.warn(
                    f"No {self.what} could be written: {error}. The training goes on.",
                    stacklevel=4,
                )
