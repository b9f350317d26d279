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
CHECKS = [
    pytest.param(check, marks=pytest.mark.slow) if check in SLOW else check
    for check in testing.CHECKS
]


@pytest.fixture(params=SMALL)
def family(request, dense):
    return dense if request.param == "dense" else ganzoo.gan.families.family(request.param)


@pytest.mark.parametrize("check", CHECKS)
def test_a_family_keeps_its_promises(family, check, tmp_path):
    check(family, SMALL[family.family], tmp_path)


def test_a_family_goes_to_the_hub_and_back(family, hub, tmp_path):
    testing.check_hub(family, SMALL[family.family], tmp_path)


def test_every_family_is_checked():
    assert set(FAMILIES) <= set(SMALL)
