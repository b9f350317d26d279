"""The page in a real browser, which may speak with this machine alone."""

import subprocess
import sys
from urllib.parse import urlsplit

import pytest

pytest.importorskip("gradio", reason="gradio is not installed")
sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytestmark = pytest.mark.slow
PORT = 7871
PICTURE = "img[src*='file=']"


@pytest.fixture(scope="module")
def address():
    command = [
        sys.executable,
        "-m",
        "ganzoo",
        "demo",
        "mnist",
        "fashion_mnist",
        "--port",
        str(PORT),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert "127.0.0.1" in server.stdout.readline()
        yield f"http://127.0.0.1:{PORT}/"
        server.terminate()


@pytest.fixture
def browser(chromium, address):
    tab = chromium.new_page()
    tab.asked = []
    tab.on("request", lambda request: tab.asked.append(urlsplit(request.url)))
    yield tab
    tab.close()


def shown(tab, other_than=None):
    """Return the picture that is shown, once it is another one."""
    tab.wait_for_function(
        "([picture, old]) => { const shown = document.querySelector(picture);"
        " return shown && shown.src !== old }",
        arg=[PICTURE, other_than],
        timeout=60_000,
    )
    return tab.locator(PICTURE).first.get_attribute("src")


def content(tab, source):
    return tab.request.get(source).body()


def test_a_picture_appears_and_differs_for_another_seed(browser, address):
    browser.goto(address)
    first = shown(browser)
    browser.get_by_role("button", name="Another seed").click()
    second = shown(browser, other_than=first)
    assert content(browser, first) != content(browser, second)
    assert content(browser, first).startswith(b"\x89PNG")
    hosts = {each.hostname for each in browser.asked if each.scheme.startswith("http")}
    assert hosts == {"127.0.0.1"}


def test_a_link_brings_back_the_same_images(browser, address):
    browser.goto(address + "?model=fashion_mnist&seed=5&class=Bag")
    shown(browser)
    link = browser.get_by_label("Link to these images: add it to the page's address")
    sync_api.expect(link).to_have_value("?model=fashion_mnist&seed=5&class=Bag", timeout=60_000)
