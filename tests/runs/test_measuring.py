"""What a training would take: looked at without changing anything."""

import numpy as np
import pytest

import ganzoo

IMAGES = np.random.default_rng(0).integers(0, 256, (50, 8, 8, 1), dtype="uint8")


def small_gan():
    gan = ganzoo.DCGAN((8, 8, 1), latent_dim=4, base_filters=2, seed=0)
    gan.compile()
    return gan


def test_a_plan_tells_rounds_and_time(tmp_path, monkeypatch):
    now = [0.0]

    class Slow(ganzoo.DCGAN):
        """Takes two seconds a round."""

        def fit(self, x, callbacks, epochs, steps_per_epoch, **options):
            (watch,) = callbacks
            for epoch in range(epochs):
                watch.on_epoch_begin(epoch)
                now[0] += 2.0 * steps_per_epoch
                watch.on_epoch_end(epoch)

    monkeypatch.setattr("time.perf_counter", lambda: now[0])
    gan = Slow((8, 8, 1), latent_dim=4, base_filters=2, seed=0)
    gan.compile()
    plan = ganzoo.runs.plan(gan, IMAGES, batch_size=16)
    assert (plan.images, plan.rounds, plan.seconds) == (50, 4, 8.0)
    networks = (gan.generator, gan.discriminator)
    assert plan.parameters == sum(network.count_params() for network in networks)
    assert plan.memory is None or plan.memory > 1e8
    assert ganzoo.runs.plan(gan, IMAGES, steps_per_epoch=7).rounds == 7


def test_the_model_stays_as_it_is(state):
    gan = small_gan()
    before = state(gan)
    assert ganzoo.runs.plan(gan, IMAGES, batch_size=8).seconds > 0
    for one, other in zip(state(gan), before, strict=True):
        np.testing.assert_array_equal(one, other)
    fresh = small_gan()
    histories = [each.fit(IMAGES, epochs=1, verbose=0).history for each in (gan, fresh)]
    assert histories[0] == histories[1]


def test_too_few_images_are_refused():
    with pytest.raises(ValueError, match="One image cannot be learned from"):
        ganzoo.runs.plan(small_gan(), IMAGES[:1])
