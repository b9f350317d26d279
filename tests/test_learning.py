"""A short training on real digits draws digits: what noise and a collapsed generator do not."""

import os
from pathlib import Path

import numpy as np
import pytest

import ganzoo

DATA = os.environ.get("GANZOO_TEST_DATA")
STEPS = 1000
COMPONENTS = 40

pytestmark = pytest.mark.slow


def trained(images, labels, latent_dim):
    """Return a conditional model after a thousand rounds."""
    gan = ganzoo.DCGAN(images.shape[1:], latent_dim, num_classes=10, base_filters=32, seed=0)
    gan.compile()
    gan.fit(images, labels, batch_size=64, steps_per_epoch=STEPS, epochs=1, verbose=2)
    return gan


def compared(gan, features, real, real_labels):
    """Return the share of samples that are taken for their class, and how much they differ.

    A sample belongs to the class of the real image nearest to it. The variance within the classes
    is compared with that of real images.
    """
    asked = np.arange(500) % 10
    drawn, real = features(gan.generate(500, labels=asked, seed=0)), features(real)
    distances = np.square(drawn[:, None] - real[None]).sum(axis=-1)
    share = (real_labels[distances.argmin(axis=1)] == asked).mean()
    diversity = spread(drawn, asked) / spread(real, real_labels)
    print(f"recognised: {share:.3f}, diversity: {diversity:.3f}")
    return share, diversity


def spread(features, labels):
    """Return the mean variance within the classes."""
    return np.mean([features[labels == label].var(axis=0).sum() for label in range(10)])


def flat(images):
    return images.reshape(len(images), -1) / 255.0


def test_a_thousand_steps_draw_the_small_digits_that_were_asked_for():
    """Scans of 8x8 pixels, which come with scikit-learn."""
    digits = pytest.importorskip("sklearn.datasets", reason="needs scikit-learn").load_digits()
    images = np.rint(digits.images * (255 / 16)).astype("uint8")[..., np.newaxis]
    labels = digits.target.astype("int32")
    share, diversity = compared(trained(images, labels, latent_dim=32), flat, images, labels)
    # Noise and a generator that draws one image are recognised by chance, in 10 % of the cases.
    assert share > 0.7
    # A generator that has collapsed to one image for each class has no variance within them.
    assert diversity > 0.4


@pytest.fixture
def mnist(monkeypatch):
    if DATA is None or not (Path(DATA) / "mnist").is_dir():
        pytest.skip("needs MNIST: set GANZOO_TEST_DATA to a folder that holds mnist/")
    monkeypatch.setenv("GANZOO_HOME", DATA)
    return ganzoo.datasets.load("mnist")


def principal(real):
    """Return the projection of images on the principal components of real ones."""
    mean = flat(real).mean(axis=0)
    _, vectors = np.linalg.eigh(np.cov(flat(real) - mean, rowvar=False))
    return lambda images: (flat(images) - mean) @ vectors[:, -COMPONENTS:]


def test_a_thousand_steps_draw_the_asked_digits_of_mnist(mnist):
    images, labels = mnist
    apart = slice(10_000, 14_000)  # 4,000 nearest neighbours recognise over 90 % of other digits
    gan = trained(images, labels, latent_dim=100)
    share, diversity = compared(gan, principal(images[:10_000]), images[apart], labels[apart])
    assert share > 0.7
    assert diversity > 0.4


@pytest.mark.parametrize("name", ["pokemon", "art"])
def test_an_epoch_of_a_real_archive(name, monkeypatch):
    data = Path(DATA) if DATA else Path(__file__).parents[2] / "shared" / "data"
    if not (data / name).is_dir():
        pytest.skip(f"no {name} in {data}; set GANZOO_TEST_DATA to a folder with the files")
    monkeypatch.setenv("GANZOO_HOME", str(data))
    gan = ganzoo.DCGAN((64, 64, 3), num_classes=7 if name == "art" else None, base_filters=2)
    gan.compile()
    history = gan.fit(name, epochs=1, batch_size=256, verbose=0).history
    assert all(np.isfinite(values).all() for values in history.values())
