"""Runs a piece of the page's scripts in Node.js and returns what it writes."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

import ganzoo

NODE = shutil.which("node")
needs_node = pytest.mark.skipif(NODE is None, reason="there is no Node.js")
SCRIPTS = Path(ganzoo.__file__).parent / "demo" / "browser"


def run(script, *given):
    """Return the bytes that a module writes, which finds what it is given in `given`."""
    begin = f"const given = {json.dumps(given)};\nconst write = (all) =>"
    begin += " process.stdout.write(new Uint8Array(all.buffer));\n"
    begin += f"const from = (name) => import({json.dumps(SCRIPTS.as_uri())} + '/' + name);\n"
    command = [NODE, "--input-type=module", "-"]
    return subprocess.run(command, input=(begin + script).encode(), stdout=-1, check=True).stdout
