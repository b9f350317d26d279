"""Pixels must be in [0, 255]: what to say, and to do, where they are not."""

import math

import numpy as np

MOST_VALUES = 2**24  # of an image
STANDARDISED = 10  # standard deviations, that hardly a pixel is beyond
SLIGHTLY = 511  # a highest pixel up to here has overshot; beyond, it has more bits


def check_pixels(images: np.ndarray, later: bool = False, of_files: bool = False) -> None:
    """Check that the pixels are in [0, 255], and not scaled already.

    Args:
        images: an array of any shape.
        later: whether other batches were looked at before: a dark one is then no sign of a scale.
        of_files: whether they were read from image files.

    Raises:
        ValueError: they are out of range, or look scaled; says what to do.
        TypeError: they are of a dtype that does not hold pixels.
    """
    if not images.size:
        raise ValueError("There is no image to train on: the array is empty.")
    if images.dtype == np.uint8:
        if not later and _is_black_and_nearly_black(images):
            folder = "ganzoo.datasets.image_folder(...)." if of_files else ""
            raise ValueError(
                "Pixels must be in [0, 255], but none is above 1: all would be black. Give "
                f"{folder}images * 255 instead."
            )
        return
    if "float" not in images.dtype.name:
        raise TypeError(_advice_on_dtype(images))
    lowest, highest = float(images.min()), float(images.max())
    if not np.isfinite([lowest, highest]).all():
        raise ValueError("The images contain NaN or infinite pixels; remove or replace them.")
    if lowest < 0 or highest > 255:
        raise ValueError(
            f"Pixels must be in [0, 255], but they reach from {lowest:g} to {highest:g}. "
            + _advice_on_range(lowest, highest)
        )
    if 0 < highest <= 1 and not (later and _is_whole(images)):
        raise ValueError(
            "Pixels must be in [0, 255], but none is above 1: the images look scaled to [0, 1]. "
            "Give images * 255 instead; the model does its own scaling."
        )


def check_stored(images: np.ndarray, what: str = "images") -> None:
    """Check that images are uint8, as pictures are stored.

    Args:
        images: an array of any shape.
        what: which they are, for the message.

    Raises:
        ValueError: they are out of range, or look scaled; says what to do.
        TypeError: they are of another dtype.
    """
    try:
        check_pixels(images, later=images.dtype == np.uint8)
    except (TypeError, ValueError) as error:
        raise type(error)(f"Of the {what}: {error}") from error
    if images.dtype != np.uint8:
        raise TypeError(
            f"The {what} must be uint8, as pictures are stored, not {images.dtype}: give "
            "np.rint(images).astype('uint8')."
        )


def white_of(highest: float) -> int:
    """Return the largest number of as few bits as hold `highest`, and of 8 at least."""
    return max(2 ** math.ceil(math.log2(highest + 1)) - 1, 255) if highest > 0 else 255


def _is_black_and_nearly_black(images: np.ndarray) -> bool:
    """Whether the highest number is 1; seldom more than the first images are looked at."""
    highest = 0
    for start in range(0, len(images), 64):
        highest = max(highest, int(images[start : start + 64].max(initial=0)))
        if highest > 1:
            return False
    return highest == 1


def _is_whole(images: np.ndarray) -> bool:
    return bool((images == np.rint(images)).all())


def _advice_on_dtype(images: np.ndarray) -> str:
    kind = f"Expected images as uint8 or float in [0, 255], not {images.dtype}. "
    if images.dtype == np.bool_:
        return f"{kind}Give images * np.uint8(255); images.astype('uint8') would be black."
    if images.dtype.kind not in "iu":
        return f"{kind}Convert them to uint8."
    lowest, highest = int(images.min()), int(images.max())
    if lowest < 0:
        return (
            f"{kind}They reach from {lowest} to {highest}: give np.rint((images - {lowest:.1f}) * "
            f"({255 / (highest - lowest):.6g})).astype('uint8'), the same numbers for all images."
        )
    if highest == 1:
        return f"{kind}They reach to 1: give (images * 255).astype('uint8')."
    if highest <= 255:
        return f"{kind}They are in that range: give images.astype('uint8')."
    white = white_of(highest)
    divisor = 257 if white == 65535 else (white + 1) // 256
    return (
        f"{kind}They reach to {highest}, in {white.bit_length()} bits: give "
        f"(images // {divisor}).astype('uint8'), the same for all images."
    )


def _advice_on_range(lowest: float, highest: float) -> str:
    if -0.5 <= lowest and highest <= 0.5:
        return "Give (images + 0.5) * 255 instead."
    if -1 <= lowest and highest <= 1:
        return "Give (images + 1) * 127.5 instead."
    if -STANDARDISED <= lowest < 0 and highest <= STANDARDISED:
        return (
            "They look standardised, as classifiers like them: give them as they were before, in "
            "[0, 255]."
        )
    if lowest >= 0 and highest > SLIGHTLY:
        return f"Give images * (255 / {white_of(highest)}) instead, the same for all images."
    return "Rescale or clip them."
