"""Files that are checked before they are believed."""

import hashlib

import numpy as np
import pytest
from safetensors.numpy import save_file

from ganzoo.storage import MOST_HEADER, load_tensors, save_tensors, sha256


def test_the_hash_is_that_of_the_bytes(tmp_path):
    (tmp_path / "x").write_bytes(b"abc" * 10**6)
    assert sha256(tmp_path / "x") == hashlib.sha256(b"abc" * 10**6).hexdigest()


def test_half_precision_comes_back_as_single(tmp_path):
    value = np.random.default_rng(0).standard_normal((3, 4)).astype("float32")
    save_tensors(tmp_path / "x", {"a": value, "b": np.float32(2)})
    loaded = load_tensors(tmp_path / "x", {"a": (3, 4), "b": ()})
    assert {each.dtype for each in loaded.values()} == {np.dtype("float32")}
    np.testing.assert_array_equal(loaded["a"], value.astype("float16"))


def test_numbers_too_large_for_half_precision_are_kept(tmp_path):
    stored = {"a": np.array([1e5], "float32"), "b": np.array([0.5], "float32")}
    save_tensors(tmp_path / "x", stored)
    loaded = load_tensors(tmp_path / "x", {"a": (1,), "b": (1,)})
    assert loaded == stored
    assert (tmp_path / "x").stat().st_size < MOST_HEADER


def test_weights_may_lie_in_memory_in_any_order(tmp_path):
    """On torch, those of a trained convolution lie otherwise than a new one's."""
    plain = np.arange(24, dtype="float32").reshape(2, 3, 4)
    save_tensors(tmp_path / "x", {"a": plain.transpose(1, 2, 0).copy().transpose(2, 0, 1)})
    np.testing.assert_array_equal(load_tensors(tmp_path / "x", {"a": (2, 3, 4)})["a"], plain)


@pytest.mark.parametrize("value", [np.nan, -np.inf])
def test_what_is_not_finite_is_neither_written_nor_read(tmp_path, value):
    broken = {"a": np.array([1, value], "float32")}
    with pytest.raises(ValueError, match="tensor a holds NaN or infinite numbers"):
        save_tensors(tmp_path / "x", broken)
    save_file(broken, tmp_path / "y")
    with pytest.raises(ValueError, match="tensor a holds NaN or infinite numbers"):
        load_tensors(tmp_path / "y", {"a": (2,)})
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(
    ("shapes", "message"),
    [
        ({"a": (2,)}, "'b' is no weight of the model"),
        ({"a": (2,), "b": (3,), "c": ()}, "'c' is missing"),
        ({"a": (2,), "b": (1, 3)}, r"b has shape \[3\], the model's \[1, 3\]"),
    ],
)
def test_the_file_must_hold_what_is_asked_for(tmp_path, shapes, message):
    save_tensors(tmp_path / "x", {"a": np.ones(2), "b": np.ones(3)})
    with pytest.raises(ValueError, match=message):
        load_tensors(tmp_path / "x", shapes)
