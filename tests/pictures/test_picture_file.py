"""Pictures as files, by their endings."""

import numpy as np
import pytest
from PIL import Image

from ganzoo.pictures import save_picture
from ganzoo.pictures.picture_file import PICTURE_ENDINGS


@pytest.mark.parametrize("ending", PICTURE_ENDINGS)
@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
def test_every_ending_keeps_what_is_seen(ending, mode, tmp_path):
    """As on a white page, whether or not the format knows transparency."""
    picture = Image.new(
        mode, (16, 16), {"L": 40, "RGB": (40, 40, 40), "RGBA": (40, 40, 40, 0)}[mode]
    )
    picture.paste({"L": 200}.get(mode, (200, 0, 0, 255)[: len(mode)]), (0, 0, 8, 16))
    save_picture(tmp_path / f"a{ending}", picture)
    page = Image.new("RGBA", (16, 16), "white")
    with Image.open(tmp_path / f"a{ending}") as found:
        page.alpha_composite(found.convert("RGBA"))
    left, right = np.asarray(page.convert("RGB"))[:, [2, 13]].mean(axis=0)
    assert np.abs(left - ([200] * 3 if mode == "L" else [200, 0, 0])).max() < 8
    assert np.abs(right - (255 if mode == "RGBA" else 40)).max() < 8


def test_an_ending_of_no_picture_is_refused(tmp_path):
    for name in ("a", "a.foo", ".png", "png"):
        with pytest.raises(ValueError, match=f"ends in .png.* unlike '{name}'"):
            save_picture(tmp_path / name, Image.new("L", (2, 2)))
    assert not list(tmp_path.iterdir())


def test_a_capital_ending_and_a_path_from_home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    save_picture("~/pictures/A.PNG", Image.new("L", (2, 2)))
    assert (tmp_path / "pictures" / "A.PNG").exists()
