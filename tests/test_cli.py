"""The command line, on a few fabricated digits in the cache folder."""

import dataclasses
import gzip
import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

import ganzoo
from ganzoo.cli import main
from ganzoo.datasets import catalog
from ganzoo.metrics import Evaluation, Extractor, extractors

TRAIN = ["train", "mnist", "--batch-size", "8", "--limit", "20", "--base-filters", "4"]


def idx(array):
    header = bytes([0, 0, 8, array.ndim]) + b"".join(n.to_bytes(4, "big") for n in array.shape)
    return gzip.compress(header + array.tobytes())


@pytest.fixture(autouse=True)
def digits(tmp_path, monkeypatch):
    """Put thirty random images in place of each of MNIST's splits."""
    random = np.random.default_rng(0)
    entry = catalog.DATASETS["mnist"]
    files = {}
    (tmp_path / "home" / "mnist").mkdir(parents=True)
    for split in entry.files:
        contents = [
            idx(random.integers(0, 256, (30, 28, 28), dtype=np.uint8)),
            idx(np.arange(30, dtype=np.uint8) % 10),
        ]
        for file, content in zip(entry.files[split], contents, strict=True):
            (tmp_path / "home" / "mnist" / file.name).write_bytes(content)
        files[split] = tuple(
            dataclasses.replace(file, sha256=hashlib.sha256(content).hexdigest())
            for file, content in zip(entry.files[split], contents, strict=True)
        )
    changed = dataclasses.replace(entry, files=files)
    monkeypatch.setitem(catalog.DATASETS, "mnist", changed)
    monkeypatch.setenv("GANZOO_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


def run(*arguments):
    result = CliRunner().invoke(main, arguments)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def ran(*arguments):
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    return result.output


def read_json(path):
    return json.loads(Path(path).read_text())


def pixels(path):
    with Image.open(path) as picture:
        return np.asarray(picture)


def test_train_resume_generate(tmp_path):
    assert "Epoch 2/2" in ran(*TRAIN, "--out", "run", "--epochs", "2")
    folder = tmp_path / "run"
    written = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.*"))
    assert written == [
        "README.md",
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


def test_resized_and_unconditional():
    ran(*TRAIN, "--out", "run", "--epochs", "1", "--image-size", "10x12", "--unconditional")
    assert ganzoo.DCGAN.from_preset("run").get_config()["image_shape"] == [10, 12, 1]
    assert ganzoo.DCGAN.from_preset("run").num_classes is None


@pytest.fixture
def photos(tmp_path):
    """Put eight small pictures in two sub-folders, a broken file among them."""
    random = np.random.default_rng(0)
    for number in range(8):
        path = tmp_path / "photos" / ("cats", "dogs")[number % 2] / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(random.integers(0, 256, (24, 18, 3), dtype=np.uint8)).save(path)
    (tmp_path / "photos" / "dogs" / "broken.jpg").write_bytes(b"no picture")


FILES = ["--epochs", "1", "--base-filters", "2", "--batch-size", "4"]


@pytest.mark.usefixtures("photos")
def test_a_folder_trains_and_says_what_it_did():
    output = ran("train", "photos", "--out", "run", *FILES, "--flip")
    assert "8 images as 16x12x3" in output
    assert "dogs/broken.jpg: no image" in output
    about = read_json("run/metadata.json")["about"]
    assert about["data"] == {"name": "photos"}
    assert (about["recipe"]["epochs"], about["recipe"]["flip"]) == (1, True)
    gan = ganzoo.DCGAN.from_preset("run")
    assert gan.image_shape == (16, 12, 3)
    assert gan.num_classes is None
    goes_on = ran("train", "photos/", "--out", "run", *FILES[2:], "--flip", "--epochs", "2")
    assert "Epoch 2/2" in goes_on
    result = run("train", "photos", "--out", "run", *FILES)
    assert "flip True, now False" in result.output

    ran("train", "photos", "--out", "other", *FILES, "--conditional", "--image-size", "8")
    gan = ganzoo.DCGAN.from_preset("other")
    assert gan.class_names == ["cats", "dogs"]
    assert gan.image_shape == (8, 8, 3)


@pytest.mark.usefixtures("photos")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["photos", "--strict"], "broken.jpg cannot be used: no image"),
        (["photos", "--background", "whitish"], "whitish"),
        (["photos/cats", "--conditional"], "has no sub-folders"),
    ],
)
def test_a_folder_that_cannot_be_used_as_asked(arguments, message, tmp_path):
    result = run("train", *arguments, "--out", "run", *FILES)
    assert result.exit_code == 1
    assert message in result.output
    assert not (tmp_path / "run").exists()


@pytest.mark.usefixtures("photos")
def test_a_run_is_not_written_among_the_images(tmp_path):
    result = run("train", "photos", "--out", "photos/run", *FILES)
    assert result.exit_code == 1
    assert "lies among the images" in result.output
    assert not (tmp_path / "photos" / "run").exists()


def test_a_run_goes_on_only_as_it_was_started():
    ran(*TRAIN, "--out", "run", "--epochs", "1")
    before = Path("run/run.toml").read_bytes()
    result = run(*TRAIN, "--out", "run", "--epochs", "2", "--seed", "3")
    assert result.exit_code == 1
    assert "seed 0, now 3" in result.output
    assert Path("run/run.toml").read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["train", "mnits", "--out", "run"], "'mnits' is no folder or zip archive, nor a dataset"),
        (["train", "mnist"], "Missing option '--out'"),
        (["train", "mnist", "--out", "run", "--image-size", "big"], "'big' is no size"),
        (["train", "mnist", "--out", "run", "--image-size", "4"], "height must be a whole number"),
        (["generate", "nowhere", "-o", "a.png"], "Unknown preset 'nowhere'"),
    ],
)
def test_wrong_input_is_one_plain_sentence(arguments, message):
    result = run(*arguments)
    assert result.exit_code != 0
    assert message in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("options", "message"),
    [(["--label", "11"], "Unknown label 11"), (["-o", "a.nonsense"], "unknown file extension")],
)
def test_generate_says_what_it_cannot_do(options, message, tmp_path):
    names = [str(digit) for digit in range(10)]
    ganzoo.DCGAN((8, 8, 1), class_names=names, base_filters=4).save_to_preset("gan")
    result = run("generate", "gan", "-o", "a.png", *options)
    assert result.exit_code == 1
    assert message in result.output
    assert not list(tmp_path.glob("a.*"))


def test_a_class_is_asked_for_by_number_or_name(tmp_path):
    ganzoo.DCGAN((8, 8, 1), class_names=["cat", "dog"], base_filters=4).save_to_preset("gan")
    for label, name in [("1", "a.png"), ("dog", "b.png")]:
        ran("generate", "gan", "-n", "4", "--seed", "0", "--label", label, "-o", name)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_generate_draws_with_a_preset_of_the_hub(hub, tmp_path):
    golden = Path(__file__).parent / "presets" / "golden" / "jax"
    handle = ganzoo.upload_preset("hf://me/gan", golden)
    ran("generate", handle, "-n", "4", "--seed", "0", "-o", "a.png")
    ran("generate", str(golden), "-n", "4", "--seed", "0", "-o", "b.png")
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def patches(images):
    return images[:, ::14, ::14, 0].reshape(len(images), -1) / 255


@pytest.fixture
def extractors_made_small(monkeypatch):
    """Put two means in place of the networks that make features."""

    def ten_classes(features):
        return np.eye(10)[np.arange(len(features)) % 10]

    known = Extractor("digits", "ab" * 32, "four pixels", patches, ten_classes)
    other = Extractor("inception", "cd" * 32, "four pixels", patches)
    found = {"digits": lambda: known, "inception": lambda: other}
    monkeypatch.setattr(extractors, "EXTRACTORS", found)


@pytest.mark.filterwarnings("ignore::UserWarning")  # of few images
def test_evaluate_prints_a_table_and_writes_it():
    output = ran(
        "evaluate", "mnist", "mnist", "-n", "40", "--seed", "3", "--neighbours", "near.png"
    )
    evaluation = Evaluation.load("mnist-scores.json")
    assert str(evaluation) in output
    assert evaluation.scores["recognised"] > 0.9  # the preset draws digits, the net knows them
    fake = ganzoo.DCGAN.from_preset("mnist").generate(40, seed=3)
    expected = ganzoo.metrics.evaluate("mnist", fake, "digits", ["fid", "kid"], seed=3)
    for name, difference in evaluation.difference(expected).items():
        assert abs(difference) <= 1e-4 * abs(expected.scores[name])
    real, _ = ganzoo.datasets.load("mnist", "train")
    digits = ganzoo.metrics.classifier("digits")
    nearest, _ = ganzoo.metrics.nearest_neighbours(
        digits.features(real), digits.features(fake[:10]), k=7
    )
    picture = ganzoo.pictures.neighbour_grid(real, fake[:10], nearest)
    np.testing.assert_array_equal(pixels("near.png"), np.asarray(picture))


@pytest.mark.usefixtures("extractors_made_small", "photos")
def test_evaluate_on_a_folder(tmp_path):
    ganzoo.DCGAN((16, 12, 1), base_filters=2).save_to_preset("run")
    output = ran("evaluate", "run", "photos", "-n", "8", "-o", "out/scores.json")
    evaluation = Evaluation.load("out/scores.json")
    assert "dogs/broken.jpg: no image" in output
    assert evaluation.protocol["extractor"]["name"] == "inception"
    assert evaluation.protocol["image_shape"] == [16, 12, 1]
    assert "recognised" not in evaluation.scores


@pytest.mark.usefixtures("extractors_made_small")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["mnist", "mnits"], "'mnits' is no folder or zip archive, nor a dataset"),
        (["mnist", "mnist", "--split", "tset"], "Did you mean 'test'"),
        (["mnits", "mnist"], "Did you mean 'mnist'"),
        (["mnist", "mnist", "--extractor", "eyes"], "'eyes' is not one of"),
    ],
)
def test_evaluate_says_what_it_cannot_do(arguments, message, tmp_path):
    result = run("evaluate", *arguments)
    assert result.exit_code != 0
    assert message in result.output
    assert not list(tmp_path.glob("*.json"))


@pytest.mark.usefixtures("extractors_made_small")
@pytest.mark.filterwarnings("default")
def test_warnings_are_plain_sentences():
    output = ran("evaluate", "mnist", "mnist", "-n", "3")
    assert "\nNote: The Fréchet distance of 3 images" in f"\n{output}"
    assert "UserWarning" not in output
