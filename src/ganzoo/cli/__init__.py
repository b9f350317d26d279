"""The command line: a thin layer over the public API."""

import click

from ganzoo._version import __version__
from ganzoo.cli.demo import demo
from ganzoo.cli.evaluate import evaluate
from ganzoo.cli.export import export
from ganzoo.cli.film import film
from ganzoo.cli.finetune import finetune
from ganzoo.cli.generate import generate
from ganzoo.cli.inspect import inspect
from ganzoo.cli.interpolate import interpolate
from ganzoo.cli.train import train


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def main() -> None:
    """Train GANs and draw with them."""


for command in (train, finetune, generate, evaluate, inspect, film, interpolate, export, demo):
    main.add_command(command)
