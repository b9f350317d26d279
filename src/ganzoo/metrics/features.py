"""What the formulas ask of features before they compute with them."""

import numpy as np


def check_features(features: np.ndarray, name: str, least: int = 2) -> np.ndarray:
    """Return features as float64, after checking that a score can be made of them.

    Args:
        features: numbers `(n, size)`, a row for each image.
        name: what an error calls them.
        least: the fewest rows that make sense.

    Raises:
        ValueError: not two axes, too few rows, no column, NaN or infinite numbers.
    """
    checked = np.asarray(features, "float64")
    if checked.ndim != 2 or not checked.shape[1]:
        raise ValueError(
            f"The {name} features must be of shape (n, size), one row for each image, "
            f"not {checked.shape}."
        )
    if len(checked) < least:
        raise ValueError(f"{len(checked)} {name} images are too few: this needs {least} or more.")
    if not np.isfinite(checked).all():
        raise ValueError(
            f"The {name} features hold NaN or infinite numbers: "
            "look at the images and at the extractor that made them."
        )
    return checked


def check_pair(real: np.ndarray, fake: np.ndarray, least: int = 2) -> tuple[np.ndarray, np.ndarray]:
    """Return the features of both sets as float64, after checking that they belong together.

    Raises:
        ValueError: as `check_features`; or the sets differ in width.
    """
    checked = check_features(real, "real", least), check_features(fake, "fake", least)
    check_widths(checked[0].shape[1], checked[1].shape[1])
    return checked


def check_widths(real: int, fake: int) -> None:
    """Refuse features that cannot come from the same extractor."""
    if real != fake:
        raise ValueError(
            f"An image has {real} real features and {fake} fake ones: "
            "make both with the same extractor."
        )
