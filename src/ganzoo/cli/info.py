"""`ganzoo info`."""

import platform
from importlib.metadata import PackageNotFoundError, version

import click
import keras

import ganzoo
from ganzoo.cli.errors import plain_errors
from ganzoo.cli.tables import print_table
from ganzoo.files import home
from ganzoo.gan.saving import describe

PACKAGES = ("keras", "jax", "torch", "tensorflow", "numpy", "pillow", "huggingface_hub")


@click.command()
@click.argument("model", required=False)
@plain_errors
def info(model: str | None) -> None:
    """Say what this installation is or, with MODEL, what is known of a preset.

    MODEL is the name of a preset, the folder of a run, or hf://user/repo on the Hugging Face Hub.

    \b
    Examples:
      ganzoo info
      ganzoo info mnist
    """
    print_table(of_installation() if model is None else of_preset(model))


def of_installation() -> list[tuple[str, object]]:
    """Return what belongs into a report of a problem."""
    return [
        ("ganzoo", ganzoo.__version__),
        ("Python", f"{platform.python_version()} on {platform.platform()}"),
        ("backend", keras.backend.backend()),
        ("computes on", keras.ops.zeros(()).device),
        *((name, installed(name)) for name in PACKAGES),
        ("files", home()),
    ]


def installed(package: str) -> str:
    """Return the version of a package, if it is there."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def of_preset(model: str) -> list[tuple[str, object]]:
    """Return what the card of a preset says."""
    return describe(model).facts()
