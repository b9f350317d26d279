"""The benchmarks of FastGAN, tiny: the loop is of the same networks, the script for a GPU runs."""

import sys
from pathlib import Path

import keras
import numpy as np
import pytest

import ganzoo

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
pytestmark = [
    pytest.mark.skipif(not BENCHMARKS.is_dir(), reason="benchmarks are in the repository only"),
    pytest.mark.skipif(keras.backend.backend() != "torch", reason="the loop is in torch"),
]


@pytest.fixture
def imported(monkeypatch):
    """Let modules of the benchmarks' folder be imported, as from there."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    yield
    for name in ("fastgan_gpu", "loop_fastgan", "referee"):
        sys.modules.pop(name, None)


@pytest.mark.parametrize("side", [64, 128, 256])
def test_the_loop_by_hand_is_of_the_same_networks(side, imported, monkeypatch):
    import loop_fastgan as loop

    monkeypatch.setattr(loop, "FASTGAN_FILTERS", 8)
    found = [loop.Generator(side, 3), loop.Discriminator(side, 3)]
    gan = ganzoo.FastGAN((side, side, 3), base_filters=8)
    judging = [*gan.discriminator.trainable_variables, *gan.auxiliary.trainable_variables]
    for network, expected in zip(found, [gan.generator.trainable_variables, judging], strict=True):
        shapes = sorted(sorted(each.shape) for each in network.parameters())
        assert shapes == sorted(sorted(each.shape) for each in expected)


def test_the_script_for_a_gpu_runs_tiny_on_a_processor(imported, tmp_path, capsys):
    import fastgan_gpu

    tiny = ["--side", "64", "--filters", "2", "--images", "16", "--minutes", "0.05"]
    fastgan_gpu.main([str(tmp_path), *tiny])
    output = capsys.readouterr().out
    assert "fit beside the loop: " in output
    assert "16 of 16 images" in output
    assert np.load(tmp_path / "drawn.npz")["images"].shape == (16, 64, 64, 3)
    assert ganzoo.from_preset(tmp_path / "preset").image_shape == (64, 64, 3)
