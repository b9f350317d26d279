"""`ganzoo finetune`, on a tiny preset and a tiny folder."""

import numpy as np
import pytest
from command_line import ran, read_json, refused
from PIL import Image

import ganzoo
from ganzoo.gan import saving


@pytest.fixture(autouse=True)
def folders(tmp_path):
    """Make a preset, and eight small pictures in two sub-folders."""
    gan = ganzoo.DCGAN((16, 12, 3), class_names=["dogs", "owls"], base_filters=2, seed=3)
    gan.save_to_preset("pets")
    random = np.random.default_rng(0)
    for number in range(8):
        path = tmp_path / "photos" / ("cats", "dogs")[number % 2] / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(random.integers(0, 256, (24, 18, 3), dtype=np.uint8)).save(path)


def tuned(*arguments):
    return ran("finetune", *arguments, "--batch-size", "4")


def drawn(folder):
    return ganzoo.DCGAN.from_preset(folder, compile=False).generate(4, seed=1)


def test_a_folder_fine_tunes_a_preset_and_goes_on(tmp_path):
    """Stopped after one epoch and run again, it ends as one that ran straight on."""
    before = (tmp_path / "pets" / "model.safetensors").read_bytes()
    output = tuned("pets", "photos", "--out", "run", "--epochs", "1", "--flip")
    assert "8 images as 16x12x3" in output
    assert "Epoch 2/2" in tuned("pets/", "photos/", "--out", "run", "--epochs", "2", "--flip")
    tuned("pets", "photos", "--out", "straight", "--epochs", "2", "--flip")
    np.testing.assert_array_equal(drawn("run"), drawn("straight"))
    gan = ganzoo.DCGAN.from_preset("run")
    assert (gan.image_shape, gan.num_classes, gan.seed) == ((16, 12, 3), None, 0)
    recipe = read_json("run/metadata.json")["about"]["recipe"]
    assert (recipe["preset"], recipe["epochs"], recipe["flip"]) == ("pets", 2, True)
    assert (tmp_path / "pets" / "model.safetensors").read_bytes() == before
    output = refused("finetune", "run", "photos", "--out", "straight", "--flip")
    assert "began with another preset than" in " ".join(output.split())


def test_a_preset_that_was_moved_is_known_again(tmp_path):
    arguments = ["photos", "--out", "run", "--epochs"]
    tuned("pets", *arguments, "1")
    (tmp_path / "pets").rename(tmp_path / "animals")
    assert "Epoch 2/2" in tuned("animals", *arguments, "2")
    ganzoo.DCGAN((16, 12, 3), class_names=["dogs", "owls"], base_filters=2, seed=4).save_to_preset(
        "others"
    )
    said = refused("finetune", "others", *arguments, "3", "--batch-size", "4")
    assert "began with another preset than" in " ".join(said.split())


def test_a_recipe_is_carried_out_noted_and_kept_to(tmp_path):
    """What run.toml holds trains as what was said, and as Python does."""
    said = ["--recipe", "balanced", "--noise", "0", "--r1", "0.5", "--seed", "2"]
    tuned("pets", "photos", "--out", "run", "--epochs", "2", *said)
    tuned("pets", "photos", "--out", "again", "--config", "run/run.toml")
    np.testing.assert_array_equal(drawn("run"), drawn("again"))
    gan = ganzoo.from_preset("pets", class_names=None, num_classes=None, seed=2, compile=False)
    recipe = ganzoo.recipes.get("balanced", noise=0.0, r1=0.5)
    gan.compile(**recipe.training(rounds=4))
    images = ganzoo.datasets.read("photos", gan.image_shape, labels=False)
    ganzoo.runs.train(gan, images, "python", 2, 4)
    np.testing.assert_array_equal(drawn("run"), drawn("python"))
    noted = read_json("run/metadata.json")["about"]["recipe"]
    assert (noted["recipe"], noted["r1"], noted["schedule_rounds"]) == ("balanced", 0.5, 4)
    assert noted["base_filters"] is None  # the preset's
    again = ["finetune", "pets", "photos", "--out", "run", "--batch-size", "4", "--seed", "2"]
    output = refused(*again, "--epochs", "2", "--r1", "0.1")
    assert "r1 0.5, now 0.1" in " ".join(output.split())
    output = refused(*again, "--epochs", "3")
    assert "come to zero after 4 rounds" in " ".join(output.split())


def test_the_networks_are_the_presets():
    output = refused("finetune", "pets", "photos", "--out", "run", "--base-filters", "4")
    assert "A preset brings its networks: leave out --base-filters." in output


def test_what_starts_afresh_is_named(monkeypatch):
    monkeypatch.setattr(ganzoo.DCGAN, "fit", lambda self, *arguments, **options: None)
    arguments = ["pets", "photos", "--out", "run", "--epochs", "1"]
    output = tuned(*arguments, "--conditional", "--image-size", "32x24")
    assert "the generator's latents to 8x6x4" in output
    gan = ganzoo.DCGAN.from_preset("run")
    assert (gan.image_shape, gan.class_names) == ((32, 24, 3), ["cats", "dogs"])
    output = tuned(*arguments[:3], "other", "--epochs", "1", "--conditional")
    assert "this starts afresh: the classes cats.\n" in output


def test_help_has_examples():
    assert "ganzoo finetune pokemon my_sprites/ --out runs/mine" in ran("finetune", "--help")


def test_a_preset_of_the_hub_is_that_of_one_commit(hub, monkeypatch):
    """Its shape is read first; then its weights, though the branch may have moved between."""
    handle = ganzoo.upload_preset("hf://me/pets", "pets").partition("@")[0]
    loaded = []
    load = saving.load
    monkeypatch.setattr(saving, "load", lambda preset, *rest, **more: (
        loaded.append((preset, len(hub.requests))), load(preset, *rest, **more)
    )[1])  # fmt: skip
    hub.requests.clear()
    tuned(handle, "photos", "--out", "run", "--epochs", "1")
    ((preset, before),) = loaded
    commit = hub.repos["me/pets"].refs["main"]
    assert preset == f"{handle}@{commit}"
    assert all(commit in each for each in hub.requests[before:])
