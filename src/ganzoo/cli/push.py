"""`ganzoo push`."""

from pathlib import Path

import click

import ganzoo
from ganzoo.cli.errors import plain_errors


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
