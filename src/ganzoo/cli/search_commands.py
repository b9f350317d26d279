"""The commands that search among latents: `complete` and `invert`."""

from pathlib import Path
from typing import Any

import click
import numpy as np
from PIL import Image

import ganzoo
from ganzoo.cli.drawing_commands import asked
from ganzoo.cli.terminal import check_place, force_option, plain_errors
from ganzoo.datasets.folders.prepare import FITS
from ganzoo.files import whole_file
from ganzoo.latents import Completion, blend, train_encoder
from ganzoo.latents import complete as fill_in
from ganzoo.latents import invert as search_for
from ganzoo.pictures import image_grid, save_film, save_picture
from ganzoo.pictures.film import checked_film
from ganzoo.pictures.picture_file import PICTURE_ENDINGS, checked_picture
from ganzoo.types import ImageShape

OPAQUE = 128  # alpha from which a pixel is there
COLUMNS = 12  # of images, at most
SIDE = 96  # pixels that an image of a film has at least

film_option = click.option("--film", type=click.Path(dir_okay=False, path_type=Path),
                           help="A film of the search, too.")  # fmt: skip
steps_option = click.option("--steps", default=300, show_default=True, type=click.IntRange(1),
                            help="How long to search.")  # fmt: skip
start_option = click.option("--seed", default=0, show_default=True, type=click.IntRange(0),
                            help="What the search begins with.")  # fmt: skip
encoder_option = click.option("--encoder", is_flag=True, help="Train an encoder first, which "
                              "takes a minute; then fewer --steps do.")  # fmt: skip
fit_option = click.option("--fit", type=click.Choice(FITS), default="crop", show_default=True,
                          help="What happens to pictures of another aspect.")  # fmt: skip
existing = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("model")
@click.argument("picture", type=existing)
@click.option("--mask", type=existing, help="A picture that is white where pixels are missing; by "
              "default PICTURE's transparent ones are.")  # fmt: skip
@click.option("-o", "--out", required=True, type=click.Path(dir_okay=False, path_type=Path),
              help="The picture to write, of the model's size.")  # fmt: skip
@click.option("--answers", default=1, show_default=True, type=click.IntRange(1),
              help="How many answers, side by side, the best first.")  # fmt: skip
@film_option
@click.option("--label", help="Number or name of PICTURE's class; by default it is found.")
@fit_option
@steps_option
@start_option
@force_option
@plain_errors
def complete(
    model: str,
    picture: Path,
    mask: Path | None,
    out: Path,
    answers: int,
    film: Path | None,
    label: str | None,
    fit: Any,
    steps: int,
    seed: int,
    force: bool,
) -> None:
    """Fill in what is missing of PICTURE by what MODEL has learned to draw.

    MODEL is a preset, as for `ganzoo generate`. A large PICTURE is made as small as its images.

    \b
    Examples:
      ganzoo complete mnist torn.png -o whole.png
      ganzoo complete mnist torn.png --mask hole.png -o whole.png --answers 4 --film search.gif
    """
    check_place(checked_picture(out), force)
    check_place(film and checked_film(film), force)
    gan = ganzoo.from_preset(model, compile=False)
    image, hole = torn(picture, mask, gan.image_shape, fit)
    labels = None if label is None else gan.labels(1, asked(gan, label))
    restarts = max(4, answers)
    found = fill_in(gan, image, hole, labels, answers, restarts, steps, seed)
    save_picture(out, image_grid(found.images[0], answers, gap=2 if answers > 1 else 0))
    if film:
        save_film(film, frames(gan, image, hole, found))
    click.echo(f"{picture} is completed in {out}{said(gan, found.labels)}")


def torn(
    picture: Path, mask: Path | None, shape: ImageShape, fit: Any
) -> tuple[np.ndarray, np.ndarray]:
    """Return an image `(1, height, width, channels)` and where it has a hole, `(1, height, width)`.

    Raises:
        click.UsageError: there is no hole.
    """
    with Image.open(picture) as opened:
        alpha = opened.convert("RGBA").getchannel("A").point(lambda a: 255 * (a < OPAQUE))
    image = ganzoo.datasets.read([picture], shape, fit=fit).images
    source: Any = mask or alpha
    height, width, _ = shape
    # Around a mask, and behind its own transparent pixels, nothing is missing.
    masks = ganzoo.datasets.read([source], (height, width, 1), fit=fit, background="black")
    hole = masks.images[..., 0] >= OPAQUE
    if not hole.any():
        raise click.UsageError(
            f"{mask or picture} has no {'white' if mask else 'transparent'} pixels: give --mask, a "
            "picture that is white where pixels are missing."
        )
    return image, hole


def frames(gan: ganzoo.GAN, image: np.ndarray, hole: np.ndarray, found: Completion) -> Any:
    """Yield what was in the hole at each moment of the search, beginning with nothing."""
    scale = max(1, SIDE // image.shape[1])
    grey = np.where(hole[..., None], np.uint8(128), image)
    yield image_grid(np.repeat(grey, found.latents.shape[1], axis=0), 99, scale=scale)
    for drawn in gan.draw(found.path[:, 0], None if found.labels is None else found.labels[0]):
        yield image_grid(blend(image, drawn, hole), 99, scale=scale)


def said(gan: ganzoo.GAN, labels: np.ndarray | None) -> str:
    """Return a few words on the class that was found."""
    if labels is None or gan.attributes:
        return ""
    number = int(labels.flat[0])
    return f", as class {gan.class_names[number] if gan.class_names else number}"


def below_each_other(*parts: np.ndarray, scale: int = 1) -> Image.Image:
    """Return a picture with the images of each part below those of the one before, row by row."""
    n, *shape = parts[0].shape
    columns = min(COLUMNS, n)
    rows = []
    for start in range(0, n, columns):
        for part in parts:
            row = np.full((columns, *shape), 255, np.uint8)
            row[: n - start] = np.rint(part[start : start + columns])
            rows.append(row)
    return image_grid(np.stack(rows), scale=scale)


@click.command()
@click.argument("model")
@click.argument("data")
@click.option("-o", "--out", required=True, type=click.Path(dir_okay=False, path_type=Path),
              help="The picture to write: images, and below each what is found.")  # fmt: skip
@film_option
@click.option("--latents", type=click.Path(dir_okay=False, path_type=Path),
              help="A file .npz for latents, labels and errors.")  # fmt: skip
@click.option("--label", help="Number or name of the images' class; by default it is found.")
@click.option("--limit", default=24, show_default=True, type=click.IntRange(1),
              help="Take so many images of DATA at most.")  # fmt: skip
@encoder_option
@fit_option
@steps_option
@start_option
@force_option
@plain_errors
def invert(
    model: str,
    data: str,
    out: Path,
    film: Path | None,
    latents: Path | None,
    label: str | None,
    limit: int,
    encoder: bool,
    fit: Any,
    steps: int,
    seed: int,
    force: bool,
) -> None:
    """Find what MODEL would draw the images of DATA from.

    MODEL is a preset, as for `ganzoo generate`. DATA is a picture, a folder or zip archive of
    images, or the name of a dataset.

    \b
    Examples:
      ganzoo invert mnist seven.png -o found.png --film search.gif
      ganzoo invert mnist scans/ --limit 1000 --encoder --steps 50 -o found.png --latents found.npz
    """
    check_place(checked_picture(out), force)
    check_place(film and checked_film(film), force)
    if latents and latents.suffix != ".npz":
        raise click.UsageError(f"--latents {latents} must end in .npz.")
    check_place(latents, force)
    gan = ganzoo.from_preset(model, compile=False)
    single = Path(data).suffix.lower() in PICTURE_ENDINGS
    source = [Path(data)] if single else data
    images = ganzoo.datasets.read(
        source, gan.image_shape, labels=None if single else False, fit=fit, limit=limit
    ).images
    labels = None if label is None else gan.labels(len(images), asked(gan, label))
    start = train_encoder(gan, seed=seed) if encoder else None
    found = search_for(gan, images, labels, steps=steps, seed=seed, encoder=start)
    drawn = gan.draw(found.path, found.labels)
    save_picture(out, below_each_other(images, drawn[-1]))
    if film:
        scale = max(1, SIDE // gan.image_shape[0])
        save_film(film, (below_each_other(images, each, scale=scale) for each in drawn))
    if latents:
        with whole_file(latents) as file:
            arrays = {name: value for name, value in found._asdict().items() if value is not None}
            np.savez(file, **arrays)
    click.echo(
        f"{len(images)} images and what is found are in {out}, on average "
        f"{found.errors.mean():.1f} grey levels apart"
    )
