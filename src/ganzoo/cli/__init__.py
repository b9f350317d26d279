"""The command line: a thin layer over the public API. `ganzoo_command` lists the commands."""

import os
from contextlib import suppress

from ganzoo import backends
from ganzoo.cli.anomalies_command import anomalies
from ganzoo.cli.drawing_commands import film, generate, interpolate
from ganzoo.cli.looking_commands import datasets, info, inspect, presets
from ganzoo.cli.scoring_commands import evaluate
from ganzoo.cli.search_commands import complete, invert
from ganzoo.cli.sharing_commands import demo, export, push
from ganzoo.cli.training_commands import finetune, train
from ganzoo.files import home
from ganzoo_command import main

__all__ = ["COMMANDS", "main", "prepare"]

COMMANDS = {
    str(command.name): command
    for command in (
        presets,
        datasets,
        inspect,
        train,
        finetune,
        generate,
        interpolate,
        complete,
        anomalies,
        invert,
        film,
        evaluate,
        export,
        push,
        demo,
        info,
    )
}


def prepare() -> None:
    """Make a process that is this command's alone quick: it keeps memory, and what is compiled."""
    backends.current.keep_memory()
    with suppress(OSError):  # there is no home folder
        folder = home() / "programs"
        nearest = next(each for each in (folder, *folder.parents) if each.exists())
        if nearest.is_dir() and os.access(nearest, os.W_OK):
            backends.current.keep_programs(folder)
