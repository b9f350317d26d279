"""What people paste, push and publish on the Hub: names, places, cards and Spaces in tables."""

import tomllib
from pathlib import Path

import numpy as np
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

import ganzoo
from ganzoo.datasets import hub_sets
from ganzoo.datasets.hub_sets import SetHandle
from ganzoo.demo import space
from ganzoo.presets import hub as presets
from ganzoo.presets.hub import Handle
from hub_double import LICENSES, faults

PROJECT = Path(__file__).parents[2] / "pyproject.toml"
GAN = Handle("me/gan")
ON_MAIN = Handle("me/gan", "", "main")
COMMIT = 40 * "a"

MODELS = {
    "me/gan": GAN,
    "hf://me/gan": GAN,
    "hf://me/gan/": GAN,
    " hf://me/gan\n": GAN,
    "hf://me/gan@v1": Handle("me/gan", "", "v1"),
    "hf://me/gan@tries/one": Handle("me/gan", "", "tries/one"),
    "hf://me/gans/big/cats@v1": Handle("me/gans", "big/cats", "v1"),
    "https://huggingface.co/me/gan": GAN,
    "https://huggingface.co/me/gan/": GAN,
    "https://huggingface.co/me/gan.git": GAN,
    "http://www.huggingface.co/me/gan?library=keras#use": GAN,
    "huggingface.co/me/gan": GAN,
    "https://hf.co/me/gan": GAN,
    "https://huggingface.co/me/gan/tree/main": ON_MAIN,
    "https://huggingface.co/me/gan/commits/main": ON_MAIN,
    "https://huggingface.co/me/gan/tree/tries%2Fone": Handle("me/gan", "", "tries/one"),
    "https://huggingface.co/me/gans/tree/main/big/cats": Handle("me/gans", "big/cats", "main"),
    "https://huggingface.co/me/gan/blob/main/README.md": ON_MAIN,
    "https://huggingface.co/me/gan/raw/main/config.json": ON_MAIN,
    "https://huggingface.co/me/gan/edit/main/README.md": ON_MAIN,
    "https://huggingface.co/me/gan/resolve/main/model.safetensors?download=true": ON_MAIN,
    "https://huggingface.co/me/gans/blob/v1/cats/config.json": Handle("me/gans", "cats", "v1"),
    f"https://huggingface.co/me/gan/commit/{COMMIT}": Handle("me/gan", "", COMMIT),
}
SETS = {
    "hf://datasets/me/pets": SetHandle("me/pets"),
    " hf://datasets/me/pets ": SetHandle("me/pets"),
    "hf://datasets/me/pets@v1": SetHandle("me/pets", "", "v1"),
    "hf://datasets/me/pets/big@refs/convert/parquet": SetHandle(
        "me/pets", "big", "refs/convert/parquet"
    ),
    "https://huggingface.co/datasets/me/pets": SetHandle("me/pets"),
    "https://huggingface.co/datasets/me/pets.git": SetHandle("me/pets"),
    "https://hf.co/datasets/me/pets?row=3#x": SetHandle("me/pets"),
    "huggingface.co/datasets/me/pets/tree/main/big": SetHandle("me/pets", "big", "main"),
    "https://huggingface.co/datasets/me/pets/viewer/default/test?p=1": SetHandle("me/pets"),
    "https://huggingface.co/datasets/me/pets/blob/v%2F1/big/a.parquet": SetHandle(
        "me/pets", "big", "v/1"
    ),
}
NO_MODELS = {
    "gan": "is no handle of a Hub repository: give 'hf://user/repo'",
    "hf://me/gan@": "is no handle",
    "hf://me/a b": "is no handle",
    "hf://gan": "is no handle",
    "hf://me/gan/../x": "is no handle",
    "hf://me/gan@../../x": "is no handle",
    "https://huggingface.co": "is no handle",
    "https://huggingface.co/me": "is no handle",
    "https://huggingface.co/spaces/me/page": "is no handle",
    "https://huggingface.co/datasets/me/photos": "is no handle",
    "huggingface.co/datasets/me/photos": "is no handle",
    "https://huggingface.co/me/gan/discussions/3": "is no handle",
    "https://huggingface.co/me/gan/tree/..%2F..%2Fx": "is no handle",
    "https://huggingface.co/me/gan/tree/main/..%2F..%2Fx": "is no handle",
    "hf://datasets/me/photos": "is a data set of the Hub, and no preset: train on it",
    "hf://spaces/me/page": "is a Space, and no preset: give the model that it shows",
}
NO_SETS = (
    *("hf://datasets/pets", "hf://datasets/me/pets/../x", "hf://datasets/", "hf://datasets/me/a@"),
    "https://huggingface.co/datasets/me/pets/discussions",
)
NOWHERE = {  # what `from_preset` says of what is neither a folder nor of the Hub
    "me/my-gan": "On the Hub, that is 'hf://me/my-gan'",
    "me/my-gan@v1": "On the Hub, that is 'hf://me/my-gan@v1'",
    "kaggle://me/gan": "from there as 'hf://user/repo'",
    "https://example.com/gan": "from there as 'hf://user/repo'",
    "git@hf.co:me/gan": "from there as 'hf://user/repo'",
}


@pytest.mark.parametrize("text", MODELS)
def test_a_model_by_any_of_its_names(text):
    assert presets.parse(text) == MODELS[text]
    assert presets.parse(str(MODELS[text])) == MODELS[text]
    assert presets.is_handle(text) == (text != "me/gan")  # which might be a folder


@pytest.mark.parametrize("text", SETS)
def test_a_data_set_by_any_of_its_names(text):
    assert hub_sets.is_set(text)
    assert hub_sets.parse(text) == SETS[text]


@pytest.mark.parametrize("text", NO_MODELS)
def test_what_names_no_model_says_what_does(hub, folder, text):
    for call in (presets.parse, lambda text: ganzoo.upload_preset(text, folder)):
        with pytest.raises(ValueError, match=NO_MODELS[text]):
            call(text)
    assert not hub.requests


@pytest.mark.parametrize("text", NO_SETS)
def test_what_names_no_data_set_says_what_does(hub, text):
    with pytest.raises(ValueError, match="is no data set of the Hub: give 'hf://datasets/user/na"):
        ganzoo.datasets.read(text, (4, 4, 1))
    assert not hub.requests


@pytest.mark.parametrize("text", NOWHERE)
def test_what_is_no_folder_says_what_it_may_be_on_the_hub(hub, text, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileNotFoundError, match=NOWHERE[text]):
        ganzoo.from_preset(text)
    assert not hub.requests


PLACES = {  # where a preset is pushed to, and what brings it back from there
    "me/gan": ["hf://me/gan", "hf.co/me/gan", "https://huggingface.co/me/gan/tree/main"],
    "hf://me/gan@tries/one": [
        "hf://me/gan@tries/one",
        "https://huggingface.co/me/gan/tree/tries%2Fone",
    ],
    "me/gans/small/cats": [
        "hf://me/gans/small/cats@main",
        "https://huggingface.co/me/gans/blob/main/small/cats/model.safetensors",
    ],
    "https://huggingface.co/me/gans/tree/v2/dogs": ["hf://me/gans/dogs@v2"],
}


@pytest.mark.parametrize("place", PLACES)
def test_what_is_pushed_to_a_place_comes_back_from_it(hub, folder, fetch, place):
    commit = ganzoo.upload_preset(place, folder)
    repository = hub.repos[presets.parse(place).repository]
    assert commit.partition("@")[2] in repository.commits
    for name in (*PLACES[place], commit):
        fetch(name)
    prefix = f"{presets.parse(place).folder}/".lstrip("/")
    card = repository.commits[commit.partition("@")[2]][f"{prefix}README.md"].decode()
    assert f'from_preset("{commit.partition("@")[0]}")' in card


FRONTS = {  # what a user writes at the top of a card, and what the Hub says of it
    "license: mine": '"license" must be one of',
    "datasets:\n- /home/me/photos": '"datasets\\[0\\]" with value "/home/me/photos" is not valid',
    "a: [b": "bad YAML",
}
NAMES = {  # of folders that a run was trained on, and whether the Hub may have such a data set
    "My Holiday Photos (1)": False,
    "фото": False,
    "/var/photos/": False,
    "a/b/c": False,
    "photos.zip": True,
    "me/photos": True,
    "..": False,
    "": False,
    "caf\udce9": False,
    "a\nb: c": False,
}
RIGHTS = {  # what a user calls a licence, and what the Hub does
    "apache-2.0": ("apache-2.0", None),
    "CC BY 4.0": ("cc-by-4.0", None),
    "Mine, all mine!": ("other", "mine-all-mine"),
    "": ("unknown", None),
}


@pytest.mark.parametrize("front", FRONTS)
def test_a_card_that_the_hub_refuses_is_not_sent(hub, folder, front):
    (folder / "README.md").write_text(f"---\n{front}\n---\n# Mine\n", encoding="utf-8")
    said = f"refuses the card .*README.md: {FRONTS[front]}"
    with pytest.raises(ValueError, match=said) as raised:
        ganzoo.upload_preset("hf://me/gan", folder)
    assert "Correct the lines between ---" in str(raised.value)
    assert not hub.repos
    assert hub.requests == ["POST /api/validate-yaml"]


def test_a_card_that_is_no_text_is_not_sent(hub, folder):
    (folder / "README.md").write_bytes(b"caf\xe9")
    with pytest.raises(ValueError, match=r"README.md is no text in UTF-8: save it as that"):
        ganzoo.upload_preset("hf://me/gan", folder)
    assert not hub.requests


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("rights", RIGHTS)
def test_no_name_and_no_licence_spoil_an_upload(hub, animals, name, rights):
    scores = {"kid": {"value": np.float32(0.1), "protocol": "as always"}}
    animals.push_to_hub(
        "me/gan", metadata={"data": {"name": name}, "license": rights, "scores": scores}
    )
    repository = hub.repos["me/gan"]
    card = repository.commits[repository.refs["main"]]["README.md"].decode()
    matter = yaml.safe_load(card.split("---\n")[1])
    assert ("datasets" in matter) == NAMES[name]
    assert (matter["license"], matter.get("license_name")) == RIGHTS[rights]
    assert matter["license"] in LICENSES
    assert faults(card) == ([], [])


def project():
    if not PROJECT.is_file():
        pytest.skip("the project's file is in the repository only")
    return tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]


def in_demo(version):
    (gradio,) = map(Requirement, project()["optional-dependencies"]["demo"])
    return version in gradio.specifier


SPACE = {  # what the Hub reads of a Space, and when it builds
    "title": lambda said: said == "ganzoo my-gan",
    "emoji": lambda said: len(said) == 1,
    "sdk": lambda said: said == "gradio",
    "sdk_version": lambda said: said == space.gradio() and in_demo(said),
    # 3.10, which a Space takes by itself, is too old; as a number, it would be 3.1.
    "python_version": lambda said: (
        isinstance(said, str) and said in SpecifierSet(project()["requires-python"])
    ),
    "app_file": lambda said: said == "app.py",
}


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("space")
    space.write(folder, ["hf://me/my-gan", "mnist"])
    return folder


@pytest.mark.parametrize("key", SPACE)
def test_a_space_builds(written, key):
    card = (written / "README.md").read_text(encoding="utf-8")
    matter = yaml.safe_load(card.split("---\n")[1])
    assert matter.keys() == SPACE.keys()
    assert SPACE[key](matter[key])


def test_a_space_installs_what_ganzoo_needs_and_no_package_called_so(written):
    """On PyPI, ganzoo is another project's name."""
    lines = (written / "requirements.txt").read_text().splitlines()
    assert set(map(Requirement, lines)) == set(map(Requirement, project()["dependencies"]))
    for path in written.glob("*.*"):
        assert "pypi.org" not in path.read_text(encoding="utf-8")


def test_a_space_without_gradio_beside_it_names_one_that_is_tested(monkeypatch):
    def absent(name):
        raise space.PackageNotFoundError(name)

    monkeypatch.setattr(space, "version", absent)
    assert in_demo(space.gradio())
