"""What `ganzoo train` takes, leaves and refuses, on a few small pictures."""

import tomllib

import keras
import numpy as np
import pytest
from command_line import ran, run
from PIL import Image

import ganzoo

SMALL = ["--base-filters", "2", "--batch-size", "4"]


@pytest.fixture(autouse=True)
def photos(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GANZOO_HOME", str(tmp_path / "home"))
    random = np.random.default_rng(0)
    (tmp_path / "photos").mkdir()
    for number in range(8):
        pixels = random.integers(0, 256, (12, 16, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / "photos" / f"{number}.png")


@pytest.fixture
def untrained(monkeypatch):
    """Put something without effect in place of `fit`."""
    monkeypatch.setattr(ganzoo.DCGAN, "fit", lambda self, *arguments, **options: None)


def test_a_run_ends_on_its_best_epoch(tmp_path, monkeypatch):
    ran("train", "photos", "--out", "run", *SMALL, "--epochs", "3")
    drawn = ganzoo.DCGAN.from_preset("run").generate(4, seed=0)
    best = keras.saving.load_model("run/best.keras", compile=False).generate(4, seed=0)
    assert np.abs(drawn.astype(int) - best).max() <= 1  # half precision
    card = (tmp_path / "run" / "README.md").read_text()
    for each in ("best_epoch", "samples.png", "film.gif", "curves.png"):
        assert each in card
    assert str(tmp_path) not in card


@pytest.mark.usefixtures("untrained")
def test_options_come_from_a_file_and_the_command_line_wins(tmp_path):
    (tmp_path / "my.toml").write_text('data = "photos"\nbatch-size = 3\nflip = true\nseed = 5\n')
    ran("train", "--config", "my.toml", "--out", "run", "--seed", "7", "--image-size", "10x8")
    written = (tmp_path / "run" / "run.toml").read_text()
    options = tomllib.loads(written)
    assert options.items() >= {"batch_size": 3, "flip": True, "seed": 7, "epochs": 20}.items()
    assert options["image_size"] == "10x8"
    ran("train", "--config", "run/run.toml", "--out", "again")
    assert (tmp_path / "again" / "run.toml").read_text() == written


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("colour = 3", "has 'colour', which this command does not know"),
        ("seed: 3", "holds no options in TOML"),
        ('seed = "three"', "'three' is not a valid integer"),
    ],
)
def test_a_file_of_options_that_cannot_be_used(text, message, tmp_path):
    (tmp_path / "my.toml").write_text(text)
    result = run("train", "photos", "--out", "run", "--config", "my.toml")
    assert result.exit_code != 0
    assert message in result.output
    assert not (tmp_path / "run").exists()


def test_a_dry_run_says_what_would_be_done_and_writes_nothing(tmp_path):
    before = sorted(tmp_path.rglob("*"))
    output = ran("train", "photos", "--out", "run", *SMALL, "--epochs", "9", "--dry-run")
    for each in ("8 of 12x16x3", "2 in an epoch", "run (new)", "in all", "main memory"):
        assert each in output
    gan = ganzoo.DCGAN((12, 16, 3), base_filters=2)
    assert f"{gan.count_params():,}" in output
    assert sorted(path for path in tmp_path.rglob("*") if "home" not in path.parts) == before


@pytest.mark.usefixtures("untrained")
def test_a_folder_of_other_files_is_left_alone(tmp_path):
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "README.md").write_text("Dear")
    result = run("train", "photos", "--out", "letters", *SMALL)
    assert result.exit_code == 1
    assert "letters holds other files, and no run" in result.output
    assert [path.name for path in (tmp_path / "letters").iterdir()] == ["README.md"]


def test_ctrl_c_has_an_exit_code_of_its_own_and_the_run_goes_on(tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(ganzoo.callbacks.LossCurves, "on_epoch_end", interrupt)
        result = run("train", "photos", "--out", "run", *SMALL, "--epochs", "2")
    assert result.exit_code == 130
    assert "The same command goes on" in result.output
    assert "Epoch 2/2" in ran("train", "photos", "--out", "run", *SMALL, "--epochs", "2")


def interrupt(self, epoch, logs=None):
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    "command",
    [
        ["generate", "mnist", "-o", "a.png"],
        ["interpolate", "mnist", "-o", "a.png"],
        ["film", "photos", "-o", "a.gif"],
        ["inspect", "photos", "-o", "a.png"],
        ["evaluate", "mnist", "photos", "-o", "a.json"],
        ["export", "mnist", "-o", "a.onnx"],
        ["evaluate", "mnist", "photos", "--neighbours", "a.png"],
    ],
)
def test_nothing_is_replaced_without_force(command, tmp_path):
    taken = tmp_path / command[-1]
    taken.write_text("mine")
    result = run(*command)
    assert result.exit_code == 1
    assert f"{taken.name} exists" in result.output
    assert taken.read_text() == "mine"


def test_force_replaces():
    for force in ([], ["--force"]):
        ran("generate", "mnist", "-n", "2", "-o", "a.png", *force)


def test_a_traceback_is_shown_when_asked_for():
    plain, debug = (
        run("generate", "mnits", "-o", "a.png"),
        run("generate", "mnits", "-o", "a.png", "--debug"),
    )
    assert isinstance(plain.exception, SystemExit)
    assert "Did you mean 'mnist'" in plain.output
    assert isinstance(debug.exception, ValueError)  # which Python prints with its traceback
