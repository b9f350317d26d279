"""Checks of what knows a family by its presets alone: the command line and the demo."""

from pathlib import Path
from unittest import SkipTest

import numpy as np
from click.testing import CliRunner

from ganzoo.cli import main
from ganzoo.demo.studio import IN_TURN, Studio
from ganzoo.gan import GAN
from ganzoo.testing.drawing_checks import directions_of
from ganzoo.testing.promises import Small, images_of, promise, variants, vivid
from ganzoo.testing.training_checks import PICTURED, few_images, write_pictures


def check_command_line(family: type[GAN], small: Small, folder: Path) -> None:
    """Check the commands that take a preset: generate, interpolate, evaluate and info.

    Args:
        family: the family.
        small: the arguments of a small model.
        folder: an empty folder to write to.

    Raises:
        BrokenPromise: a command fails, or does not write its file.
        SkipTest: the images have a number of channels that no picture has.

    Example:
        ```python
        from pathlib import Path
        from tempfile import TemporaryDirectory

        import ganzoo
        from ganzoo.testing import check_command_line

        small = {"image_shape": (9, 8, 1), "latent_dim": 4, "base_filters": 4}
        with TemporaryDirectory() as folder:
            check_command_line(ganzoo.DCGAN, small, Path(folder))
        ```
    """
    gan = pictured(family, small)
    preset, images = str(folder / "preset"), folder / "images"
    gan.save_to_preset(preset)
    write_pictures(images, images_of(gan, 24), None)
    for command, *arguments in (
        ("generate", preset, "-n", "5", "-o", "images.png"),
        ("interpolate", preset, "-n", "2", "--steps", "3", "-o", "between.png"),
        ("interpolate", preset, "-n", "2", "--steps", "2", "-o", "between.gif"),
        ("evaluate", preset, str(images), "-n", "24", "--extractor", "random", "-o", "scores.json"),
        ("info", preset),
    ):
        written = folder / arguments[-1]  # of info the preset
        with few_images(folder):
            result = CliRunner().invoke(main, [command, *arguments[:-1], str(written)])
        promise(
            result.exit_code == 0,
            f"ganzoo {command} fails on a preset of the family: {result.output} "
            f"{result.exception!r}",
        )
        promise(written.exists(), f"ganzoo {command} did not write {written.name}.")
    height, width, channels = gan.image_shape
    promise(f"{height} x {width} x {channels}" in result.output, "ganzoo info has no image shape.")


def check_demo(family: type[GAN], small: Small, folder: Path) -> None:
    """Check the pictures of the page that `ganzoo demo` serves.

    Args:
        family: the family.
        small: the arguments of a small model.
        folder: an empty folder to write to.

    Raises:
        BrokenPromise: a picture does not change with what is asked for.
        SkipTest: the images have a number of channels that no picture has, or the generator has no
            directions to go along.
    """
    model = str(folder)
    gan = pictured(family, small)
    gan.save_to_preset(model)
    studio = Studio([model])
    label = studio.labels(model)[-1] if gan.num_classes else IN_TURN
    one, other = (np.asarray(studio.grid(model, seed, 5, label)) for seed in range(2))
    promise((one != other).any(), "The demo draws the same for every seed.")
    way = np.asarray(studio.between(model, 0, 1, 2, label))
    promise(np.ptp(way) > 0, "The demo draws no way between images.")
    directions_of(gan, 1)
    one, other = (np.asarray(studio.varied(model, 0, 1, label, [far] * 6)) for far in (0, 3))
    promise((one != other).any(), "In the demo, going along a direction changes nothing.")


def pictured(family: type[GAN], small: Small) -> GAN:
    """Return a model whose images are pictures."""
    gan = vivid(family(**variants(family, small)[-1]))
    if gan.image_shape[-1] not in PICTURED:
        raise SkipTest(f"no picture has {gan.image_shape[-1]} channels")
    return gan
