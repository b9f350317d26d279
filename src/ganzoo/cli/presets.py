"""`ganzoo presets`."""

import click

import ganzoo
from ganzoo.cli.errors import plain_errors
from ganzoo.cli.tables import print_table


@click.command()
@plain_errors
def presets() -> None:
    """List the presets that come with ganzoo and with other packages.

    \b
    Example:
      ganzoo presets
    """
    print_table(
        (
            (
                name,
                preset.description,
                "x".join(map(str, preset.image_shape)),
                f"{preset.size / 1e6:.1f} MB",
                preset.rights,
            )
            for name, preset in ganzoo.GAN.presets.items()
        ),
        header=("preset", "what it is", "images", "size", "rights"),
    )
    click.echo("Draw with one: ganzoo generate NAME -o samples.png. More of it: ganzoo info NAME")
