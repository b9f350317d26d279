"""A real browser, and a page without a server in a folder that this machine serves."""

import functools
import http.server
import shutil
import threading
from contextlib import contextmanager

import pytest

import ganzoo

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = ("--disable-quic", "--no-first-run", "--disable-background-networking")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-component-update",
    "--disable-sync",
    *QUIET,
]


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves files and says nothing."""

    def log_message(self, *_):
        pass


@contextmanager
def served(folder, port=0):
    """Serve a folder until the block ends, and yield its address."""
    handler = functools.partial(Handler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()


@pytest.fixture(scope="session")
def chromium():
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("there is no Chromium")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def sprites(tmp_path_factory):
    """Return the folder of a small model of colours with holes in them, and of attributes."""
    folder = tmp_path_factory.mktemp("runs") / "sprites"
    small = {"latent_dim": 6, "base_filters": 8, "seed": 3}
    gan = ganzoo.DCGAN((12, 20, 4), attributes=["red", "wide"], **small)
    for weight in gan.generator.weights:
        if len(weight.shape) > 1:
            weight.assign(weight * 5)  # fresh ones draw grey
    gan.save_to_preset(folder)
    return folder


@pytest.fixture(scope="session")
def page_folder(tmp_path_factory, sprites):
    """Return a page with digits and sprites; onnxruntime-web is fetched if it never was."""
    pytest.importorskip("onnx", reason="onnx is not installed")
    from ganzoo.demo import static

    folder = tmp_path_factory.mktemp("static") / "page"
    try:
        static.write(folder, ["mnist", str(sprites)])
    except ConnectionError as error:
        pytest.skip(f"onnxruntime-web cannot be had: {error}")
    return folder


@pytest.fixture(scope="session")
def page_address(page_folder):
    with served(page_folder) as address:
        yield address
