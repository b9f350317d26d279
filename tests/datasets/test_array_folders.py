"""Folders of `.npy` and `.npz` files, and TIFF of many channels."""

import numpy as np
import pytest

from ganzoo.datasets import read

random = np.random.default_rng(0)
MANY = random.integers(0, 256, (4, 6, 5, 7), dtype="uint8")


def test_files_of_one_image_or_several_become_one_set(tmp_path):
    np.save(tmp_path / "0.npy", MANY[0])
    np.save(tmp_path / "1.npy", MANY[1:3])
    np.savez(tmp_path / "2.npz", image=MANY[3])
    (tmp_path / ".DS_Store").write_bytes(b"")
    found = read(tmp_path)
    np.testing.assert_array_equal(found.images, MANY)
    assert found.files == ["0.npy", "1.npy", "1.npy", "2.npz"]
    assert (found.name, found.labels) == (tmp_path.name, None)
    assert len(read(tmp_path, limit=2)) == 2
    np.testing.assert_array_equal(read(tmp_path, (6, 5, 7)).images, MANY)
    with pytest.raises(ValueError, match=r"shape \(batch, 8, 8, 7\)"):
        read(tmp_path, (8, 8, 7))


def test_grey_images_need_no_channel(tmp_path):
    np.save(tmp_path / "0.npy", MANY[0, ..., 0])
    assert read(tmp_path).images.shape == (1, 6, 5, 1)
    np.save(tmp_path / "0.npy", MANY[..., 0])  # (n, height, width), which one has to know
    assert read(tmp_path).images.shape == (1, 4, 6, 5)
    np.testing.assert_array_equal(read(tmp_path, (6, 5, 1)).images, MANY[..., :1])


def test_more_than_8_bits_are_kept_in_one_range(tmp_path):
    """12 bits in 16: a dark image among bright ones stays dark, and no level is lost."""
    deep = np.arange(4096, dtype="uint16").reshape(2, 32, 64, 1)
    for number, image in enumerate(deep):
        np.save(tmp_path / f"{number}.npy", image)
    found = read(tmp_path)
    assert found.images.dtype == np.float32
    np.testing.assert_allclose(found.images, deep * (255 / 4095), rtol=1e-6)
    assert len(np.unique(found.images)) == 4096


@pytest.mark.parametrize("planes_first", [False, True])
def test_tiff_of_many_channels(tmp_path, planes_first):
    tifffile = pytest.importorskip("tifffile", reason="TIFF of many channels need tifffile")
    deep = MANY.astype("uint16") * 257
    for number, image in enumerate(deep):
        stored = np.moveaxis(image, -1, 0) if planes_first else image
        axes = "CYX" if planes_first else "YXC"
        options = {"photometric": "minisblack", "metadata": {"axes": axes}}
        if not planes_first:
            options["planarconfig"] = "contig"
        tifffile.imwrite(tmp_path / f"{number}.tif", stored, **options)
    np.testing.assert_allclose(read(tmp_path, (6, 5, 7)).images, MANY, rtol=1e-6)
    (tmp_path / "9.tif").write_bytes((tmp_path / "0.tif").read_bytes()[:200])
    with pytest.raises(ValueError, match=r"9\.tif' is no whole TIFF file"):
        read(tmp_path, (6, 5, 7))


def write(folder, **arrays):
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array)


TROUBLES = {
    "shapes": (lambda folder: write(folder, a=MANY[0], b=MANY[0, :5]), "different shapes: b.npy"),
    "axes": (lambda folder: write(folder, a=MANY[None]), r"shape \(1, 4, 6, 5, 7\): give images"),
    "objects": (lambda folder: write(folder, a=np.array([{}])), "holds Python objects"),
    "damaged": (lambda folder: (folder / "a.npy").write_bytes(b"\x93NUMPY"), "no whole file"),
    "range": (lambda folder: write(folder, a=MANY[0] / 255), r"Give images \* 255"),
    "some labels": (
        lambda folder: (
            np.savez(folder / "a.npz", images=MANY, labels=[0, 1, 0, 1]),
            np.savez(folder / "b.npz", images=MANY),
        ),
        "labels for some of its files only",
    ),
}


@pytest.mark.parametrize("trouble", TROUBLES)
def test_troubles_end_in_one_sentence(tmp_path, trouble):
    make, message = TROUBLES[trouble]
    make(tmp_path)
    with pytest.raises(ValueError, match=message):
        read(tmp_path)


def test_a_folder_of_arrays_has_classes_in_sub_folders_or_none(tmp_path):
    write(tmp_path, a=MANY[0])
    with pytest.raises(ValueError, match="has no sub-folders"):
        read(tmp_path, labels="inferred")


def test_a_bomb_is_not_unpacked(tmp_path):
    """A header that announces a terabyte."""
    header = np.lib.format.header_data_from_array_1_0(MANY) | {"shape": (10**6, 1024, 1024, 1)}
    with (tmp_path / "a.npy").open("wb") as file:
        np.lib.format.write_array_header_1_0(file, header)
        file.write(bytes(1000))
    with pytest.raises(ValueError, match="no whole file of arrays"):
        read(tmp_path)
