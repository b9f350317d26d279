"""`ganzoo train` and `ganzoo finetune`."""

import re
import tomllib
from pathlib import Path

import keras
import numpy as np
import pytest
from command_line import pixels, ran, read_json, refused, run

import ganzoo
from ganzoo.datasets import catalog
from ganzoo.gan import families
from ganzoo.runs import length

TRAIN = ["train", "mnist", "--batch-size", "8", "--limit", "20", "--base-filters", "4"]
TRAIN += ["--watch-every", "1", "--precision", "float32"]
FILES = ["--epochs", "1", "--base-filters", "2", "--batch-size", "4"]
SMALL = FILES[2:]


@pytest.fixture
def untrained(monkeypatch):
    """Put something without effect in place of `fit`."""
    monkeypatch.setattr(ganzoo.DCGAN, "fit", lambda self, *arguments, **options: None)


@pytest.mark.usefixtures("digits")
def test_train_resume_generate(tmp_path):
    assert "Epoch 2/2" in ran(*TRAIN, "--out", "run", "--epochs", "2")
    folder = tmp_path / "run"
    written = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.*"))
    assert written == [
        "README.md",
        "best.json",
        "best.keras",
        "checkpoints/epoch-000002.keras",
        "config.json",
        "curves.png",
        "film.gif",
        "log.csv",
        "metadata.json",
        "model.safetensors",
        "run.toml",
        "samples.png",
        "samples/epoch-0001.png",
        "samples/epoch-0002.png",
    ]
    about = read_json("run/metadata.json")["about"]
    assert about["data"]["source"] == catalog.DATASETS["mnist"].source
    output = ran(*TRAIN, "--out", "run", "--epochs", "3")
    assert "Epoch 3/3" in output
    assert "Epoch 2/3" not in output

    ran(*TRAIN, "--out", "straight", "--epochs", "3")
    ran("generate", "run", "-n", "5", "--seed", "1", "-o", "one.png")
    ran("generate", "straight", "-n", "5", "--seed", "1", "-o", "two.png")
    np.testing.assert_array_equal(pixels("one.png"), pixels("two.png"))

    gan = ganzoo.DCGAN.from_preset("run")
    assert gan.class_names == [str(digit) for digit in range(10)]
    expected = ganzoo.pictures.image_grid(gan.generate(5, seed=1), columns=10)
    np.testing.assert_array_equal(pixels("one.png"), np.asarray(expected))


def test_what_comes_along_trains_without_a_network(monkeypatch):
    def nothing(*arguments, **options):
        raise AssertionError("asked the network")

    monkeypatch.setattr("socket.socket.connect", nothing)
    few = ["--limit", "18", "--image-size", "16", "--decode", "fast"]
    ran("train", "emoji", "--out", "runs/emoji", *FILES, *few)
    gan = ganzoo.from_preset("runs/emoji")
    assert (gan.image_shape, gan.num_classes, gan.class_names[1]) == ((16, 16, 3), 9, "animals")
    about = read_json("runs/emoji/metadata.json")["about"]
    assert "MIT" in about["data"]["rights"]


@pytest.mark.usefixtures("photos")
def test_labels_from_a_file(tmp_path):
    rows = [f"{number}.png,{'rare' if number < 2 else 'usual'}" for number in range(8)]
    (tmp_path / "photos" / "metadata.csv").write_text("\n".join(["file_name,kind", *rows]))
    given = ["train", "photos", "--out", "run", *FILES, "--labels", "kind", "--balanced"]
    assert "2 classes: rare 2, usual 6" in ran(*given)
    assert ganzoo.from_preset("run").class_names == ["rare", "usual"]
    recipe = read_json("run/metadata.json")["about"]["recipe"]
    assert (recipe["labels"], recipe["balanced"]) == ("kind", True)
    ran(*given, "--epochs", "2")
    assert "balanced True, now False" in refused(*given[:-1])
    assert "leave out --unconditional" in refused(
        "train", "photos", "--out", "other", *FILES, "--labels", "kind", "--unconditional"
    )
    assert "has no column 'kid': metadata.csv has 'kind'" in refused(
        "train", "photos", "--out", "other", *FILES, "--labels", "kid"
    )
    data = str(tmp_path / "photos")
    gan = ganzoo.from_preset("run", compile=False)
    gan.compile()
    ganzoo.runs.train(gan, data, "again", 1, 4, labels="kind", balanced=True, verbose=0)
    assert read_json("again/metadata.json")["about"]["recipe"]["balanced"] is True


@pytest.mark.filterwarnings("ignore:The Fr.chet distance of:UserWarning")  # so few images
@pytest.mark.usefixtures("photos")
def test_attributes_from_a_file(tmp_path):
    rows = [f"{number}.png,{number % 2},{int(number < 4)}" for number in range(8)]
    (tmp_path / "photos" / "metadata.csv").write_text("\n".join(["file_name,hat,smile", *rows]))
    given = ["train", "photos", "--out", "run", *FILES, "--labels", "smile,hat"]
    assert "2 attributes: smile 4, hat 4" in ran(*given)
    ran(*given, "--epochs", "2")
    assert "labels 'smile,hat', now 'hat,smile'" in refused(*given[:-1], "hat,smile")
    assert "no class to be balanced" in refused(*given[:3], "other", *given[4:], "--balanced")
    gan = ganzoo.from_preset("run")
    assert gan.attributes == ["smile", "hat"]
    for written, asked in (
        ("hat", {"hat": 1}),
        ("smile=0.5,hat=1", {"smile": 0.5, "hat": 1}),
        ("smile=0", {}),
    ):
        options = ["-n", "3", "--seed", "0", "--force", "-o", "drawn.png"]
        ran("generate", "run", "--labels", written, *options)
        expected = ganzoo.pictures.image_grid(gan.generate(3, labels=asked, seed=0))
        np.testing.assert_array_equal(pixels("drawn.png"), np.asarray(expected))
    assert "'smile=a' is no attribute" in refused("generate", "run", "--label", "smile=a", *options)
    assert "Unknown attribute 'beard'" in refused("generate", "run", "--label", "beard", *options)
    tuned = ["finetune", "run", "photos", "--out", "tuned", "--labels", "hat", "--epochs", "1"]
    ran(*tuned, "--batch-size", "4")  # one column is one of classes
    assert ganzoo.from_preset("tuned").class_names == ["0", "1"]
    data = str(tmp_path / "photos")
    gan = ganzoo.DCGAN((8, 8, 1), attributes=["smile", "hat"], base_filters=2, seed=0)
    gan.compile()
    ganzoo.runs.train(gan, data, "again", 1, 4, verbose=0)
    scores = ["evaluate", "again", "photos", "-n", "8", "--extractor", "random", "-o", "s.json"]
    assert "2 attributes" in ran(*scores)


@pytest.mark.filterwarnings("ignore:The Fr.chet distance of:UserWarning")  # so few images
def test_a_data_set_of_the_hub(hub, photos, tmp_path):
    """The run notes the commit that it began with, and goes on with it when the Hub has others."""
    files = {f"train/{each.name}": each.read_bytes() for each in Path("photos").iterdir()}
    rows = [f"train/{number}.png,{'odd' if number % 2 else 'even'}" for number in range(8)]
    files["metadata.csv"] = "\n".join(["file_name,kind", *rows]).encode()
    commit = hub.put("datasets/me/photos", files)
    given = ["train", "hf://datasets/me/photos", "--out", "run", *SMALL, "--label-column", "kind"]
    assert "8 images as 16x16x3" in ran(*given, "--epochs", "1", "--image-size", "16")
    handle = f"hf://datasets/me/photos@{commit}"
    assert tomllib.loads(Path("run/run.toml").read_text())["data"] == handle
    about = read_json("run/metadata.json")["about"]
    assert about["data"] == {
        "name": "me/photos",
        "revision": commit,
        "source": "https://huggingface.co/datasets/me/photos",
    }
    assert "datasets:\n- me/photos" in Path("run/README.md").read_text()
    assert ganzoo.from_preset("run").class_names == ["even", "odd"]
    hub.put("datasets/me/photos", {"train/0.png": files["train/1.png"]})
    hub.requests.clear()
    assert "Epoch 2/2" in ran(*given, "--epochs", "2", "--image-size", "16")
    assert hub.requests == []
    new = f"{given[1]}@main"
    assert "began with other images" in refused(*given[:1], new, *given[2:], "--image-size", "16")
    assert "Hub" not in ran("inspect", new, "--split", "train", "-o", "sheet.png")
    scores = ["--extractor", "random", "-n", "8", "-o", "scores.json"]
    assert "fid" in ran("evaluate", "run", handle, *scores).lower()


def test_arrays_train_in_their_own_shape():
    images = np.random.default_rng(0).integers(0, 256, (8, 16, 12, 5), dtype=np.uint8)
    np.savez("images.npz", images=images, labels=np.arange(8) % 2)
    ran("train", "images.npz", "--out", "run", *FILES)
    assert ganzoo.from_preset("run").image_shape == (16, 12, 5)
    assert "Resize or convert them" in refused(
        "train", "images.npz", "--out", "other", *FILES, "--image-size", "16"
    )


@pytest.mark.usefixtures("digits")
def test_resized_and_unconditional():
    ran(*TRAIN, "--out", "run", "--epochs", "1", "--image-size", "10x12", "--unconditional")
    assert ganzoo.DCGAN.from_preset("run").get_config()["image_shape"] == [10, 12, 1]
    assert ganzoo.DCGAN.from_preset("run").num_classes is None


@pytest.mark.usefixtures("pets")
def test_a_folder_trains_and_says_what_it_did():
    output = ran("train", "pets", "--out", "run", *FILES, "--flip")
    assert "8 images as 16x12x3" in output
    assert "dogs/broken.jpg: no image" in output
    about = read_json("run/metadata.json")["about"]
    assert about["data"] == {"name": "pets"}
    assert (about["recipe"]["epochs"], about["recipe"]["flip"]) == (1, True)
    gan = ganzoo.DCGAN.from_preset("run")
    assert gan.image_shape == (16, 12, 3)
    assert gan.num_classes is None
    goes_on = ran("train", "pets/", "--out", "run", *FILES[2:], "--flip", "--epochs", "2")
    assert "Epoch 2/2" in goes_on
    assert "flip True, now False" in refused("train", "pets", "--out", "run", *FILES)

    ran("train", "pets", "--out", "other", *FILES, "--conditional", "--image-size", "8")
    gan = ganzoo.DCGAN.from_preset("other")
    assert gan.class_names == ["cats", "dogs"]
    assert gan.image_shape == (8, 8, 3)


@pytest.mark.usefixtures("digits")
def test_a_run_goes_on_only_as_it_was_started():
    ran(*TRAIN, "--out", "run", "--epochs", "1")
    before = Path("run/run.toml").read_bytes()
    assert "seed 0, now 3" in refused(*TRAIN, "--out", "run", "--epochs", "2", "--seed", "3")
    assert Path("run/run.toml").read_bytes() == before


@pytest.mark.usefixtures("photos")
def test_a_run_ends_on_its_best_epoch(tmp_path, monkeypatch):
    ran("train", "photos", "--out", "run", *SMALL, "--epochs", "3")
    drawn = ganzoo.DCGAN.from_preset("run").generate(4, seed=0)
    best = keras.saving.load_model("run/best.keras", compile=False).generate(4, seed=0)
    assert np.abs(drawn.astype(int) - best).max() <= 1  # half precision
    card = (tmp_path / "run" / "README.md").read_text()
    for each in ("best_epoch", "samples.png", "film.gif", "curves.png"):
        assert each in card
    assert str(tmp_path) not in card


@pytest.mark.usefixtures("untrained", "photos")
def test_options_come_from_a_file_and_the_command_line_wins(tmp_path):
    (tmp_path / "my.toml").write_text('data = "photos"\nbatch-size = 3\nflip = true\nseed = 5\n')
    ran("train", "--config", "my.toml", "--out", "run", "--seed", "7", "--image-size", "10x8")
    written = (tmp_path / "run" / "run.toml").read_text()
    options = tomllib.loads(written)
    expected = {"batch_size": 3, "flip": True, "seed": 7, "epochs": 10_000, "r1": 0.05}
    assert {name: options[name] for name in expected} == expected
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
    assert message in refused("train", "photos", "--out", "run", "--config", "my.toml")
    assert not (tmp_path / "run").exists()


@pytest.mark.usefixtures("photos")
def test_a_dry_run_says_what_would_be_done_and_writes_nothing(tmp_path):
    before = sorted(tmp_path.rglob("*"))
    output = ran("train", "photos", "--out", "run", *SMALL, "--epochs", "9", "--dry-run")
    for each in ("8 of 12x16x3", "2 in an epoch", "run (new)", "in all", "main memory"):
        assert each in output
    half = {"base_filters": 2, "discriminator_filters": 1, "upsampling": "resize"}
    gan = ganzoo.DCGAN((12, 16, 3), **half)
    parameters = gan.generator.count_params() + gan.discriminator.count_params()
    assert f"{parameters:,}" in output
    assert sorted(path for path in tmp_path.rglob("*") if "home" not in path.parts) == before


@pytest.mark.usefixtures("photos")
def test_a_time_becomes_a_plan_that_is_kept_and_repeated():
    given = ["train", "photos", "--out", "run", *SMALL, "--limit", "8"]
    assert "The time is too short" in refused(*given, "--hours", "0.0001")
    assert "Give one of --hours" in refused(*given, "--hours", "1", "--epochs", "2")
    output = ran(*given, "--images", "24", "--r1", "0", "--precision", "float32", "--loss", "hinge")
    assert "balanced" in output
    assert "fewer than 2,000 images" in output
    plan = tomllib.loads(Path("run/run.toml").read_text())
    expected = {"epochs": 3, "schedule_rounds": 6, "recipe": "balanced", "loss": "hinge"}
    assert {name: plan[name] for name in expected} == expected
    assert (plan["r1"], plan["learning_rate_end"], plan["dtype"]) == (0, 0, "float32")
    about = read_json("run/metadata.json")["about"]["recipe"]
    assert (about["noise"], about["upsampling"], about["schedule_rounds"]) == (0.1, "resize", 6)
    assert "Nothing is left to train" in ran(*given, "--images", "24")
    assert "r1 0" in refused(*given, "--r1", "0.5")
    assert "come to zero after 6 rounds" in refused(*given, "--epochs", "4")
    ran("train", "--config", "run/run.toml", "--out", "again")
    assert tomllib.loads(Path("again/run.toml").read_text()) == plan
    drawn = [ganzoo.from_preset(each).generate(4, seed=0) for each in ("run", "again")]
    np.testing.assert_array_equal(*drawn)


@pytest.mark.usefixtures("photos")
def test_half_precision_is_for_the_training_alone():
    ran("train", "photos", "--out", "run", *FILES, "--precision", "mixed_bfloat16")
    assert ganzoo.from_preset("run").dtype_policy.name == "float32"
    assert tomllib.loads(Path("run/run.toml").read_text())["dtype"] == "mixed_bfloat16"


@pytest.mark.usefixtures("photos")
def test_without_a_length_it_ends_when_it_gets_no_better(monkeypatch):
    monkeypatch.setattr(length, "PATIENCE", 6)  # rounds: three epochs
    given = ["train", "photos", "--out", "run", *SMALL, "--watch-every", "1"]
    output = ran(*given, "--learning-rate", "0")
    assert "Epoch 2: fid" in output
    assert "Ends in" in output
    progress = int(re.search(r"not got better since epoch (\d+): the training", output)[1])
    epochs = tomllib.loads(Path("run/run.toml").read_text())["epochs"]
    assert epochs == max(progress + 3, np.ceil(1.5 * progress))
    assert "Nothing is left to train" in ran(*given, "--learning-rate", "0")


@pytest.mark.usefixtures("photos")
def test_ctrl_c_has_an_exit_code_of_its_own_and_the_run_goes_on(tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(ganzoo.callbacks.LossCurves, "on_epoch_end", interrupt)
        result = run("train", "photos", "--out", "run", *SMALL, "--epochs", "2")
    assert result.exit_code == 130
    assert "The same command goes on" in result.output
    assert "Epoch 2/2" in ran("train", "photos", "--out", "run", *SMALL, "--epochs", "2")


def interrupt(self, epoch, logs=None):
    raise KeyboardInterrupt


@pytest.mark.usefixtures("photos")
def test_images_may_move_and_are_known_again(tmp_path):
    """On another machine, their folder is another; another picture makes another run."""
    ran("train", "photos", "--out", "run", *FILES)
    (tmp_path / "photos").rename(tmp_path / "elsewhere")
    assert "Epoch 2/2" in ran("train", "elsewhere", "--out", "run", *SMALL, "--epochs", "2")
    assert str(tmp_path / "elsewhere") in (tmp_path / "run" / "run.toml").read_text()
    (tmp_path / "elsewhere" / "0.png").unlink()
    output = refused("train", "elsewhere", "--out", "run", *SMALL, "--epochs", "3")
    assert "began with other images than these" in output
    assert not list((tmp_path / "run").glob("checkpoints/epoch-000003*"))


@pytest.mark.usefixtures("photos")
def test_one_image_is_one_sentence(tmp_path):
    (tmp_path / "one").mkdir()
    (tmp_path / "photos" / "0.png").rename(tmp_path / "one" / "0.png")
    for more in ([], ["--dry-run"]):
        output = refused("train", "one", "--out", "run", *FILES, *more)
        assert "One image cannot be learned from: give at least 2" in output
    assert not (tmp_path / "run").exists()


@pytest.mark.usefixtures("photos")
def test_a_damaged_checkpoint_is_one_sentence(tmp_path):
    ran("train", "photos", "--out", "run", *FILES)
    (checkpoint,) = (tmp_path / "run" / "checkpoints").iterdir()
    checkpoint.write_bytes(checkpoint.read_bytes()[:2000])
    output = refused("train", "photos", "--out", "run", *SMALL, "--epochs", "2")
    assert "epoch-000001.keras is damaged" in output
    assert "Delete it to begin anew" in output


@pytest.mark.usefixtures("photos")
def test_short_epochs_are_saved_often():
    output = ran("train", "photos", "--out", "run", *SMALL, "--epochs", "3", "--steps-per-epoch", 1)
    assert "Epoch 3/3" in output
    assert "1/1" in output
    assert tomllib.loads(Path("run/run.toml").read_text())["steps_per_epoch"] == 1


@keras.saving.register_keras_serializable("tests")
class Dots(ganzoo.GAN):
    """A family without filters."""

    family = "dots"

    def __init__(self, image_shape, dtype=None, name=None, **arguments):
        checked = self.Arguments(image_shape, **arguments)
        super(ganzoo.GAN, self).__init__(checked, dtype, name)

    @staticmethod
    def build_generator(arguments, seed, dtype):
        latents = keras.Input((arguments.latent_dim,))
        size = int(np.prod(arguments.image_shape))
        pixels = keras.layers.Dense(size, activation="tanh", dtype=dtype)(latents)
        images = keras.layers.Reshape(arguments.image_shape)(pixels)
        return keras.Model(latents, images, name="generator")

    @staticmethod
    def build_discriminator(arguments, seed, dtype):
        images = keras.Input(arguments.image_shape)
        flat = keras.layers.Flatten()(images)
        logits = keras.layers.Reshape(())(keras.layers.Dense(1, dtype=dtype)(flat))
        return keras.Model(images, logits, name="discriminator")


@pytest.mark.usefixtures("photos")
def test_another_family_trains_and_draws(monkeypatch):
    """The commands know no family but by its name."""
    monkeypatch.setattr(families, "FAMILIES", {**families.FAMILIES, "dots": f"{__name__}:Dots"})
    arguments = ["train", "photos", "--out", "run", "--family", "dots", "--batch-size", "4"]
    assert "The family dots has no --base-filters" in refused(*arguments, "--base-filters", "2")
    ran(*arguments, "--epochs", "1")
    assert type(ganzoo.from_preset("run")) is Dots
    ran("generate", "run", "-n", "3", "-o", "a.png")
