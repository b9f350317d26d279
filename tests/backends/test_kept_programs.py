"""What JAX compiles is kept: whole, and once, whoever else writes there."""

import os
import subprocess
import sys

import keras
import pytest

from ganzoo import backends

DRAW = """
import sys
from pathlib import Path
import ganzoo
from ganzoo import backends
backends.current.keep_programs(Path(sys.argv[1]))
gan = ganzoo.DCGAN((16, 16, 3), base_filters=8, seed=0)
gan.compile()
images = gan.generate(64, seed=0)
gan.fit(images, batch_size=32, verbose=0)
print(gan.generate(2, seed=0).tobytes().hex())
"""


def started(folder):
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("JAX_COMPILATION_CACHE", "JAX_PERSISTENT"))
    }
    command = [sys.executable, "-W", "error::UserWarning", "-c", DRAW, str(folder)]
    return subprocess.Popen(command, env=environment, text=True, stdout=subprocess.PIPE)


def said(process):
    output, _ = process.communicate(timeout=300)
    assert process.returncode == 0
    return output


def kept(folder):
    return {each.name: each.stat().st_mtime_ns for each in folder.glob("*-cache")}


@pytest.mark.slow
@pytest.mark.skipif(keras.backend.backend() != "jax", reason="others compile nothing that lasts")
def test_two_at_once_keep_what_a_third_takes(tmp_path):
    first, second = map(said, [started(tmp_path), started(tmp_path)])
    programs = kept(tmp_path)
    assert programs
    assert said(started(tmp_path)) == first == second
    assert kept(tmp_path) == programs


@pytest.mark.skipif(keras.backend.backend() != "jax", reason="others compile nothing that lasts")
def test_a_folder_that_the_user_has_named_stays(tmp_path):
    import jax

    named = jax.config.jax_compilation_cache_dir
    assert named is not None  # by these tests, or by who runs them
    backends.current.keep_programs(tmp_path)
    assert jax.config.jax_compilation_cache_dir == named
