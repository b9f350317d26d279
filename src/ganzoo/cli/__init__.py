"""The command line: a thin layer over the public API. `ganzoo_command` lists the commands."""

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

__all__ = ["COMMANDS", "keep_programs", "main"]

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


def keep_programs() -> None:
    """Let the next command begin sooner: with what this one compiles, where it can be kept."""
    with suppress(OSError):
        folder = home() / "programs"
        folder.mkdir(parents=True, exist_ok=True)
        backends.current.keep_programs(folder)
