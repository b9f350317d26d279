"""Images in tar archives and large zip archives, whole and broken."""

import io
import json
import tarfile
import zipfile

import pytest
from PIL import Image
from troubles import SCENE, saved

from ganzoo.datasets import inspect, read
from ganzoo.datasets.folders.sources import find

SHAPE = (4, 4, 1)
PICTURE = saved(SCENE[::8, ::8], "PNG")


def grey(level):
    return saved(Image.new("L", (8, 8), level), "PNG")


def tar(path, members, mode="w"):
    """Write an archive of contents, or of members that are given whole."""
    with tarfile.open(path, mode) as archive:
        for name, content in members.items():
            member = content if isinstance(content, tarfile.TarInfo) else tarfile.TarInfo()
            member.name = name
            if isinstance(content, bytes):
                member.size = len(content)
            archive.addfile(member, io.BytesIO(content) if isinstance(content, bytes) else None)
    return path


def link(kind, target):
    member = tarfile.TarInfo()
    member.type, member.linkname = kind, target
    return member


def test_members_are_read_from_their_places_and_nothing_is_unpacked(tmp_path):
    path = tar(
        tmp_path / "a.tar",
        {
            "./a/1.png": grey(10),
            "../../b/2.png": grey(20),
            "a/._1.png": b"",
            "notes.txt": b"words",
            "c.png": link(tarfile.SYMTYPE, "/etc/passwd"),
            "d.png": link(tarfile.LNKTYPE, "a/1.png"),
            "pipe": link(tarfile.FIFOTYPE, ""),
        },
    )
    before = sorted(tmp_path.parent.rglob("*"))
    found = read(path, SHAPE, labels="inferred")
    assert (found.files, found.class_names) == (["a/1.png", "b/2.png"], ["a", "b"])
    assert found.images[:, 0, 0, 0].tolist() == [10, 20]
    assert [name for name, _ in found.report.skipped] == ["c.png", "d.png", "pipe"]
    assert {why for _, why in found.report.skipped} == {
        "a link, a sparse file or a device in an archive"
    }
    assert found.report.ignored == 2
    assert sorted(tmp_path.parent.rglob("*")) == before
    assert inspect(path).images == 2


def test_samples_of_webdataset_share_a_name_up_to_the_first_dot(tmp_path):
    members = {}
    for number in range(6):
        members[f"x/{number}.jpg.png"] = grey(number * 10)
        members[f"x/{number}.cls"] = str(number % 2 + 9).encode()
        members[f"x/{number}.json"] = json.dumps({"hat": number < 2}).encode()
    tar(tmp_path / "0.tar", members)
    tar(tmp_path / "1.tar", {"y.png": grey(200), "y.cls": b"9"})
    found = read(tmp_path, SHAPE, labels="inferred")
    assert found.class_names == ["9", "10"]
    assert found.files[0] == "0.tar/x/0.jpg.png"
    assert found.labels.tolist() == [0, 1, 0, 1, 0, 1, 0]
    inspected = inspect(tmp_path)
    assert (inspected.columns, inspected.classes) == (("cls", "hat"), {})
    hats = read(tmp_path, SHAPE, labels="hat")
    assert (hats.class_names, hats.labels.tolist()) == (["False", "True"], [1, 1, 0, 0, 0, 0])
    assert hats.report.skipped == (("1.tar/y.png", "has no hat in 0.tar"),)
    with pytest.raises(ValueError, match=r"no column 'cap': 0\.tar has 'cls', 'hat'; 1\.tar has"):
        read(tmp_path, SHAPE, labels="cap")


def test_names_of_shards_are_no_classes(tmp_path):
    for shard in range(2):
        tar(tmp_path / f"{shard}.tar", {f"{number}.png": PICTURE for number in range(3)})
    with pytest.raises(ValueError, match="has shards without a column of classes"):
        read(tmp_path, SHAPE, labels="inferred")
    assert len(read(tmp_path, SHAPE)) == 6


def cut(content, at):
    return content[: int(len(content) * at)]


def test_a_torn_shard_loses_what_is_torn_off(tmp_path):
    whole = tar(tmp_path / "whole.tar", {f"{n}.png": grey(n) * 50 for n in range(8)}).read_bytes()
    (tmp_path / "whole.tar").unlink()
    (tmp_path / "torn.tar").write_bytes(cut(whole, 0.6))
    (tmp_path / "nothing.tar").write_bytes(b"")
    (tmp_path / "page.tar").write_bytes(b"<html>" * 500)
    found = read(tmp_path, SHAPE)
    assert 2 < len(found) < 7
    reasons = dict(found.report.skipped)
    assert "no whole tar archive" in reasons["page.tar"]
    assert "the file is empty" in reasons["nothing.tar"]
    assert len(reasons) > 2
    with pytest.raises(ValueError, match="cannot be used"):
        read(tmp_path, SHAPE, strict=True)
    with pytest.raises(ValueError, match=r"page\.tar has no usable image.*\n.*no whole tar"):
        read(tmp_path / "page.tar", SHAPE)


def test_records_that_are_none_end_in_one_sentence(tmp_path):
    for text in (b"{", b"[1]", b"\xff", b"7" * 2**21, b"[" * 100_000):
        tar(tmp_path / "0.tar", {"0.png": PICTURE, "0.json": text})
        with pytest.raises(ValueError, match=r"0\.tar has a record"):
            read(tmp_path / "0.tar", SHAPE, labels="hat")


def test_absurd_members_are_named(tmp_path, monkeypatch):
    huge = tarfile.TarInfo("huge.png")
    huge.size = 2**40
    path = tar(tmp_path / "a.tar", {"1.png": PICTURE, "2.png": PICTURE})
    path.write_bytes(path.read_bytes()[: 2 * 1024] + huge.tobuf() + bytes(1024))
    assert ("huge.png", "has 1,099,511,627,776 bytes, absurdly large") in find(path).unusable


@pytest.mark.slow
def test_an_archive_of_more_members_than_a_small_one_can_count(tmp_path):
    with zipfile.ZipFile(tmp_path / "many.zip", "w") as archive:
        for number in range(65_600):
            archive.writestr(zipfile.ZipInfo(f"{number % 2}/{number}.png"), PICTURE)
    found = read(tmp_path / "many.zip", SHAPE, labels="inferred", limit=10)
    assert found.class_names == ["0", "1"]
    assert len(find(tmp_path / "many.zip").entries) == 65_600


def test_a_member_with_the_fields_of_zip64(tmp_path):
    with (
        zipfile.ZipFile(tmp_path / "large.zip", "w") as archive,
        archive.open(zipfile.ZipInfo("1.png"), "w", force_zip64=True) as member,
    ):
        member.write(PICTURE)
    assert len(read(tmp_path / "large.zip", SHAPE)) == 1
