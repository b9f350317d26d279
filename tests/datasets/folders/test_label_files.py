"""Labels from files beside the images, in the forms that people have them, and broken ones."""

import json
import shutil

import pytest
from PIL import Image
from troubles import SCENE, saved

from ganzoo.datasets import image_folder, read

SHAPE = (4, 4, 1)
PICTURE = saved(SCENE[::8, ::8], "PNG")
NAMES = ["a/0.png", "a/1.png", "b/2.png", "b/3.png"]
KINDS = ["cat", "dog", "cat", "dog"]
EXPECTED = dict(zip(NAMES, KINDS, strict=True))


@pytest.fixture
def folder(tmp_path):
    for name in NAMES:
        path = tmp_path / "pets" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(PICTURE)
    return tmp_path / "pets"


def table(key, separator=",", names=NAMES, kinds=KINDS):
    rows = [(name, "x", kind) for name, kind in zip(names, kinds, strict=False)]
    return "".join(f"{separator.join(row)}\n" for row in [(key, "note", "kind"), *rows])


def lines(rows):
    return "\n".join(map(json.dumps, rows))


ROWS = [{"file_name": name, "kind": kind} for name, kind in EXPECTED.items()]
FORMS = {
    "the Hub's csv": {"metadata.csv": table("file_name")},
    "the Hub's jsonl": {"metadata.jsonl": lines(ROWS) + "\n\n"},
    "one in each folder": {
        "a/metadata.csv": table("file_name", names=["0.png", "1.png"]),
        "b/metadata.jsonl": lines({**row, "file_name": row["file_name"][2:]} for row in ROWS[2:]),
    },
    "NVIDIA's": {"dataset.json": json.dumps({"kind": list(EXPECTED.items()), "other": []})},
    "NVIDIA's, a dictionary": {"dataset.json": json.dumps({"kind": EXPECTED})},
    "a plain csv": {"labels.csv": table("filename")},
    "of a spreadsheet": {"labels.csv": "\ufeff" + table("file", ";").replace("\n", "\r\n")},
    "with tabs": {"labels.csv": table("image", "\t")},
    "names without folders": {"labels.csv": table("path", names=[name[2:] for name in NAMES])},
    "names without endings": {"labels.csv": table("id", names=[name[2] for name in NAMES])},
    "of Windows": {"labels.csv": table("file_name", names=[rf".\{n[0]}\{n[2:]}" for n in NAMES])},
    "a line end in a field": {"labels.csv": table("file_name").replace("x", '"x\ny, z"')},
    "in two files": {
        "metadata.csv": table("file_name", names=NAMES[:3]),
        "labels.csv": table("file_name"),
        "dataset.json": json.dumps({"labels": []}),
    },
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("zipped", [False, True])
def test_every_form_gives_the_same_classes(folder, form, zipped):
    for name, text in FORMS[form].items():
        (folder / name).write_text(text, encoding="utf-8", newline="")
    path = shutil.make_archive(folder, "zip", folder) if zipped else folder
    found = read(path, SHAPE, labels="kind", strict=True)
    assert found.class_names == ["cat", "dog"]
    kinds = [found.class_names[number] for number in found.labels]
    assert dict(zip(found.files, kinds, strict=True)) == EXPECTED
    turned = read(path, SHAPE, labels="kind", class_names=["dog", "cat"], limit=2)
    assert sorted(turned.labels) == [0, 1]
    assert {EXPECTED[name] for name in turned.files} == {"cat", "dog"}
    assert read(path, SHAPE, labels="inferred").class_names == ["a", "b"]  # still the sub-folders


def test_numbers_and_truths_are_classes_in_their_order(folder):
    rows = [{"file_name": name, "n": n} for name, n in zip(NAMES, [10, 9, 10, 9], strict=True)]
    (folder / "metadata.jsonl").write_text(lines(rows))
    assert read(folder, SHAPE, labels="n").class_names == ["9", "10"]
    (folder / "metadata.jsonl").write_text(
        lines({"file_name": name, "n": name < "b"} for name in NAMES)
    )
    found = image_folder(folder, SHAPE, labels="n", verbose=False)
    assert (found.class_names, found.labels.tolist()) == (["False", "True"], [1, 1, 0, 0])


def test_a_table_beside_the_folder_of_all_images(folder, tmp_path):
    """As Kaggle packs them: names are below the folder of the table."""
    shutil.move(folder, tmp_path / "all" / "pets")
    rows = table("file_name", names=[f"pets/{name}" for name in NAMES])
    (tmp_path / "all" / "metadata.csv").write_text(rows)
    assert read(tmp_path / "all", SHAPE, labels="kind", strict=True).labels.tolist() == [0, 1, 0, 1]


def test_files_without_a_label_and_labels_without_a_file_are_named(folder):
    kinds = ["cat", "", "cat", "dog"]
    text = table("file_name", names=[*NAMES[:3], "c/9.png"], kinds=kinds)
    (folder / "metadata.csv").write_text(text)
    found = read(folder, SHAPE, labels="kind")
    assert (found.files, found.class_names) == (["a/0.png", "b/2.png"], ["cat"])
    assert dict(found.report.skipped) == {
        "c/9.png": "is named in metadata.csv, but is not there",
        "a/1.png": "has no kind in metadata.csv",
        "b/3.png": "has no kind in metadata.csv",
    }
    with pytest.raises(ValueError, match=r"c/9\.png cannot be used: is named"):
        read(folder, SHAPE, labels="kind", strict=True)


def test_a_class_whose_files_are_broken_is_named(folder):
    (folder / "metadata.csv").write_text(table("file_name"))
    for name in ("a/1.png", "b/3.png"):
        (folder / name).write_bytes(PICTURE[:60])
    with pytest.raises(ValueError, match=r"no usable image of the class dog: a/1\.png: truncated"):
        read(folder, SHAPE, labels="kind")


DEEP = '{"labels": ' + "[" * 100_000
BROKEN = {
    "no such column": (
        "metadata.csv",
        table("file_name"),
        "breed",
        "metadata.csv has 'note', 'kin",
    ),
    "no table": ("notes.csv", "", "kind", "there is no metadata.csv, metadata.jsonl"),
    "no column of files": ("labels.csv", "who,kind\n", "kind", "who, kind.*names the files. Call"),
    "empty": ("labels.csv", "", "kind", "names the files"),
    "in conflict": (
        "metadata.csv",
        table("file_name") + "0.png,x,dog\n",
        "kind",
        "two labels for a/0.png, 'cat' and 'dog'",
    ),
    "no text": ("metadata.csv", b"file_name,kind\n\xff\xfe", "kind", "holds no labels: 'utf-8'"),
    "a quote left open": ("metadata.csv", 'file_name,kind\n"a/0.png', "kind", "holds no labels"),
    "no JSON": ("metadata.jsonl", "{", "kind", "holds no labels"),
    "numbers as rows": ("metadata.jsonl", "1\n2", "kind", "holds no labels"),
    "NVIDIA's without": ("dataset.json", '{"labels": null}', "labels", "labels are null"),
    "NVIDIA's, nested": ("dataset.json", DEEP, "labels", "holds no labels"),
    "lists": (
        "metadata.jsonl",
        lines({"file_name": name, "kind": [1, 0]} for name in NAMES),
        "kind",
        r"has '\[1, 0\]' as the kind of a/0\.png: a class is one word",
    ),
    "other names": ("labels.csv", table("id", names=list("wxyz")), "kind", "none of the names"),
}


@pytest.mark.parametrize("trouble", BROKEN)
def test_broken_tables_end_in_one_sentence(folder, trouble):
    name, content, column, message = BROKEN[trouble]
    content = content if isinstance(content, bytes) else content.encode()
    (folder / name).write_bytes(content)
    with pytest.raises(ValueError, match=message) as caught:
        read(folder, SHAPE, labels=column)
    assert "\n" not in str(caught.value)


def test_a_value_for_each_image_is_no_class(tmp_path):
    for number in range(60):
        (tmp_path / f"{number}.png").write_bytes(PICTURE)
    rows = [{"file_name": f"{n}.png", "weight": n / 7, "kind": n % 2} for n in range(60)]
    (tmp_path / "metadata.jsonl").write_text(lines(rows))
    with pytest.raises(ValueError, match="60 different values of weight for 60 files"):
        read(tmp_path, SHAPE, labels="weight")
    assert read(tmp_path, SHAPE, labels="kind").class_names == ["0", "1"]
    with pytest.raises(ValueError, match=r"has the kind 0, which is none of the classes \['1'"):
        read(tmp_path, SHAPE, labels="kind", class_names=["1", "2"])


def test_a_column_is_for_files_of_a_folder():
    with pytest.raises(ValueError, match="labels='kind' is a column of files' labels"):
        read([Image.new("L", (4, 4))], SHAPE, labels="kind")
    with pytest.raises(TypeError, match="The labels of 'emoji' come with it"):
        read("emoji", SHAPE, labels="kind")
