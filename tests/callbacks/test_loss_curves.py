import csv
import math

import numpy as np
import pytest
from PIL import Image

from ganzoo.callbacks import LossCurves
from ganzoo.callbacks.loss_curves import charts
from ganzoo.pictures.charts import HEIGHT


def logs(epoch):
    """Return numbers of an epoch; every second has one more, and a score is never taken."""
    found = {"generator_loss": 1 / (epoch + 3), "real_score": 0.5, "fake_score": 0.25}
    found["kid"] = math.nan
    return found | ({"fid": float(epoch)} if epoch % 2 else {})


def played(epochs, callback):
    """Do what `fit` does with a callback, in these epochs."""
    callback.on_train_begin()
    for epoch in epochs:
        callback.on_epoch_begin(epoch)
        callback.on_epoch_end(epoch, logs(epoch))
    callback.on_train_end()


def table(folder):
    with (folder / "log.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_the_log_holds_each_epoch_and_the_charts_are_drawn(tmp_path):
    played(range(1), LossCurves(tmp_path))
    with Image.open(tmp_path / "curves.png") as picture:
        assert picture.height == 3 * HEIGHT  # losses, scores, and kid without a line
    played(range(1, 4), LossCurves(tmp_path))
    rows = table(tmp_path)
    assert [int(row["epoch"]) for row in rows] == [1, 2, 3, 4]
    assert [float(row["generator_loss"]) for row in rows] == [1 / 3, 1 / 4, 1 / 5, 1 / 6]
    assert [row["fid"] for row in rows] == ["", "1.0", "", "3.0"]
    with Image.open(tmp_path / "curves.png") as picture:
        assert picture.height == 4 * HEIGHT  # and fid


def test_a_resumed_log_is_that_of_a_training_never_stopped(tmp_path):
    for epochs in (range(4), range(2, 3), range(3, 5)):  # killed while epoch 3 was not yet saved
        played(epochs, LossCurves(tmp_path / "stopped"))
    played(range(5), LossCurves(tmp_path / "whole"))
    for name in ("log.csv", "curves.png"):
        one, other = ((tmp_path / folder / name).read_bytes() for folder in ("stopped", "whole"))
        assert one == other
    played(range(1), LossCurves(tmp_path / "whole"))  # from epoch 0: anew
    assert len(table(tmp_path / "whole")) == 1


def test_lines_of_a_kind_share_a_chart():
    log = {
        1: {"generator_loss": 1.0, "kid": 2.0},
        3: {"val_generator_loss": 3.0, "real_score": 4.0},
    }
    found = charts(log)
    assert list(found) == ["losses", "kid", "scores D(x) and D(G(z))"]
    assert list(found["losses"]) == ["generator_loss", "val_generator_loss"]
    np.testing.assert_array_equal(found["losses"]["val_generator_loss"], [np.nan, np.nan, 3])


@pytest.mark.parametrize(
    "data", [b"time,event\n1,began\n", b"epoch,event\n1,began\n", b"\xff\xfe\0", b'epoch,a\n"1\0']
)
def test_a_log_of_another_kind_is_left_alone(data, tmp_path):
    (tmp_path / "log.csv").write_bytes(data)
    with pytest.raises(ValueError, match="not a log of LossCurves: choose another folder"):
        played(range(1), LossCurves(tmp_path))
    assert (tmp_path / "log.csv").read_bytes() == data
