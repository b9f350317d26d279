"""`ganzoo export`."""

from pathlib import Path

import click

import ganzoo
from ganzoo.cli.errors import plain_errors
from ganzoo.cli.output import check_free, force_option
from ganzoo.gan.export import ENDINGS


@click.command()
@click.argument("model")
@click.option("-o", "--out", required=True, type=click.Path(path_type=Path),
              help="The file to write, or for a SavedModel the folder.")  # fmt: skip
@click.option("--format", type=click.Choice(list(ENDINGS)),
              help="By default what OUT ends like: .onnx, .tflite for litert, .pt2 for torch, or "
              "nothing for saved_model.")  # fmt: skip
@force_option
@plain_errors
def export(model: str, out: Path, format: str | None, force: bool) -> None:
    """Write MODEL's generator into a file that runs without ganzoo and without Keras.

    MODEL is a preset, as for `ganzoo generate`. ONNX is written on every backend, a SavedModel and
    LiteRT on TensorFlow, and torch's own format on PyTorch.

    \b
    Examples:
      ganzoo export mnist -o digits.onnx
      KERAS_BACKEND=tensorflow ganzoo export runs/mine -o mine.tflite
    """
    check_free(out, force)
    gan = ganzoo.from_preset(model, compile=False)
    gan.export(out, format)
    click.echo(f"The generator is in {out}")
