"""Recipes: what they set, that they train, and that a file can hold them."""

import tomllib

import keras
import numpy as np
import pytest
from keras import ops

import ganzoo
from ganzoo import recipes
from ganzoo.penalties import R1, R2
from ganzoo.runs.run_folder import written

SHAPE, ROUNDS = (9, 8, 1), 4
IMAGES = np.random.default_rng(0).integers(0, 256, (8, *SHAPE), dtype="uint8")
SMALL = {"latent_dim": 4, "seed": 0}


def built(recipe):
    gan = ganzoo.DCGAN(SHAPE, **SMALL, **recipe.model(ganzoo.DCGAN))
    gan.compile(**recipe.training(ROUNDS))
    return gan


def rate(gan, network):
    optimizer = getattr(gan.optimizer, f"{network}_optimizer")
    return float(ops.convert_to_numpy(optimizer.learning_rate))


@pytest.mark.parametrize("name", recipes.RECIPES)
def test_each_recipe_trains(name):
    recipe = recipes.get(name, base_filters=4)
    if recipe.discriminator_filters:
        recipe = recipes.get(name, base_filters=4, discriminator_filters=2)
    gan = built(recipe)
    before = [np.array(each) for each in gan.get_weights()]
    losses = gan.fit(IMAGES, batch_size=2, verbose=0).history
    assert np.isfinite([losses["discriminator_loss"], losses["generator_loss"]]).all()
    assert any((a != b).any() for a, b in zip(gan.get_weights(), before, strict=True))
    assert gan.generate(2, seed=0).shape == (2, *SHAPE)
    config = gan.get_compile_config()
    assert len(config["penalties"]) == {"balanced": 1, "relativistic": 2}.get(name, 0)


@pytest.mark.parametrize(("name", "left"), [("balanced", 0.0), ("relativistic", 0.25)])
def test_rates_follow_half_a_cosine_to_their_end(name, left):
    recipe = recipes.get(name, base_filters=2, discriminator_learning_rate=4e-4, noise=None)
    gan = built(recipe)
    for rounds in (0, 1, 3, ROUNDS):
        gan.optimizer.iterations.assign(rounds)
        share = left + (1 - left) * (1 + np.cos(np.pi * rounds / ROUNDS)) / 2
        assert rate(gan, "generator") == pytest.approx(2e-4 * share, abs=1e-9)
        assert rate(gan, "discriminator") == pytest.approx(4e-4 * share, abs=1e-9)


@pytest.mark.any_backend
def test_penalties_fall_to_their_end():
    first, second = recipes.get("relativistic").training(1000)["penalties"]
    assert (type(first), type(second)) == (R1, R2)
    assert [float(first.weight(at)) for at in (0, 500, 1000)] == pytest.approx([1.0, 0.55, 0.1])
    (plain,) = recipes.get("balanced").training(1000)["penalties"]
    assert plain.weight == 0.05


@pytest.mark.any_backend
def test_the_paper_leaves_all_to_the_family():
    assert recipes.get("paper").training() == {}
    assert recipes.get("paper").model(ganzoo.FastGAN) == {}
    assert recipes.get("paper", r1=0, augmentation=[], ema_decay=0).training() == {
        "penalties": [],
        "augmentation": None,
        "ema_decay": None,
    }


@pytest.mark.any_backend
def test_what_comes_from_a_preset_is_frozen_but_for_one_stage():
    few = recipes.get("few")
    frozen = [few.training(inherited_stages=each)["frozen_stages"] for each in (0, 1, 2, 5)]
    assert frozen == [0, 0, 1, 1]
    assert ganzoo.DCGAN((8, 8, 1), base_filters=2).fine_tuning_recipe().keys() == {
        "loss",
        *few.training(),
    }


@pytest.mark.any_backend
@pytest.mark.parametrize("recipe", recipes.RECIPES.values(), ids=recipes.RECIPES)
def test_a_file_holds_a_recipe_whole(recipe):
    said = tomllib.loads(written(recipe.parts()))
    name = said.pop("recipe")
    plain = {each: value for each, value in said.items() if each != "augmentation"}
    views = {"augmentation": tuple(said["augmentation"])} if "augmentation" in said else {}
    assert recipes.Recipe(name, recipe.why, **plain, **views) == recipe
    assert recipe.why


@pytest.mark.any_backend
def test_what_no_recipe_can_have_is_refused():
    with pytest.raises(ValueError, match=r"Unknown recipe 'balance'.* Did you mean 'balanced'"):
        recipes.get("balance")
    with pytest.raises(ValueError, match="Unknown loss"):
        recipes.get("paper", loss="square")
    with pytest.raises(ValueError, match="Unknown transformation 'blur'"):
        recipes.get("paper", augmentation=["blur"])
    with pytest.raises(ValueError, match="r1 of a recipe must be at least 0, not -1"):
        recipes.get("balanced", r1=-1)
    with pytest.raises(ValueError, match="ema_decay of a recipe must be from 0 to 1"):
        recipes.get("balanced", ema_decay=2.0)
    with pytest.raises(ValueError, match=r"changes noise, learning rates .*training\(rounds="):
        recipes.get("balanced").training()
    with pytest.raises(ValueError, match="sets discriminator_filters, which the family fastgan"):
        recipes.get("balanced").model(ganzoo.FastGAN)


@pytest.mark.any_backend
def test_precision_is_a_part():
    gan = ganzoo.DCGAN(SHAPE, **SMALL, **recipes.get("balanced").model(ganzoo.DCGAN))
    assert gan.dtype_policy.name == "mixed_bfloat16"
    assert gan.get_config()["discriminator_norm"] == "batch"
    relative = recipes.get("relativistic", base_filters=2)
    gan = ganzoo.DCGAN(SHAPE, **SMALL, **relative.model(ganzoo.DCGAN))
    assert gan.get_config()["discriminator_norm"] is None
    assert isinstance(built(relative).optimizer.generator_optimizer, keras.optimizers.Adam)
