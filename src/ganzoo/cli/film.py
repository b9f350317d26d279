"""`ganzoo film`."""

from pathlib import Path

import click

from ganzoo.cli.errors import plain_errors
from ganzoo.cli.output import check_free, force_option
from ganzoo.pictures import save_film


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("-o", "--out", type=click.Path(dir_okay=False, path_type=Path),
              help="The film, ending in .gif or .webp; by default film.gif in FOLDER.")  # fmt: skip
@click.option("--seconds", default=0.1, show_default=True, type=click.FloatRange(0.01),
              help="How long a frame is shown.")  # fmt: skip
@click.option("--most", default=200, show_default=True, type=click.IntRange(2),
              help="How many frames at most, evenly chosen.")  # fmt: skip
@force_option
@plain_errors
def film(folder: Path, out: Path | None, seconds: float, most: int, force: bool) -> None:
    """Make a film of a training, or of any pictures.

    FOLDER is that of a run, whose samples it takes, or one of pictures with numbers in their names.

    \b
    Examples:
      ganzoo film runs/mnist -o digits.webp
      ganzoo film my_frames/ -o my.webp --seconds 0.5
    """
    samples = folder / "samples"
    out = out or folder / "film.gif"
    check_free(out, force)
    count = save_film(out, samples if samples.is_dir() else folder, seconds=seconds, most=most)
    click.echo(f"{count} frames are in {out}")
