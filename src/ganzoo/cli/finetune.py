"""`ganzoo finetune`."""

from pathlib import Path
from typing import Any

import click

import ganzoo
from ganzoo.cli import run_folder, runs
from ganzoo.cli.errors import plain_errors
from ganzoo.cli.images import absolute, read_images
from ganzoo.cli.options import run_options


@click.command()
@click.argument("preset")
@click.argument("data")
@run_options(epochs=100, batch_size=32, size="the preset's")
@plain_errors
def finetune(
    preset: str, data: str, out: Path, dry_run: bool, strict: bool, **options: Any
) -> None:
    """Train PRESET further on DATA: for few images, 50 to a few thousand.

    PRESET is a preset: the folder of a run, the name of one that comes with ganzoo, or
    hf://user/repo on the Hugging Face Hub. It stays as it is. DATA is a folder or zip archive of
    images, or the name of a dataset. What does not fit another size or other classes starts
    afresh, and is named.

    The same command again goes on where it stopped.

    \b
    Examples:
      ganzoo finetune pokemon my_sprites/ --out runs/mine --flip
      ganzoo finetune art my_paintings/ --out runs/mine --conditional --epochs 200
      ganzoo finetune hf://me/my-gan my_photos.zip --out runs/mine --image-size 96x64
    """
    if preset not in ganzoo.GAN.presets and Path(preset).is_dir():
        preset = str(Path(preset).resolve())
    if out.resolve() == Path(preset):
        raise click.ClickException(f"--out {out} is the preset itself: choose another folder.")
    shape = ganzoo.from_preset(preset, compile=False).image_shape
    options = {"preset": preset, "data": absolute(data), **options}
    options["image_size"] = options["image_size"] or shape[:2]
    run_folder.check(out, options)
    images = read_images(out=out, shape_of=lambda _: shape, strict=strict, **options)
    gan = ganzoo.from_preset(
        preset,
        image_shape=images.images.shape[1:],
        num_classes=None,  # or as many as there are names
        class_names=images.class_names,
        seed=options["seed"],
    )
    runs.carry_out(gan, images, out, dry_run, options)
