"""Images in parquet files, whole and broken."""

import json
import sys

import numpy as np
import pytest
from PIL import Image
from troubles import saved

from ganzoo.datasets import inspect, read
from ganzoo.datasets.folders import parquet

pa = pytest.importorskip("pyarrow", reason="parquet needs pyarrow")

SHAPE = (4, 4, 1)
FILES = pa.struct({"bytes": pa.binary(), "path": pa.string()})


def grey(level):
    return saved(Image.new("L", (8, 8), level), "PNG")


def table(path, columns, features=None, **options):
    from pyarrow.parquet import write_table

    found = pa.table(columns)
    if features:
        metadata = {"huggingface": json.dumps({"info": {"features": features}})}
        found = found.replace_schema_metadata(metadata)
    write_table(found, path, **options)
    return path


def files(contents):
    return pa.array([{"bytes": each, "path": "x.png"} for each in contents], FILES)


def test_rows_are_read_in_their_order_through_groups(tmp_path, monkeypatch):
    levels = np.arange(250)
    path = table(
        tmp_path / "a.parquet",
        {"img": files(map(grey, range(250))), "fine": pa.array(levels % 3 - 1)},
        {"fine": {"_type": "ClassLabel", "names": ["even", "odd"]}},
        row_group_size=40,
    )
    groups = []
    real = parquet._Rows._read
    monkeypatch.setattr(
        parquet._Rows, "_read", lambda self, group: groups.append(group) or real(self, group)
    )
    found = read(path, SHAPE)
    assert found.images[:, 0, 0, 0].tolist() == levels.tolist()
    assert sorted(groups) == list(range(7))  # each once
    monkeypatch.setattr(parquet, "KEPT_BYTES", 0)  # as large groups are kept
    assert read(path, SHAPE).images[:, 0, 0, 0].tolist() == levels.tolist()
    assert len(groups) < 30
    monkeypatch.undo()
    some = read(path, SHAPE, labels="inferred", limit=100)
    assert some.class_names == ["even", "odd"]
    assert (levels[some.images[:, 0, 0, 0]] % 3 - 1).tolist() == some.labels.tolist()
    unlabelled = [why for _, why in some.report.skipped]
    assert unlabelled == ["has no fine in a.parquet"] * 84
    assert inspect(path).images == 250


def test_which_column_holds_images(tmp_path):
    two = {"mask": files([grey(1)] * 2), "photo": files([grey(2)] * 2), "n": [1, 2]}
    path = table(tmp_path / "a.parquet", two)
    with pytest.raises(ValueError, match="'mask', 'photo': choose one by image_column"):
        read(path, SHAPE)
    assert read(path, SHAPE, image_column="photo").images.max() == 2
    assert inspect(path, image_column="photo").images == 2
    with pytest.raises(ValueError, match=r"no images in a column 'n'\. Those that may .* 'mask'"):
        read(path, SHAPE, image_column="n")
    assert read(table(path, {"image": [grey(3)], "raw": [b""]}), SHAPE).images.max() == 3
    with pytest.raises(ValueError, match="has no column of images among n, m"):
        read(table(path, {"n": [1], "m": [2]}), SHAPE)


def test_rows_without_an_image_are_named(tmp_path):
    path = table(tmp_path / "a.parquet", {"image": files([grey(5), None, b"", b"no image"])})
    found = read(path, SHAPE)
    assert found.files == ["0000000"]
    assert [why for _, why in found.report.skipped] == [
        "the row holds no pixels, at most the path of a file elsewhere",
        "the file is empty",
        "no image, or of an unknown kind",
    ]


def test_bombs_in_parquet_are_refused(tmp_path, monkeypatch):
    """A million rows of one dictionary entry, or a small file that unpacks to a large one."""
    rows = pa.array([grey(1)]).take(pa.array(np.zeros(1_000_000, int)))
    path = table(tmp_path / "rows.parquet", {"image": rows})
    assert path.stat().st_size < 20_000
    with pytest.raises(ValueError, match=r"has 1,000,000 rows in .* bytes, absurdly many"):
        read(path, SHAPE)
    monkeypatch.setattr(parquet, "MOST_BYTES", 10**6)
    zeros = pa.array([bytes(200_000)] * 20)
    path = table(tmp_path / "zeros.parquet", {"image": zeros}, use_dictionary=False)
    with pytest.raises(ValueError, match="unpacks to absurdly many bytes"):
        read(path, SHAPE)
    path = table(tmp_path / "label.parquet", {"image": [grey(1)], "label": ["x" * 10**6]})
    with pytest.raises(ValueError, match="a label has 1,000,000 letters"):
        read(path, SHAPE, labels="inferred")


@pytest.mark.parametrize("at", [0.02, 0.3, 0.6, 0.99])
def test_cut_and_damaged_files_end_in_one_sentence(tmp_path, at):
    path = table(tmp_path / "a.parquet", {"image": files(map(grey, range(200)))}, row_group_size=50)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * at)])
    with pytest.raises(ValueError, match=r"a\.parquet has no usable image(.|\n)*no whole parquet"):
        read(path, SHAPE)
    damaged = bytearray(whole)
    place = int(len(whole) * at)
    damaged[place : place + 40] = bytes(255 - each for each in damaged[place : place + 40])
    path.write_bytes(damaged)
    try:
        found = read(path, SHAPE)
    except ValueError:
        return
    assert len(found) + len(found.report.skipped) == 200


def test_without_pyarrow_the_message_says_what_to_install(tmp_path, monkeypatch):
    path = table(tmp_path / "a.parquet", {"image": [grey(1)]})
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(ImportError, match="needs pyarrow: pip install pyarrow"):
        read(path, SHAPE)
