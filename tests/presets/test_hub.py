"""The real client of the Hugging Face Hub, against a double on the loopback interface."""

import json
import time

import pytest

import ganzoo
from ganzoo import DCGAN
from ganzoo.gan.saving import describe
from hub_double import OWNER, READER

FILES = ["README.md", "config.json", "metadata.json", "model.safetensors", "samples.png"]


@pytest.fixture
def commit(hub, files):
    """The commit of a preset at me/gan."""
    return hub.put("me/gan", dict(files))


def test_push_and_load(hub, animals, same, tmp_path):
    handle = animals.push_to_hub("me/gan", private=True, commit_message="The first")
    repo = hub.repos["me/gan"]
    assert repo.private
    assert repo.messages == ["by hand", "The first"]  # the Hub's own at creation, and one more
    assert handle == f"hf://me/gan@{repo.refs['main']}"
    assert sorted(repo.commits[repo.refs["main"]]) == [".gitattributes", *FILES]
    same(DCGAN.from_preset("hf://me/gan"))
    same(DCGAN.from_preset(handle, cache_dir=tmp_path / "other", compile=False))


def test_revisions(hub, commit, animals, fetch):
    """By commit, tag, argument and branch; the main one has moved on to something broken."""
    hub.repos["me/gan"].refs["v1"] = commit
    hub.put("me/gan", {"config.json": b"{}"})
    animals.push_to_hub("me/gan", revision="tries/one")
    assert hub.repos["me/gan"].refs["main"] != hub.repos["me/gan"].refs["tries/one"]
    for handle in (f"hf://me/gan@{commit}", "hf://me/gan@v1", "hf://me/gan@tries/one"):
        fetch(handle)
    fetch("hf://me/gan", revision="v1")
    with pytest.raises(ValueError, match="is damaged"):
        fetch("hf://me/gan")


@pytest.mark.filterwarnings("ignore:Warnings while validating metadata:UserWarning")
def test_upload_takes_the_presets_files_only(hub, folder, same):
    """A run's folder holds checkpoints as well, and a card that people have edited."""
    (folder / "run.json").write_text("{}")
    (folder / "checkpoints").mkdir()
    (folder / "README.md").write_text('Mine! from_preset("hf://user/repo")', encoding="utf-8")
    handle = ganzoo.upload_preset("hf://me/gan", folder)
    content = hub.repos["me/gan"].commits[handle.partition("@")[2]]
    assert sorted(content) == [".gitattributes", *FILES]
    assert content["README.md"] == b'Mine! from_preset("hf://me/gan")'
    same(DCGAN.from_preset(handle))


def test_a_damaged_folder_is_not_uploaded(hub, folder):
    (folder / "samples.png").write_bytes(b"another picture")
    with pytest.raises(ValueError, match=r"samples.png is not the file that metadata.json"):
        ganzoo.upload_preset("hf://me/gan", folder)
    assert not hub.requests


@pytest.mark.parametrize("address", ["https://huggingface.co/me/gan/tree/main", "hf.co/me/gan"])
def test_a_pasted_address_loads(hub, commit, same, address):
    same(ganzoo.from_preset(address))


def test_a_repository_without_hf_is_understood(hub, folder, animals, same, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert ganzoo.upload_preset("me/gan", folder).startswith("hf://me/gan@")
    assert animals.push_to_hub("hf://me/other").startswith("hf://me/other@")
    with pytest.raises(FileNotFoundError, match="On the Hub, that is 'hf://me/gan'"):
        ganzoo.from_preset("me/gan")
    same(ganzoo.from_preset("hf://me/gan"))


def test_presets_in_the_folders_of_one_repository(hub, folder, fetch, tmp_path):
    first = ganzoo.upload_preset("hf://me/gans/small/cats", folder)
    second = ganzoo.upload_preset("hf://me/gans/dogs", folder)
    assert "/small/cats@" in first
    files = hub.repos["me/gans"].commits[second.partition("@")[2]]
    assert sorted(files)[1:] == [
        f"{place}/{name}" for place in ("dogs", "small/cats") for name in FILES
    ]
    assert b'from_preset("hf://me/gans/dogs")' in files["dogs/README.md"]
    for handle in (first, second, "hf://me/gans/dogs", "hf://me/gans/small/cats@main"):
        fetch(handle)
    hub.requests.clear()
    fetch(first)
    fetch("hf://me/gans/dogs", local_files_only=True)
    assert not hub.requests
    content = hub.repos["me/gans"].commits[second.partition("@")[2]]
    whole = content["dogs/model.safetensors"]
    content["dogs/model.safetensors"] = bytes(len(whole))
    with pytest.raises(ValueError, match="is damaged"):
        fetch(second, cache_dir=tmp_path / "other")
    content["dogs/model.safetensors"] = whole
    fetch(second, cache_dir=tmp_path / "other")  # what was damaged has left the cache


def test_a_description_pins_the_commit_that_was_read(hub, commit, files, fetch):
    """So that a branch may move between a look at a preset and its loading."""
    said = describe("hf://me/gan")
    assert said.handle == f"hf://me/gan@{commit}"
    assert said.arguments.class_names == ["cat", "dog"]
    fetched = [line for line in hub.requests if line.startswith("GET /me/")]
    assert not any("safetensors" in line for line in fetched)
    hub.put("me/gan", {"config.json": b"{}"})
    fetch(said.handle)
    hub.put("me/gans", {f"a/b/{name}": content for name, content in files.items()})
    assert describe("hf://me/gans/a/b").handle.startswith("hf://me/gans/a/b@")


def test_a_mistake_of_ones_own_leaves_the_cache(hub, commit, fetch):
    fetch(f"hf://me/gan@{commit}")
    hub.requests.clear()
    with pytest.raises(ValueError, match=r"^image_shape's height must be .* at least 8, not 7"):
        ganzoo.from_preset(f"hf://me/gan@{commit}", image_shape=(7, 8, 1))  # no DCGAN's
    fetch(f"hf://me/gan@{commit}")
    assert not hub.requests


def test_without_a_home_the_cache_is_asked_for(hub, commit, fetch, tmp_path, monkeypatch):
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", "~/.cache/huggingface/hub")
    monkeypatch.setattr("os.path.expanduser", lambda path: path)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileNotFoundError, match="home folder, and this account has none"):
        fetch("hf://me/gan")
    fetch("hf://me/gan", cache_dir=tmp_path / "elsewhere")
    assert not (tmp_path / "~").exists()


def test_what_is_cached_by_commit_costs_no_request(hub, commit, fetch):
    handle = f"hf://me/gan@{commit}"
    fetch(handle)
    hub.requests.clear()
    fetch(handle)
    fetch("hf://me/gan", revision=commit, local_files_only=True)
    assert not hub.requests


def test_only_what_is_read_is_downloaded(hub, files, tmp_path):
    hub.put("me/gan", {**files, "evil.pkl": b"x", "model.keras": b"x", "a/b.py": b"x"})
    DCGAN.from_preset("hf://me/gan", load_weights=False)
    fetched = {line.rpartition("/")[2] for line in hub.requests if line.startswith("GET /me/")}
    assert fetched == {"config.json", "metadata.json"}


def test_nothing_is_written_outside_the_cache(hub, files, fetch, tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    names = ["../../evil", "/" + str(tmp_path / "evil"), "a/../../../evil", "..\\evil", "evil.pkl"]
    hub.put("me/gan", {**files, **dict.fromkeys(names, b"evil")})
    fetch("hf://me/gan")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cache", "here"]
    assert not any("evil" in str(path) for path in tmp_path.rglob("*"))


@pytest.mark.parametrize("trouble", ["gone", 429, 500, "offline"])
def test_a_branch_in_the_cache_serves_when_the_hub_does_not(
    hub, commit, fetch, monkeypatch, trouble
):
    fetch("hf://me/gan")
    disturb(hub, monkeypatch, trouble)
    fetch("hf://me/gan")


@pytest.mark.parametrize("trouble", [401, 403, 404])
def test_a_no_of_the_hub_outweighs_the_cache(hub, commit, fetch, monkeypatch, trouble):
    fetch("hf://me/gan")
    disturb(hub, monkeypatch, trouble)
    with pytest.raises((PermissionError, FileNotFoundError)):
        fetch("hf://me/gan")


def disturb(hub, monkeypatch, trouble):
    from huggingface_hub import constants

    if trouble == "gone":
        monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    elif trouble == "offline":
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    else:
        hub.mood = lambda request: trouble


@pytest.mark.parametrize(
    ("trouble", "error", "message"),
    [
        ("gone", ConnectionError, "no usable answer.*Check the network, and HF_ENDPOINT"),
        ("offline", ConnectionError, "HF_HUB_OFFLINE forbids"),
        (401, (PermissionError, FileNotFoundError), "hf auth login"),
        (403, PermissionError, "denies access.*hf auth login"),
        (404, FileNotFoundError, "has no such file"),
        (429, ConnectionError, "too many requests.*call again in some minutes"),
        (500, ConnectionError, "failed to serve.*call again later"),
    ],
)
def test_trouble_is_told_within_seconds(
    hub, commit, fetch, monkeypatch, trouble, error, message, caplog
):
    disturb(hub, monkeypatch, trouble)
    start = time.monotonic()
    with pytest.raises(error, match=rf"hf://me/gan.*{message}|{message}") as raised:
        fetch("hf://me/gan")
    assert time.monotonic() - start < 5
    assert OWNER not in full_text(raised.value) + caplog.text


def full_text(error):
    import traceback

    return "".join(traceback.format_exception(error))


@pytest.mark.parametrize(
    ("handle", "settings", "token", "error", "message"),
    [
        ("hf://me/other", {}, OWNER, FileNotFoundError, "no hf://me/other on the Hub, or it is pr"),
        ("hf://me/gan", {"private": True}, False, FileNotFoundError, "private, log in with"),
        ("hf://me/gan", {"gated": True}, READER, PermissionError, "is gated: ask for access"),
        ("hf://me/gan@v9", {}, OWNER, FileNotFoundError, "@v9 names a revision that is not there"),
        ("hf://me/gan@" + 40 * "0", {}, OWNER, FileNotFoundError, "a revision that is not there"),
        ("hf://me/empty", {}, OWNER, FileNotFoundError, "no preset of ganzoo: it has no metadata"),
        ("hf://gan", {}, OWNER, ValueError, "give 'hf://user/repo' or"),
        ("hf://me/gan@../../x", {}, OWNER, ValueError, "give 'hf://user/repo' or"),
        ("hf://../../x", {}, OWNER, ValueError, "give 'hf://user/repo' or"),
        ("hf://me/gan/config.json", {}, OWNER, FileNotFoundError, "it has no config.json/metadata"),
        ("hf://me/gan/../x", {}, OWNER, ValueError, "give 'hf://user/repo' or"),
        ("https://huggingface.co/me", {}, OWNER, ValueError, "'https://huggingface.co/me' is no h"),
    ],
)
def test_what_cannot_be_had(hub, commit, fetch, handle, settings, token, error, message):
    vars(hub.repos["me/gan"]).update(settings)
    hub.put("me/empty", {"README.md": b"nothing"})
    with pytest.raises(error, match=message):
        fetch(handle, token=token)


@pytest.mark.parametrize(
    ("repository", "token", "message"),
    [
        ("me/gan", READER, r"denies access to hf://me/gan \(403\).*write to it"),
        ("me/gan", False, "denies access|log in"),
        ("you/gan", OWNER, r"denies access to hf://you/gan \(403\)"),
    ],
)
def test_uploads_that_are_not_allowed(hub, animals, repository, token, message):
    with pytest.raises(OSError, match=message) as raised:
        animals.push_to_hub(repository, token=token)
    assert str(token) not in full_text(raised.value)
    assert not hub.repos


@pytest.mark.parametrize("name", ["metadata.json", "config.json", "model.safetensors"])
def test_wrong_bytes_do_not_stay_in_the_cache(hub, commit, files, fetch, name):
    """The client accepts any bytes of the right size."""
    content = hub.repos["me/gan"].commits[commit]
    content[name] = bytes(len(content[name]))
    for _ in range(2):
        with pytest.raises(ValueError, match="is damaged"):
            fetch(f"hf://me/gan@{commit}")
    content[name] = files[name]
    fetch(f"hf://me/gan@{commit}")


@pytest.mark.parametrize("share", [0, 0.01, 0.5, 0.99])
def test_a_cut_download_is_made_good_by_the_next_call(hub, commit, fetch, monkeypatch, share):
    monkeypatch.setattr(time, "sleep", lambda seconds: None)  # the client waits between its tries
    length = len(hub.repos["me/gan"].commits[commit]["model.safetensors"])
    hub.mood = lambda request: (
        ("cut", int(share * length))
        if request.startswith("GET") and "model.saf" in request
        else None
    )
    with pytest.raises(ConnectionError, match="no usable answer"):
        fetch("hf://me/gan")
    hub.mood = None
    fetch("hf://me/gan")


def test_a_huge_file_is_not_downloaded(hub, commit, fetch, monkeypatch):
    monkeypatch.setattr("ganzoo.presets.preset_folder.MOST_BYTES", 100)
    with pytest.raises(ValueError, match=r"its model.safetensors has [\d,]+ bytes"):
        fetch("hf://me/gan")
    assert not any("resolve" in request for request in hub.requests)


def test_a_built_in_preset_comes_from_the_hub_at_its_commit(
    hub, commit, files, same, monkeypatch, tmp_path
):
    import hashlib

    record = ganzoo.Preset(
        family="dcgan",
        description="Cats and dogs",
        dataset="animals",
        image_shape=(8, 8, 1),
        parameters=json.loads(files["metadata.json"])["parameters"],
        size=len(files["model.safetensors"]),
        rights="none",
        sha256=hashlib.sha256(files["metadata.json"]).hexdigest(),
        repository="me/gan",
        commit=commit,
    )
    monkeypatch.setattr(DCGAN, "own_presets", {"animals": record})
    hub.put("me/gan", {"config.json": b"{}"})  # the branch has moved on
    same(DCGAN.from_preset("animals"))
    hub.requests.clear()
    same(DCGAN.from_preset("animals"))
    assert not hub.requests

    hub.repos["me/gan"].commits[commit]["metadata.json"] = files["metadata.json"] + b" "
    with pytest.raises(ValueError, match="'animals' is damaged: the SHA-256 of its"):
        DCGAN.from_preset("animals", cache_dir=tmp_path / "other")
