import numpy as np
import pytest

import ganzoo
from ganzoo.latents import anomalies, complete, invert, train_encoder


def test_a_search_from_what_an_encoder_guesses_is_shorter():
    gan = ganzoo.DCGAN((8, 8, 3), latent_dim=3, num_classes=2, base_filters=4, seed=0)
    random = np.random.default_rng(0)
    for weight in gan.generator.weights:
        signs = random.choice([-1, 1], weight.shape) if "kernel" in weight.path else 1
        weight.assign(random.uniform(0.2, 1, weight.shape) * signs)
    images = gan.generate(20, seed=5)
    encoder = train_encoder(gan, steps=150, batch_size=32)
    guessed = invert(gan, images, restarts=1, steps=1, encoder=encoder)
    at_random = invert(gan, images, [0, 1] * 10, restarts=1, steps=1)
    assert guessed.errors.mean() < at_random.errors.mean() * 0.7
    assert (guessed.labels == [0, 1] * 10).mean() >= 0.9
    given = invert(gan, images, [1] * 20, restarts=2, steps=1, encoder=encoder)
    assert given.labels.tolist() == [1] * 20


@pytest.mark.any_backend
def test_an_encoder_for_a_model_without_classes_and_one_that_does_not_fit():
    gan = ganzoo.DCGAN((9, 12, 3), latent_dim=4, base_filters=4, seed=0)
    encoder = train_encoder(gan, steps=1, batch_size=2)
    again = train_encoder(gan, steps=1, batch_size=2)
    for one, other in zip(encoder.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    images = gan.generate(3, seed=0)
    assert invert(gan, images, restarts=2, steps=1, encoder=encoder).labels is None
    other = ganzoo.DCGAN((9, 12, 3), latent_dim=5, base_filters=4)
    with pytest.raises(ValueError, match=r"to 4 numbers, and the model takes 5 for"):
        invert(other, images, encoder=encoder)


def test_all_searches_work_with_attributes():
    gan = ganzoo.DCGAN((8, 8, 3), latent_dim=3, attributes=["hat", "bow"], base_filters=4, seed=0)
    labels = [[1, 0], [0, 1]]
    images = gan.draw(gan.latents(2, seed=0), labels)
    encoder = train_encoder(gan, steps=1, batch_size=2)
    found = invert(gan, images, labels, restarts=2, steps=1, encoder=encoder)
    np.testing.assert_array_equal(found.labels, labels)
    torn = complete(gan, images, np.eye(8) > 0, labels, answers=2, restarts=2, steps=1)
    assert torn.labels.shape == (2, 2, 2)
    np.testing.assert_array_equal(torn.labels[:, 1], labels)
    assert anomalies(gan, images, labels, steps=1).scores.shape == (2,)
    with pytest.raises(ValueError, match=r"Say which attributes the images have \(hat, bow\)"):
        complete(gan, images, np.eye(8) > 0)
