"""Checks for authors of families: what users may rely on, whatever family a model is of.

ganzoo's own families pass them. Each check is a function of a family, of the arguments of a small
model, and of an empty folder to write to; it raises `BrokenPromise`, or whatever the family raised,
or `unittest.SkipTest` where it needs what is not there. pytest is not needed, and takes them as
parameters:

```python
import ganzoo.testing
import pytest


@pytest.mark.parametrize("check", ganzoo.testing.CHECKS)
def test_dcgan_keeps_its_promises(check, tmp_path):
    check(ganzoo.DCGAN, {"image_shape": (9, 8, 1), "latent_dim": 4, "base_filters": 4}, tmp_path)
```
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest import SkipTest

from ganzoo.gan import GAN
from ganzoo.testing.drawing_checks import (
    check_directions,
    check_discriminator_features,
    check_drawing,
    check_latents,
    check_threads,
)
from ganzoo.testing.network_checks import check_arguments, check_config, check_networks
from ganzoo.testing.promises import BrokenPromise, Check
from ganzoo.testing.sharing_checks import (
    check_export,
    check_hostile_presets,
    check_hub,
    check_keras_file,
    check_other_shapes,
    check_preset,
)
from ganzoo.testing.tool_checks import check_command_line, check_demo
from ganzoo.testing.training_checks import (
    check_callbacks,
    check_evaluate,
    check_fit,
    check_frozen_stages,
    check_resume,
)

CHECKS: tuple[Check, ...] = (
    check_arguments,
    check_config,
    check_networks,
    check_drawing,
    check_latents,
    check_directions,
    check_threads,
    check_discriminator_features,
    check_fit,
    check_evaluate,
    check_resume,
    check_callbacks,
    check_frozen_stages,
    check_keras_file,
    check_preset,
    check_hostile_presets,
    check_other_shapes,
    check_export,
    check_command_line,
    check_demo,
)
"""All checks but `check_hub`, which needs a Hub that may be written to."""


def check_family(
    family: type[GAN], small: Mapping[str, Any], checks: Sequence[Check] = CHECKS
) -> None:
    """Run all checks, say how each of them went, and raise what was found together.

    Args:
        family: a class whose `family`, `Arguments` and two networks are its own.
        small: arguments of a small model without classes, e.g.
            `{"image_shape": (9, 8, 1), "units": 8}`. Where the family takes `num_classes`, models
            with classes are checked, too.
        checks: some of `CHECKS`.

    Raises:
        ExceptionGroup: of what each check that failed has raised.

    Example:
        ```python
        import ganzoo
        from ganzoo.testing import check_drawing, check_family

        small = {"image_shape": (9, 8, 1), "latent_dim": 4, "base_filters": 4}
        check_family(ganzoo.DCGAN, small, checks=[check_drawing])
        ```
    """
    broken = []
    for check in checks:
        result = "ok"
        try:
            with TemporaryDirectory() as folder:
                check(family, small, Path(folder))
        except SkipTest as reason:
            result = f"left out: {reason}"
        except Exception as error:
            error.add_note(f"Found by ganzoo.testing.{check.__name__}.")
            broken.append(error)
            result = f"{type(error).__name__}: {error}"
        print(f"{check.__name__}: {result}")
    if broken:
        raise ExceptionGroup(
            f"{family.__name__} fails {len(broken)} of {len(checks)} checks", broken
        )


__all__ = [
    "CHECKS",
    "BrokenPromise",
    "check_arguments",
    "check_callbacks",
    "check_command_line",
    "check_config",
    "check_demo",
    "check_directions",
    "check_discriminator_features",
    "check_drawing",
    "check_evaluate",
    "check_export",
    "check_family",
    "check_fit",
    "check_frozen_stages",
    "check_hostile_presets",
    "check_hub",
    "check_keras_file",
    "check_latents",
    "check_networks",
    "check_other_shapes",
    "check_preset",
    "check_resume",
    "check_threads",
]
