"""Every family keeps the promises of `ganzoo.testing`: ganzoo's own, and the page's."""

import pytest

import ganzoo
from ganzoo import testing
from ganzoo.gan.families import FAMILIES

SMALL = {
    "dcgan": {"image_shape": (9, 8, 1), "latent_dim": 4, "base_filters": 4},
    "fastgan": {"image_shape": (32, 36, 1), "latent_dim": 4, "base_filters": 2},
    "dense": {"image_shape": (9, 8, 1), "latent_dim": 4, "units": 8},
}
SLOW = (
    testing.check_networks,
    testing.check_fit,
    testing.check_frozen_stages,
    testing.check_export,
)
# What compiles steps of a training: XLA takes 25 seconds for one of FastGAN. That it trains, and
# goes on exactly, is tested on every backend, all else about its training on one.
TRAINING = (
    testing.check_threads,
    testing.check_fit,
    testing.check_evaluate,
    testing.check_callbacks,
    testing.check_frozen_stages,
    testing.check_keras_file,
)


def promised(name, check):
    marks = [pytest.mark.slow] if check in SLOW else []
    if name == "fastgan" and check in TRAINING:
        marks.append(pytest.mark.any_backend)
    return pytest.param(name, check, marks=marks, id=f"{name}-{check.__name__}")


@pytest.fixture(params=SMALL)
def family(request, dense):
    return dense if request.param == "dense" else ganzoo.gan.families.family(request.param)


@pytest.mark.parametrize(
    ("family", "check"),
    [promised(name, check) for name in SMALL for check in testing.CHECKS],
    indirect=["family"],
)
def test_a_family_keeps_its_promises(family, check, tmp_path):
    check(family, SMALL[family.family], tmp_path)


def test_a_family_goes_to_the_hub_and_back(family, hub, tmp_path):
    testing.check_hub(family, SMALL[family.family], tmp_path)


def test_every_family_is_checked():
    assert set(FAMILIES) <= set(SMALL)
