"""The commands that let others use a model: `export`, `push` and `demo`."""

from pathlib import Path

import click

import ganzoo
from ganzoo.cli.terminal import check_place, force_option, plain_errors
from ganzoo.gan.export import ENDINGS
from ganzoo.gan.saving import describe


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
    check_place(out, force)
    gan = ganzoo.from_preset(model, compile=False)
    gan.export(out, format)
    click.echo(f"The generator is in {out}")


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("handle")
@click.option("--private/--public", default=None,
              help="Who sees a repository that is created: by default as your account is set.",
              )  # fmt: skip
@click.option("--message", help="What the commit is for.")
@plain_errors
def push(folder: Path, handle: str, private: bool | None, message: str | None) -> None:
    """Upload FOLDER, a run or a preset, to the Hugging Face Hub as HANDLE.

    HANDLE is hf://user/repo, or hf://user/repo@branch. Only the model, its pictures and its card
    go there: no checkpoints, and none of the images it was trained on. It takes a token: run
    `hf auth login` before, or set HF_TOKEN.

    \b
    Example:
      ganzoo push runs/mine hf://me/my-gan --private
    """
    commit = ganzoo.upload_preset(handle, folder, private=private, commit_message=message)
    click.echo(f"It is {commit}")


@click.command()
@click.argument("models", nargs=-1)
@click.option("--host", default="127.0.0.1", show_default=True,
              help="Where to listen; 0.0.0.0 lets other machines in.")  # fmt: skip
@click.option("--port", type=click.IntRange(1, 65535), help="By default the first one free.")
@click.option("--space", type=click.Path(file_okay=False, path_type=Path), metavar="DIR",
              help="Write a folder for a Hugging Face Space; serve nothing.")  # fmt: skip
@click.option("--static", type=click.Path(file_okay=False, path_type=Path), metavar="DIR",
              help="Write a page that draws in the visitor's browser, for any host of plain files.",
              )  # fmt: skip
@plain_errors
def demo(
    models: tuple[str, ...], host: str, port: int | None, space: Path | None, static: Path | None
) -> None:
    """Try MODELS in the browser; by default every preset that comes along.

    A model is the name of a preset, the folder of a run, or hf://user/repo on the Hugging Face Hub.
    The page needs gradio: pip install gradio. One that is written by --static needs no server of
    its own: it draws by ONNX, which takes the packages that `ganzoo export` takes.

    \b
    Examples:
      ganzoo demo mnist
      ganzoo demo runs/mine mnist
      ganzoo demo hf://me/my-gan --space my_space/
      ganzoo demo runs/mine --static my_page/
    """
    if space and static:
        raise click.UsageError("--space and --static write different pages: choose one of them.")
    chosen = models or tuple(ganzoo.GAN.presets)
    if static:
        from ganzoo.demo.static import write as write_page

        write_page(static, chosen)
        click.echo(f"{static} is ready: any host of plain files serves it, as does")
        click.echo(f"  python -m http.server --directory {static}")
        return
    if space:
        from ganzoo.demo.space import write

        write(space, chosen)
        click.echo(f"{space} is ready: upload it as a Gradio Space.")
        return
    for model in chosen:  # before a page is shown
        describe(model)
    from ganzoo.demo.page import build, launch

    page = build(chosen)
    launch(page, host, port)
