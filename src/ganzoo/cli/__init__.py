"""The command line: a thin layer over the public API."""

import click

from ganzoo._version import __version__
from ganzoo.cli.drawing_commands import film, generate, interpolate
from ganzoo.cli.looking_commands import datasets, info, inspect, presets
from ganzoo.cli.scoring_commands import evaluate
from ganzoo.cli.sharing_commands import demo, export, push
from ganzoo.cli.training_commands import finetune, train


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
