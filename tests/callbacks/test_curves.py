import csv

import keras
import numpy as np
import pytest
from PIL import Image

import ganzoo
from ganzoo.callbacks import ExactResume, LossCurves
from ganzoo.callbacks.curves import charts
from ganzoo.pictures.charts import HEIGHT

IMAGES = np.random.default_rng(0).integers(0, 256, (8, 8, 8, 1), dtype="uint8")


def trained(epochs, *callbacks):
    gan = ganzoo.DCGAN((8, 8, 1), latent_dim=4, base_filters=4, seed=0)
    gan.compile()
    return gan.fit(IMAGES, epochs=epochs, verbose=0, callbacks=list(callbacks)).history


def table(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def logged(path, name):
    return [float(row[name]) for row in table(path)]


class EverySecond(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        if epoch % 2:
            logs["fid"] = epoch


def test_the_log_is_the_history_and_the_charts_are_drawn(tmp_path):
    history = trained(2, LossCurves(tmp_path))
    assert [int(row["epoch"]) for row in table(tmp_path / "log.csv")] == [1, 2]
    for name, values in history.items():
        assert logged(tmp_path / "log.csv", name) == values
    with Image.open(tmp_path / "curves.png") as picture:
        assert picture.height == 2 * HEIGHT  # losses, and scores


def test_a_number_that_comes_later_has_a_column_and_a_chart(tmp_path):
    trained(4, EverySecond(), LossCurves(tmp_path))
    assert [row["fid"] for row in table(tmp_path / "log.csv")] == ["", "1.0", "", "3.0"]
    with Image.open(tmp_path / "curves.png") as picture:
        assert picture.height == 3 * HEIGHT


def test_a_resumed_log_is_that_of_a_training_never_stopped(tmp_path):
    def callbacks(name):
        curves, resume = LossCurves(tmp_path / name), ExactResume(tmp_path / name / "checkpoints")
        return EverySecond(), curves, resume

    for epochs in (2, 3, 5):
        trained(epochs, *callbacks("stopped"))
    trained(5, *callbacks("whole"))
    for name in ("log.csv", "curves.png"):
        one, other = ((tmp_path / folder / name).read_bytes() for folder in ("stopped", "whole"))
        assert one == other
    trained(1, LossCurves(tmp_path / "whole"))  # from epoch 0: anew
    assert len(table(tmp_path / "whole" / "log.csv")) == 1


def test_lines_of_a_kind_share_a_chart():
    log = {
        1: {"generator_loss": 1.0, "kid": 2.0},
        3: {"val_generator_loss": 3.0, "real_score": 4.0},
    }
    found = charts(log)
    assert list(found) == ["losses", "kid", "scores D(x) and D(G(z))"]
    assert list(found["losses"]) == ["generator_loss", "val_generator_loss"]
    np.testing.assert_array_equal(found["losses"]["val_generator_loss"], [np.nan, np.nan, 3])


def test_a_log_of_another_kind_is_left_alone(tmp_path):
    (tmp_path / "log.csv").write_text("time,event\n1,began\n")
    with pytest.raises(ValueError, match="not a log of LossCurves: choose another folder"):
        trained(1, LossCurves(tmp_path))
    assert (tmp_path / "log.csv").read_text() == "time,event\n1,began\n"
