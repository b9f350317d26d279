"""Attributes of files, in the forms that people have them, and broken ones."""

import io
import json
import tarfile

import numpy as np
import pytest
from PIL import Image

from ganzoo.datasets import image_folder, read

SHAPE = (4, 4, 1)
NAMES = ["0.png", "1.png", "2.png"]
NUMBERS = [[1, 0], [0, 0], [1, 1]]


def png(grey):
    file = io.BytesIO()
    Image.new("L", (4, 4), 9 + grey).save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def faces(tmp_path):
    folder = tmp_path / "faces"
    folder.mkdir()
    for grey, name in enumerate(NAMES):
        (folder / name).write_bytes(png(grey))
    return folder


def csv(rows, key="file_name"):
    return "".join(f"{','.join(map(str, row))}\n" for row in [(key, "smiling", "hat"), *rows])


def written(values):
    """Return a table with words for without and with."""
    return csv((name, *(values[n] for n in row)) for name, row in zip(NAMES, NUMBERS, strict=True))


FORMS = {
    "numbers": {"metadata.csv": written([0, 1])},
    "CelebA's": {"labels.csv": written([-1, 1]).replace("file_name", "image_id")},
    "words": {"metadata.csv": written(["False", "yes"])},
    "truths": {
        "metadata.jsonl": "\n".join(
            json.dumps({"file_name": name, "smiling": bool(one), "hat": bool(two)})
            for name, (one, two) in zip(NAMES, NUMBERS, strict=True)
        )
    },
    "in two files": {
        "metadata.csv": csv((n, s, "") for n, (s, _) in zip(NAMES, NUMBERS, strict=True)),
        "labels.csv": csv((n, "", h) for n, (_, h) in zip(NAMES, NUMBERS, strict=True)),
    },
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_vectors(faces, form):
    for name, text in FORMS[form].items():
        (faces / name).write_text(text)
    found = read(faces, SHAPE, labels=["smiling", "hat"], strict=True)
    np.testing.assert_array_equal(found.labels, NUMBERS)
    assert (found.labels.dtype, found.attributes, found.class_names) == (
        np.float32,
        ["smiling", "hat"],
        None,
    )
    assert "2 attributes: smiling 2, hat 1" in str(found.report)
    turned = image_folder(faces, SHAPE, labels=["hat", "smiling"], verbose=False)
    np.testing.assert_array_equal(turned.labels, np.array(NUMBERS)[:, ::-1])
    named = read(faces, SHAPE, labels=["hat"], attributes=["headgear"], limit=2)
    assert (named.attributes, named.labels.shape) == (["headgear"], (2, 1))
    assert read(faces, SHAPE, attributes=["hat"], labels=False).labels is None


def test_records_in_tar_archives(tmp_path):
    with tarfile.open(tmp_path / "faces.tar", "w") as archive:
        for number, (smiling, hat) in enumerate(NUMBERS):
            record = json.dumps({"smiling": smiling, "hat": hat}).encode()
            for ending, content in (("png", png(number)), ("json", record)):
                member = tarfile.TarInfo(f"{number}.{ending}")
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))
    found = read(tmp_path / "faces.tar", SHAPE, attributes=["smiling", "hat"], strict=True)
    np.testing.assert_array_equal(found.labels, NUMBERS)
    np.testing.assert_array_equal(found.images[:, 0, 0, 0], [9, 10, 11])


def test_a_file_that_lacks_one_is_named_once(faces):
    (faces / "metadata.csv").write_text(csv([("0.png", "", 1), ("1.png", 1, 0), ("9.png", 1, 1)]))
    found = read(faces, SHAPE, labels=["smiling", "hat"])
    assert (found.files, found.labels.tolist()) == (["1.png"], [[1, 0]])
    assert found.report.skipped == (
        ("9.png", "is named in metadata.csv, but is not there"),
        ("0.png", "has no smiling in metadata.csv"),
        ("2.png", "has no smiling in metadata.csv"),
        ("2.png", "has no hat in metadata.csv"),
    )


@pytest.mark.parametrize(
    ("rows", "asked", "message"),
    [
        ([("0.png", 2, 0)], {}, "has '2' as the smiling of 0.png: an attribute is 0 or 1"),
        ([("0.png", "grin", 0)], {}, "has 'grin' as the smiling of 0.png"),
        ([("0.png", "inf", 0)], {}, "has 'inf' as the smiling"),
        ([("0.png", 1, "")], {}, "no file with smiling and hat"),
        ([("0.png", 1, 0)], {"labels": ["smiling", "beard"]}, "no column 'beard'"),
        ([("0.png", 1, 0)], {"attributes": ["a"]}, r"2 columns of attributes .* 1 names"),
        ([("0.png", 1, 0)], {"class_names": ["a"], "attributes": ["a", "b"]}, "not both"),
        ([("0.png", 1, 0)], {"balanced": True}, "there is no class to be balanced"),
    ],
)
def test_what_are_no_attributes_says_why(faces, rows, asked, message):
    (faces / "metadata.csv").write_text(csv(rows))
    with pytest.raises(ValueError, match=message):
        read(faces, SHAPE, **({"labels": ["smiling", "hat"]} | asked))


def test_arrays_come_with_vectors_of_named_attributes(tmp_path):
    pixels = np.zeros((3, *SHAPE), "uint8")
    asked = {"attributes": ["smiling", "hat"]}
    np.savez(tmp_path / "faces.npz", images=pixels, labels=NUMBERS)
    pictures = [Image.fromarray(each[..., 0]) for each in pixels]
    for data in ((pixels, NUMBERS), tmp_path / "faces.npz", {"image": pixels, "label": NUMBERS}):
        found = read(data, **asked)
        assert (found.labels.tolist(), found.attributes) == (NUMBERS, ["smiling", "hat"])
    found = read(pictures, SHAPE, labels=np.array(NUMBERS, bool), limit=2, **asked)
    assert found.labels.shape == (2, 2)
    assert found.take([1]).attributes == ["smiling", "hat"]
    with pytest.raises(ValueError, match=r"argmax\(axis=-1\), or the names of attributes=\["):
        read((pixels, np.array(NUMBERS)))
    with pytest.raises(ValueError, match="from 0, without, to 1, with"):
        read((pixels, np.array(NUMBERS) - 1), **asked)
    with pytest.raises(TypeError, match="'mnist' has no attributes"):
        read("mnist", **asked)
