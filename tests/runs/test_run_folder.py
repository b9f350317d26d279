"""What a run's folder lets go on, and what it refuses; without any training."""

import tomllib

import pytest

import ganzoo
from ganzoo.runs.run_folder import plain, read, reading_of, remember, written

OPTIONS = {
    "data": "/photos",
    "images": "ab",
    "epochs": 3,
    "flip": False,
    "limit": None,
    "fit": "pad",
    "classes": ["hills", "sea"],
}


@pytest.fixture
def begun(tmp_path):
    remember(tmp_path, OPTIONS)
    return tmp_path


def check(folder, defaults=None, **changes):
    ganzoo.runs.check(folder, OPTIONS | changes, defaults)


def test_what_is_written_is_toml_that_comes_back(tmp_path):
    options = {
        "text": 'é "quoted" \\ back\nline \x7f \u2028',
        "number": 3,
        "share": 0.5,
        "flag": False,
        "nothing": None,
        "list": [1, 2],
    }
    remember(tmp_path, options)
    assert read(tmp_path / "run.toml") == {k: v for k, v in options.items() if v is not None}


def test_a_name_that_is_no_text_is_written_too(tmp_path):
    options = {"data": b"/photos/\xff".decode("utf-8", "surrogateescape")}
    remember(tmp_path, options)
    ganzoo.runs.check(tmp_path, options)


@pytest.mark.parametrize("name", [".DS_Store", "Thumbs.db", "desktop.ini", "._run", ".gitkeep"])
def test_what_a_file_manager_leaves_is_no_other_file(name, tmp_path):
    (tmp_path / name).touch()
    check(tmp_path)
    check(tmp_path / "new")


@pytest.mark.parametrize("name", ["README.md", "checkpoints", "epoch-000001.keras"])
def test_a_folder_of_other_files_is_refused(name, tmp_path):
    (tmp_path / name).mkdir()
    with pytest.raises(ValueError, match=f"holds other files, such as {name}, and no run"):
        check(tmp_path)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"epochs": 9},
        {"data": "/moved"},
        {"seed": None},
        {"images": "ab"},
        {"classes": ("hills", "sea")},
    ],
)
def test_a_run_goes_on(begun, changes):
    check(begun, **changes)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"flip": True}, "flip False, now True"),
        ({"limit": 5}, "limit None, now 5"),
        ({"fit": "crop", "flip": True}, "fit 'pad', now 'crop', flip False, now True"),
        ({"seed": 3}, "seed None, now 3"),
        ({"classes": ["hills", "ocean"]}, "classes hills, sea, and these images have hills, ocean"),
        ({"images": "cd"}, "began with other images than these"),
    ],
)
def test_a_run_that_was_started_otherwise_is_refused(begun, changes, said):
    with pytest.raises(ValueError, match=said):
        check(begun, **changes)


def test_options_of_a_newer_program_are_the_same_by_their_defaults(begun):
    defaults = {"colour": "red", "shiny": False, "size": 3}
    check(begun, defaults, colour="red", shiny=False, size=3)
    for other in ({"colour": "blue"}, {"shiny": True}, {"size": None}):
        with pytest.raises(ValueError, match=f"{next(iter(other))} "):
            check(begun, defaults, **other)


def test_without_a_fingerprint_the_place_counts(tmp_path):
    """As runs of older programs have none."""
    remember(tmp_path, {"data": "/photos", "epochs": 3})
    ganzoo.runs.check(tmp_path, {"data": "/photos", "images": "ab"})
    with pytest.raises(ValueError, match="data '/photos', now '/moved'"):
        ganzoo.runs.check(tmp_path, {"data": "/moved", "images": "ab"})


def test_what_is_not_said_again_is_kept(begun):
    remember(begun, {"epochs": 5, "flip": None})
    assert read(begun / "run.toml") == {
        "data": "/photos",
        "images": "ab",
        "epochs": 5,
        "fit": "pad",
        "classes": ["hills", "sea"],
    }


def test_a_damaged_note_is_one_sentence(tmp_path):
    (tmp_path / "run.toml").write_text("epochs = ")
    with pytest.raises(ValueError, match=r"run\.toml holds no options in TOML"):
        check(tmp_path)


def test_plain_options_are_those_of_a_file():
    assert plain(OPTIONS) == tomllib.loads(written(OPTIONS))


@pytest.mark.parametrize(
    "metadata",
    [
        {},
        {"about": None},
        {"about": {"recipe": "pad"}},
        {"about": {"recipe": {"fit": 3, "background": ["red"], "other": "x"}}},
    ],
)
def test_how_files_were_read_is_said_or_not(metadata):
    assert reading_of(metadata) == {}
    recipe = {"fit": "pad", "background": "red", "flip": True}
    assert reading_of({"about": {"recipe": recipe}}) == {"fit": "pad", "background": "red"}
