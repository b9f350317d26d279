"""`ganzoo finetune`."""

from pathlib import Path
from typing import Any

import click

import ganzoo
from ganzoo.cli import runs
from ganzoo.cli.errors import plain_errors
from ganzoo.cli.options import run_options
from ganzoo.presets.sources import HUB


@click.command()
@click.argument("preset")
@click.argument("data")
@run_options(epochs=100, batch_size=32, size="the preset's")
@plain_errors
def finetune(preset: str, data: str, out: Path, epochs: int, strict: bool, **recipe: Any) -> None:
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
    data, known = runs.absolute(data), preset in ganzoo.DCGAN.presets
    if not known and Path(preset).is_dir():
        preset = str(Path(preset).resolve())
    if out.resolve() == Path(preset):
        raise click.ClickException(f"--out {out} is the preset itself: choose another folder.")
    shape = ganzoo.DCGAN.from_preset(preset, compile=False).image_shape
    recipe["image_size"] = recipe["image_size"] or shape[:2]
    images, labels, class_names = runs.read_images(
        data, out, lambda _: shape, strict=strict, **recipe
    )
    gan = ganzoo.DCGAN.from_preset(
        preset,
        image_shape=images.shape[1:],
        num_classes=None,  # or as many as there are names
        class_names=class_names,
        seed=recipe["seed"],
    )
    runs.remember(out, preset=preset, data=data, **recipe)
    runs.go_on(gan, images, labels, out, epochs, **recipe)
    name = preset if preset.startswith(HUB) else Path(preset).name
    runs.finish(gan, data, out, {"preset": name, **recipe, "epochs": epochs})
