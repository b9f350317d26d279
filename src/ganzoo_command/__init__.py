"""The command `ganzoo`, beside the package: importing that takes seconds, and a list needs none."""

from typing import Any

import click

COMMANDS = {  # what the list says of each; more is in `ganzoo.cli`
    "presets": "List the presets that come along.",
    "datasets": "List the datasets that are known by name.",
    "inspect": "Look at a folder or archive of images before training.",
    "train": "Train a GAN on images.",
    "finetune": "Train a preset further on few images.",
    "generate": "Draw images into one picture.",
    "interpolate": "Draw images that change smoothly into others.",
    "complete": "Fill in what is missing of a picture.",
    "anomalies": "Score images by how unlike those of a model they are.",
    "invert": "Find what a model would draw images from.",
    "film": "Make a film of a training.",
    "evaluate": "Score the images that a model draws.",
    "export": "Write a file that runs without ganzoo and Keras.",
    "push": "Upload a model to the Hugging Face Hub.",
    "demo": "Try models in the browser.",
    "info": "Say what is known of a preset, or of this installation.",
}


class Later(click.Command):
    """A command that is imported when it is called."""

    def make_context(self, *arguments: Any, **options: Any) -> click.Context:
        from ganzoo import cli

        cli.prepare()
        return cli.COMMANDS[str(self.name)].make_context(*arguments, **options)


class InTurn(click.Group):
    """A group whose list is in the order of a day's work."""

    def list_commands(self, context: click.Context) -> list[str]:
        return list(self.commands)


@click.group(
    cls=InTurn,
    commands=[Later(name, short_help=line) for name, line in COMMANDS.items()],
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(package_name="ganzoo")
def main() -> None:
    """Train GANs and draw with them."""
