"""The bundled set `emoji`: `python tools/emoji_archive.py FOLDER` with the drawings of 256x256.

FOLDER holds `emoji_256.zip`, Fluent Emoji as WebP in nine group folders, and `LICENCE.txt`. Written
are `emoji_128.zip`, whose SHA-256 belongs into the catalog, and the licence. Each drawing is halved
with its transparency. Dates are left out, so that the same Pillow and libwebp write the same bytes
(12.3.0 and 1.6.0 wrote those that are bundled).
"""

import argparse
import io
import shutil
import zipfile
from pathlib import Path

from PIL import Image

from ganzoo.files import whole_file
from ganzoo.storage import sha256

PLACE = Path(__file__).parents[1] / "src" / "ganzoo" / "datasets" / "bundled" / "emoji"
SIZE = (128, 128)
QUALITY = {"quality": 72, "method": 6}  # of colours; transparency is kept without a loss


def halved(drawing: bytes) -> bytes:
    """Return a drawing of 128x128 as WebP."""
    file = io.BytesIO()
    with Image.open(io.BytesIO(drawing)) as image:
        image.convert("RGBA").resize(SIZE, Image.Resampling.LANCZOS).save(file, "WEBP", **QUALITY)
    return file.getvalue()


def write(source: Path, target: Path) -> None:
    """Write the archive of halved drawings, in the order of their names."""
    with (
        zipfile.ZipFile(source) as drawings,
        whole_file(target) as partial,
        zipfile.ZipFile(partial, "w") as archive,  # stored: WebP does not shrink further
    ):
        # Two drawings have one name; the later one is taken.
        for name in sorted({each for each in drawings.namelist() if each.endswith(".webp")}):
            archive.writestr(zipfile.ZipInfo(name), halved(drawings.read(name)))


def main() -> None:
    """Write the archive and its licence."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="holds emoji_256.zip and LICENCE.txt")
    parser.add_argument("--out", type=Path, default=PLACE)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    archive = options.out / "emoji_128.zip"
    write(options.folder / "emoji_256.zip", archive)
    shutil.copyfile(options.folder / "LICENCE.txt", options.out / "LICENCE.txt")
    print(f"{archive}: {archive.stat().st_size:,} bytes, SHA-256 {sha256(archive)}")


if __name__ == "__main__":
    main()
