"""The command line: a thin layer over the public API."""

import click

from ganzoo._version import __version__
from ganzoo.cli.datasets import datasets
from ganzoo.cli.demo import demo
from ganzoo.cli.evaluate import evaluate
from ganzoo.cli.export import export
from ganzoo.cli.film import film
from ganzoo.cli.finetune import finetune
from ganzoo.cli.generate import generate
from ganzoo.cli.info import info
from ganzoo.cli.inspect import inspect
from ganzoo.cli.interpolate import interpolate
from ganzoo.cli.presets import presets
from ganzoo.cli.push import push
from ganzoo.cli.train import train


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def main() -> None:
    """Train GANs and draw with them."""


COMMANDS = (
    presets,
    datasets,
    inspect,
    train,
    finetune,
    generate,
    interpolate,
    film,
    evaluate,
    export,
    push,
    demo,
    info,
)
for command in COMMANDS:
    main.add_command(command)
