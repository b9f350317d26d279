"""Processes that were started together, and know nothing of each other, are refused."""

import keras
import numpy as np
import pytest

import ganzoo


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="others meet")
def test_several_processes_would_train_several_models(monkeypatch):
    gan = ganzoo.DCGAN((8, 8, 1), 3, base_filters=2, seed=0)
    gan.compile()
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.setenv("RANK", "0")
    with pytest.raises(RuntimeError, match="set KERAS_BACKEND to torch or jax"):
        gan.fit(np.zeros((4, 8, 8, 1), "uint8"), batch_size=4, verbose=0)
