"""FID's network with its weights: the published numbers."""

import os
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from ganzoo.metrics import frechet_distance
from ganzoo.metrics.extractors import convert_inception
from ganzoo.metrics.extractors.inception import inception, weights_path

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        "GANZOO_REFERENCE" not in os.environ,
        reason="set GANZOO_REFERENCE to a folder with cifar10.npz and inception-2015-12-05.pt",
    ),
    pytest.mark.filterwarnings("ignore:`torch.jit.load` is deprecated"),
]
PUBLISHED = 110.280826  # torch-fidelity's
COUNT = 256


@pytest.fixture(scope="module")
def reference():
    return Path(os.environ["GANZOO_REFERENCE"])


@pytest.fixture(scope="module")
def photos(reference):
    """The images of the published check, from CIFAR-10's training and test set."""
    with np.load(reference / "cifar10.npz") as sets:
        found = [sets[name] for name in ("x_train", "x_test")]
    draws = [np.random.RandomState(2020).choice(len(each), COUNT, False) for each in found]
    return [each[draw] for each, draw in zip(found, draws, strict=True)]


@pytest.fixture(scope="module")
def extractor(reference, tmp_path_factory):
    """The extractor, its weights converted here; its bytes are pinned."""
    pytest.importorskip("torch", reason="the conversion needs torch")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GANZOO_HOME", str(tmp_path_factory.mktemp("home")))
        source = reference / "inception-2015-12-05.pt"
        result = CliRunner().invoke(convert_inception.main, [str(source)], catch_exceptions=False)
        assert result.output == f"{weights_path()}\n"
        return inception()


def test_published_distance(extractor, photos):
    real, fake = (extractor.features(each) for each in photos)
    with pytest.warns(UserWarning, match="256 images with 2048 features"):
        found = frechet_distance(real, fake)
    print(f"FID {found:.6f}, published {PUBLISHED}")
    assert abs(found - PUBLISHED) < 0.01


def test_features_are_those_of_the_published_network(extractor, photos, reference):
    import torch

    size, some = 299, photos[0][:16]
    source = np.arange(size) * 32 / size
    low = source.astype(int)
    matrix = np.zeros((size, 33))
    matrix[np.arange(size), low] = 1 - (source - low)
    matrix[np.arange(size), low + 1] = source - low
    matrix[:, 31] += matrix[:, 32]  # beyond the edge the last pixel goes on
    enlarged = np.einsum("yh,xw,nhwc->ncyx", matrix[:, :32], matrix[:, :32], some, optimize=True)
    network = torch.jit.load(reference / "inception-2015-12-05.pt").eval()
    with torch.no_grad():
        expected = network(torch.from_numpy((enlarged - 128) / 128).float()).numpy()
    found = extractor.features(some)
    differences = np.linalg.norm(found - expected, axis=1) / np.linalg.norm(expected, axis=1)
    print(f"relative difference at most {differences.max():.2e}")
    assert differences.max() < 1e-4
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4 * expected.mean())
