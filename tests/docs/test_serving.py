"""The two servers of the page answer as the model draws, to many at once, and refuse the rest."""

import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from test_pages import blocks

import ganzoo

PAGE = Path(__file__).parents[2] / "docs" / "serving.md"
SEEDS = range(6)

pytestmark = pytest.mark.skipif(not PAGE.is_file(), reason="pages are in the repository only")


@pytest.fixture(scope="module", params=["ganzoo", "onnxruntime"])
def server(request, tmp_path_factory):
    """Return a client of one of the servers."""
    pytest.importorskip("fastapi", reason="fastapi is not installed")
    from fastapi.testclient import TestClient

    folder = tmp_path_factory.mktemp("server")
    model, _, exported = blocks(PAGE)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        if request.param == "onnxruntime":
            pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
            try:
                ganzoo.from_preset("mnist").export("digits.onnx")
            except ImportError as error:  # what exports on this backend
                pytest.skip(str(error))
        world = {"__name__": request.param}
        exec(compile(model if request.param == "ganzoo" else exported, PAGE.name, "exec"), world)
    return TestClient(world["app"])


def picture(server, **asked):
    answer = server.get("/digits.png", params=asked)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "image/png"
    return np.asarray(Image.open(io.BytesIO(answer.content)))


def test_a_seed_and_a_class_are_what_the_model_draws_of_them(server):
    gan = ganzoo.from_preset("mnist", compile=False)
    for asked in ({"n": 3, "seed": 7, "label": 3}, {"n": 20, "seed": 1}):
        of = {"labels" if name == "label" else name: value for name, value in asked.items()}
        row = np.hstack(gan.generate(**of))[..., 0]
        np.testing.assert_allclose(picture(server, **asked), row.astype(int), atol=1)


def test_many_at_once_get_what_each_asked_for(server):
    one_by_one = [picture(server, seed=seed, n=1 + seed) for seed in SEEDS]
    with ThreadPoolExecutor(len(SEEDS)) as pool:
        at_once = pool.map(lambda seed: picture(server, seed=seed, n=1 + seed), SEEDS)
        for found, expected in zip(at_once, one_by_one, strict=True):
            np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("wrong", [{}, {"seed": -1}, {"n": 65}, {"n": 0}, {"label": 10}])
def test_what_cannot_be_drawn_is_refused(server, wrong):
    asked = {"seed": 0, **wrong} if wrong else {}
    assert server.get("/digits.png", params=asked).status_code == 422
