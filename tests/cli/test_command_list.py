"""The list of commands is there at once, and true."""

import subprocess
import sys

import pytest
from command_line import ran

import ganzoo
from ganzoo.cli import COMMANDS, main

QUICK = (
    "import sys\n"
    "from ganzoo_command import main\n"
    "try:\n"
    "    main(sys.argv[1:], prog_name='ganzoo')\n"
    "finally:\n"
    "    print('slow:', *{'ganzoo', 'keras', 'numpy', 'rich'} & sys.modules.keys())\n"
)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("--help", "evaluate     Score the images that a model draws."),
        ("--version", f"ganzoo, version {ganzoo.__version__}"),
        ("trian", "No such command 'trian'"),
    ],
)
def test_what_needs_no_keras_imports_none(arguments, said):
    command = [sys.executable, "-c", QUICK, arguments]
    result = subprocess.run(command, capture_output=True, text=True)
    assert said in result.stdout + result.stderr
    assert result.stdout.endswith("slow:\n")


def test_it_lists_every_command_in_whole_sentences():
    assert list(main.commands) == list(COMMANDS)
    shown = ran("--help")
    for name, later in main.commands.items():
        assert f"  {name.ljust(11)}  {later.short_help}\n" in f"{shown}\n"
        called = later.make_context(name, [], resilient_parsing=True)
        assert called.command is COMMANDS[name]
        assert called.command.name == name
