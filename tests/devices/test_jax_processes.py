"""Processes that JAX has brought together: what is refused, and what is said when one ends."""

import keras
import numpy as np
import pytest
from programs import run

import ganzoo
from ganzoo.gan.processes import LOST

if keras.backend.backend() != "jax":
    pytest.skip("of JAX alone", allow_module_level=True)

import jax


def test_a_launcher_that_jax_knows_nothing_of(gan, images, monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.setenv("RANK", "0")
    with pytest.raises(RuntimeError, match=r"2 processes .* jax\.distributed\.initialize\(\)"):
        gan().fit(images, batch_size=2, verbose=0)


def test_processes_without_a_distribution(gan, images, monkeypatch):
    monkeypatch.setattr(jax, "process_count", lambda: 2)
    with pytest.raises(RuntimeError, match=r"2 processes .*set_distribution\(.* is built"):
        gan().fit(images, batch_size=2, verbose=0)


def test_a_model_that_was_built_before_its_distribution(gan, images, monkeypatch):
    distribution = keras.distribution.DataParallel(devices=keras.distribution.list_devices()[:1])
    model = gan()
    monkeypatch.setattr(distribution.device_mesh, "_shape", (2,), raising=True)  # as on two devices
    with distribution.scope(), pytest.raises(ValueError, match="built before the distribution"):
        model.fit(images, batch_size=2, verbose=0)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("scenario", "survivor"),
    [
        ("another is killed", 0),
        ("another fails", 0),
        ("a callback fails", 1),
        ("the first is killed", 1),
    ],
)
def test_the_others_end_as_well_and_say_so(scenario, survivor, tmp_path, capfd):
    with pytest.raises(AssertionError):  # of the exit status
        run("ending.py", 1, tmp_path, scenario, processes=2)
    said = tmp_path / f"{survivor}.txt"
    if scenario == "the first is killed" and not said.exists():
        # JAX's own thread, which ends a process whose first one is gone, was sooner.
        assert "another task died" in capfd.readouterr().err
    else:
        assert said.read_text() == f"RuntimeError: {LOST}"
    (checkpoint,) = (tmp_path / "checkpoints").iterdir()
    loaded = keras.saving.load_model(checkpoint)
    assert np.isfinite(loaded.generate(1)).all()
    assert isinstance(loaded, ganzoo.DCGAN)
