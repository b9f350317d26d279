"""Where in a training a checkpoint was made: after an epoch, or within one."""

import re
from pathlib import Path
from typing import NamedTuple

from ganzoo.callbacks.state_file import damaged, note, opened

NAME = re.compile(r"epoch-(\d{6,})(?:-step-(\d{6,}))?\.keras")
WITHIN = "within.json"  # what a checkpoint of the middle of an epoch says of it


class Within(NamedTuple):
    """Where in its epoch a training stands.

    Attributes:
        step: how many steps are done.
        steps: how many an epoch has, or None where that was not known.
        means: the numbers of the running means.
    """

    step: int
    steps: int | None
    means: list[list[float]]

    def of_others(self, steps: int | None) -> bool:
        """Whether an epoch of so many steps is another one."""
        return None not in (steps, self.steps) and steps != self.steps

    def check(self, path: Path, steps: int | None, at_once: int) -> None:
        """Check that a training can go on there.

        Args:
            path: the checkpoint.
            steps: how many an epoch has now, or None.
            at_once: how many are run at once.

        Raises:
            ValueError: it would go on with other batches.
        """
        if self.of_others(steps):
            raise ValueError(
                f"{path} was saved within an epoch of {self.steps} steps, and now an epoch has "
                f"{steps}: give the same images, batch_size and steps_per_epoch as then; or begin "
                "this epoch anew with ExactResume(folder, new_recipe=True)."
            )
        if self.step % at_once:
            raise ValueError(
                f"{path} was saved after {self.step} steps: compile with steps_per_execution=1, "
                "or another number that divides it."
            )


def is_checkpoint(path: Path) -> bool:
    """Whether a file is called as checkpoints are."""
    return NAME.fullmatch(path.name) is not None


def name_of(epoch: int, step: int = 0) -> str:
    """Return what a checkpoint is called after so many epochs, and so many steps of the next."""
    return f"epoch-{epoch:06d}-step-{step:06d}.keras" if step else f"epoch-{epoch:06d}.keras"


def place_of(path: Path) -> tuple[int, int]:
    """Return how many epochs were finished, and how many steps of the next one."""
    found = NAME.fullmatch(path.name)
    assert found
    return int(found[1]), int(found[2] or 0)


def epoch_of(path: Path) -> int:
    """Return how many epochs were finished."""
    return place_of(path)[0]


def within_of(path: Path) -> Within | None:
    """Return where in its epoch a checkpoint stands, if not at the beginning.

    Raises:
        DamagedError: it does not say so, though its name does.
    """
    if not place_of(path)[1]:
        return None
    with opened(path) as archive:
        said = note(archive, WITHIN)
    try:
        return Within(**said)
    except TypeError as error:
        raise damaged(path, error) from error
