"""Draw the pictures of the examples into `docs/images/examples`: `python tools/docs_examples.py`.

The code of each page runs as it stands, beside the data that the page speaks of, up to the block
that writes the last of its pictures; `python tools/docs_examples.py clothes` draws those of one
page. Needed are the datasets in `GANZOO_HOME`, and, for the picture of the page that draws in a
browser, what `ganzoo demo --static` takes, playwright and a Chromium. Films of long trainings are
those of `tools/docs_pictures.py` and of the presets.
"""

import re
import shutil
import subprocess
import sys
import tempfile
import threading
import zipfile
from collections.abc import Sequence
from contextlib import chdir
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
from PIL import Image

from ganzoo.files import home

DOCS = Path(__file__).parents[1] / "docs"
IMAGES = DOCS / "images" / "examples"
BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
SHOWN = re.compile(r"\(\.\./images/examples/([\w.-]+)\)")
PAINTINGS = 400
BROWSED = "digits-page.png"


def draw(name: str) -> None:
    """Run the code of a page up to the last of its pictures, and keep them."""
    text = (DOCS / "examples" / f"{name}.md").read_text(encoding="utf-8")
    shown = SHOWN.findall(text)
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        if name == "paintings":
            place_paintings()
        if BROWSED in shown:
            browse("mnist", BROWSED)
        run(text, shown, name)
        for picture in shown:
            shutil.copy(picture, IMAGES)
            print(f"{picture}: {Path(picture).stat().st_size / 1000:,.0f} KB", flush=True)


def run(text: str, pictures: Sequence[str], name: str) -> None:
    """Run the blocks of a page, one after the other, until its pictures are there."""
    world: dict[str, object] = {"__name__": name}
    for block in BLOCK.findall(text):
        if all(Path(picture).exists() for picture in pictures):
            return
        exec(compile(block, f"{name}.md", "exec"), world)


def place_paintings() -> None:
    """Cut impressionist paintings, which are squares in the archive, to mixed sizes."""
    Path("my_paintings").mkdir()
    random = np.random.default_rng(0)
    with zipfile.ZipFile(home() / "art" / "art_64.zip") as archive:
        names = [each for each in archive.namelist() if "/impressionism/" in f"/{each}"]
        names = sorted(each for each in names if each.endswith(".jpg"))
        for name in random.choice(names, PAINTINGS, replace=False):
            with archive.open(name) as file:
                painting = Image.open(file).convert("RGB")
            width, height = painting.size
            sides = [(width, height * 3 // 4), (width * 3 // 4, height), (width, height)]
            wide, high = sides[random.choice(3, p=(0.6, 0.2, 0.2))]
            left, top = (width - wide) // 2, (height - high) // 2
            cut = painting.crop((left, top, left + wide, top + high))
            cut.save(Path("my_paintings", Path(name).name).with_suffix(".png"))


def browse(model: str, picture: str) -> None:
    """Take a picture of the page that `ganzoo demo --static` writes of a model."""
    from playwright.sync_api import sync_playwright

    command = [sys.executable, "-m", "ganzoo", "demo", "--static", "my_page", model]
    subprocess.run(command, check=True)
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    handler = partial(SimpleHTTPRequestHandler, directory="my_page")
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server, sync_playwright() as play:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        tab = browser.new_page(viewport={"width": 1100, "height": 760})
        tab.goto(f"http://127.0.0.1:{server.server_port}/")
        tab.get_by_role("button", name="Draw in this page").click()
        tab.get_by_role("status").filter(has_text="50 images of seed 0").wait_for()
        tab.screenshot(path=picture)
        browser.close()
        server.shutdown()
    with Image.open(picture) as opened:
        opened.convert("RGB").quantize(64).save(picture, optimize=True)


if __name__ == "__main__":
    IMAGES.mkdir(exist_ok=True)
    for page in sys.argv[1:] or sorted(path.stem for path in DOCS.glob("examples/*.md")):
        draw(page)
