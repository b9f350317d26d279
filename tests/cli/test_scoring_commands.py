"""`ganzoo evaluate`."""

import numpy as np
import pytest
from command_line import pixels, ran, refused
from PIL import Image

import ganzoo
from ganzoo.metrics import Evaluation, Extractor, extractors


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


@pytest.mark.usefixtures("digits")
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


@pytest.mark.usefixtures("extractors_made_small", "pets")
def test_evaluate_on_a_folder(tmp_path):
    ganzoo.DCGAN((16, 12, 1), base_filters=2).save_to_preset("run")
    output = ran("evaluate", "run", "pets", "-n", "8", "-o", "out/scores.json")
    evaluation = Evaluation.load("out/scores.json")
    assert "dogs/broken.jpg: no image" in output
    assert evaluation.protocol["extractor"]["name"] == "inception"
    assert evaluation.protocol["image_shape"] == [16, 12, 1]
    assert "recognised" not in evaluation.scores


@pytest.mark.usefixtures("extractors_made_small", "pets")
@pytest.mark.parametrize(
    ("options", "read"),
    [
        ([], {"fit": "pad", "background": "black"}),
        (["--fit", "stretch"], {"fit": "stretch", "background": "black"}),
        (["--background", "red"], {"fit": "pad", "background": "red"}),
    ],
)
def test_files_are_read_as_the_run_read_them(options, read, tmp_path):
    """A run of padded pictures would be compared with cropped ones."""
    gan = ganzoo.DCGAN((16, 16, 3), base_filters=2, seed=0)
    recipe = {"fit": "pad", "background": "black", "flip": True}
    gan.save_to_preset("run", metadata={"recipe": recipe})
    ran("evaluate", "run", "pets", "-n", "9", "-o", "scores.json", *options)
    evaluation = Evaluation.load("scores.json")
    real = ganzoo.datasets.read(tmp_path / "pets", (16, 16, 3), **read)
    assert evaluation.protocol["real"]["sha256"] == real.fingerprint()
    assert evaluation.protocol["reading"] == read


@pytest.mark.usefixtures("extractors_made_small")
def test_photographs_are_decoded_as_the_run_decoded_them(tmp_path):
    """Of such noise, halving before resampling makes other pixels."""
    (tmp_path / "photos").mkdir()
    noise = np.random.default_rng(0).integers(0, 256, (9, 200, 200, 3), dtype=np.uint8)
    for number, pixels_of_one in enumerate(noise):
        Image.fromarray(pixels_of_one).save(tmp_path / f"photos/{number}.jpg")
    sets = {
        decode: ganzoo.datasets.read(tmp_path / "photos", (16, 16, 3), decode=decode).fingerprint()
        for decode in ("whole", "fast")
    }
    assert sets["whole"] != sets["fast"]
    gan = ganzoo.DCGAN((16, 16, 3), base_filters=2, seed=0)
    gan.save_to_preset("run", metadata={"recipe": {"decode": "fast"}})
    for options, decode in (([], "fast"), (["--decode", "whole"], "whole")):
        ran("evaluate", "run", "photos", "-n", "9", "--force", "-o", "scores.json", *options)
        protocol = Evaluation.load("scores.json").protocol
        assert protocol["real"]["sha256"] == sets[decode]
        assert protocol["reading"].get("decode", "whole") == decode


@pytest.mark.usefixtures("extractors_made_small", "pets")
@pytest.mark.parametrize("recipe", [{"fit": "sideways"}, {"background": "whitish"}])
def test_what_a_stranger_says_of_reading_is_checked(recipe):
    ganzoo.DCGAN((16, 16, 3), base_filters=2).save_to_preset("run", metadata={"recipe": recipe})
    assert next(iter(recipe.values())) in refused("evaluate", "run", "pets", "-n", "9")


@pytest.mark.usefixtures("extractors_made_small", "digits")
@pytest.mark.filterwarnings("default")
def test_warnings_are_plain_sentences():
    output = ran("evaluate", "mnist", "mnist", "-n", "3")
    assert "\nNote: The Fréchet distance of 3 images" in f"\n{output}"
    assert "UserWarning" not in output
