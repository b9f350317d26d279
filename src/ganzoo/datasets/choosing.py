"""Some of many images, of every class."""

import numpy as np


def spread(groups: np.ndarray, seed: int = 0) -> np.ndarray:
    """Return an order whose every beginning holds all groups, in proportion where it can.

    Args:
        groups: what each image belongs to, `(n,)`.
        seed: what is drawn from within the groups.

    Returns:
        Positions, `(n,)`: first one of each group.
    """
    drawn = np.random.default_rng(seed).permutation(len(groups))
    ranks, counts = _ranks(groups[drawn])
    return drawn[np.argsort(ranks / counts, kind="stable")]


def first_of(count: int, groups: np.ndarray | None, limit: int | None) -> np.ndarray | None:
    """Return which of the images to keep, in their order; None for all.

    Args:
        count: how many there are.
        groups: the class of each, or None.
        limit: how many to keep, or None for all.

    Raises:
        ValueError: so few that a class would be left without an image.
    """
    if limit is None or limit >= count:
        return None
    groups = np.zeros(count, int) if groups is None else groups
    check_limit(limit, len(np.unique(groups)))
    return np.sort(spread(groups)[:limit])


def check_limit(limit: int, classes: int) -> None:
    """Check that a limit leaves an image of every class."""
    whole = isinstance(limit, int | np.integer)
    if not whole or limit < max(classes, 1):
        many = f"{classes} classes with one image each" if classes > 1 else "one image"
        raise ValueError(f"limit must leave {many} at least, not {limit!r}.")


def split(
    count: int, groups: np.ndarray | None, share: float, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return which images to train on, and which to validate on, both in their order.

    Args:
        count: how many there are.
        groups: the class of each, which is then on both sides where it has two images; or None.
        share: of each class, to validate on.
        seed: what is drawn from.

    Raises:
        ValueError: none would be left on one side.
    """
    groups = np.zeros(count, int) if groups is None else groups
    drawn = np.random.default_rng([seed, 1]).permutation(count)
    ranks, counts = _ranks(groups[drawn])
    most = np.maximum(counts - 1, 0)
    held_out = ranks < np.minimum(np.maximum(np.rint(counts * share), 1), most)
    if not 0 < share < 1 or not 0 < held_out.sum() < count:
        raise no_split(share, count)
    return np.sort(drawn[~held_out]), np.sort(drawn[held_out])


def no_split(share: float, count: int) -> ValueError:
    """Return what to raise where a share leaves no image on one side."""
    return ValueError(
        f"validation_split={share} of {count} images leaves none to train or to validate on."
    )


def _ranks(groups: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return how many of each image's group come before it, and how many there are in all."""
    _, inverse, counts = np.unique(groups, return_inverse=True, return_counts=True)
    by_group = np.argsort(inverse, kind="stable")
    starts = np.cumsum(counts) - counts
    ranks = np.empty(len(groups), int)
    ranks[by_group] = np.arange(len(groups)) - np.repeat(starts, counts)
    return ranks, counts[inverse]
