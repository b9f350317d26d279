"""`ganzoo demo`."""

from pathlib import Path

import click

from ganzoo.cli.errors import plain_errors


@click.command()
@click.argument("models", nargs=-1)
@click.option("--host", default="127.0.0.1", show_default=True,
              help="Where to listen; 0.0.0.0 lets other machines in.")  # fmt: skip
@click.option("--port", type=click.IntRange(1, 65535), help="By default the first one free.")
@click.option("--space", type=click.Path(file_okay=False, path_type=Path), metavar="DIR",
              help="Write a folder for a Hugging Face Space; serve nothing.")  # fmt: skip
@plain_errors
def demo(models: tuple[str, ...], host: str, port: int | None, space: Path | None) -> None:
    """Try MODELS in the browser; by default every preset that comes along.

    A model is the name of a preset, the folder of a run, or hf://user/repo on the Hugging Face Hub.
    The page needs the extra demo: pip install "ganzoo[demo]"

    \b
    Examples:
      ganzoo demo mnist
      ganzoo demo runs/mine mnist
      ganzoo demo hf://me/my-gan --space my_space/
    """
    import ganzoo

    chosen = models or tuple(ganzoo.GAN.presets)
    if space:
        from ganzoo.demo.space import write

        write(space, chosen)
        click.echo(f"{space} is ready: upload it as a Gradio Space.")
        return
    from ganzoo.demo.page import build, launch

    page = build(chosen)
    launch(page, host, port)
