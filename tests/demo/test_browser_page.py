"""The page without a server, in a real browser, which may speak with this machine alone."""

import base64
import subprocess
import time
from urllib.parse import urlsplit

import numpy as np
import pytest
from PIL import Image

import ganzoo
from demo.conftest import served
from ganzoo.latents import combine, interpolate, truncate

pytestmark = pytest.mark.slow
TILE = ".tiles button >> nth={} >> canvas"


@pytest.fixture
def open_page(chromium, page_address):
    """Return a function that opens the page in a window of its own; it asks no other host."""
    asked, contexts = [], []

    def open(query="", folder=page_address, script="", **options):
        contexts.append(chromium.new_context(accept_downloads=True, **options))
        contexts[-1].on("request", lambda request: asked.append(urlsplit(request.url)))
        tab = contexts[-1].new_page()
        tab.add_init_script(script)
        tab.goto(folder + query)
        return tab

    yield open
    for context in contexts:
        context.close()
    assert {each.hostname for each in asked if each.scheme.startswith("http")} == {"127.0.0.1"}


def begin(tab, images=50):
    tab.get_by_role("button", name="Draw in this page").click()
    drawn(tab, images)


def drawn(tab, images, seed=""):
    tab.get_by_role("status").filter(has_text=f"{images} images of seed {seed}").wait_for()


def pixels(tab, selector):
    """Return the bytes of a canvas, RGBA."""
    script = """canvas => { const { width, height } = canvas;
        const { data } = canvas.getContext('2d').getImageData(0, 0, width, height);
        return [height, width, btoa(String.fromCharCode(...data))] }"""
    height, width, data = tab.locator(selector).evaluate(script)
    return np.frombuffer(base64.b64decode(data), "uint8").reshape(height, width, 4).astype(int)


def assert_shown(tab, selector, image):
    """Wait until a canvas shows an image to one grey level."""
    for _ in range(50):
        found = pixels(tab, selector)[..., : image.shape[-1]]
        if found.shape[:2] == image.shape[:2] and abs(found - image.astype(int)).max() <= 1:
            return
        time.sleep(0.1)
    difference = abs(found - image.astype(int)).max()
    raise AssertionError(f"{selector}: {found.shape} for {image.shape}, {difference} levels off")


@pytest.mark.parametrize(
    ("query", "how"),
    [
        ("", {"seed": 0}),
        ("?model=mnist&seed=7&class=7", {"seed": 7, "labels": 7}),
        (f"?seed={2**53 - 1}&class=no", {"seed": 2**53 - 1}),
        ("?model=no&seed=-4", {"seed": 0}),
    ],
)
def test_the_page_draws_what_python_draws(open_page, query, how):
    tab = open_page(query)
    begin(tab)
    for i, image in enumerate(ganzoo.from_preset("mnist").generate(50, **how)):
        assert_shown(tab, TILE.format(i), image)
    assert not tab.get_by_role("button", name="Draw in this page").is_visible()


def test_a_sheet_of_seed_0_is_there_before_anything_is_fetched(open_page):
    tab = open_page()
    for i, image in enumerate(ganzoo.from_preset("mnist").generate(50, seed=0)):
        assert_shown(tab, TILE.format(i), image)
    names = [each["name"] for each in resources(tab)]
    assert not any(".wasm" in name or ".onnx" in name for name in names)


def resources(tab):
    return tab.evaluate("performance.getEntriesByType('resource').map(each => each.toJSON())")


def test_what_is_chosen_stands_in_the_address(open_page):
    gan = ganzoo.from_preset("mnist")
    tab = open_page()
    begin(tab)
    tab.get_by_label("Class").select_option("4")
    tab.get_by_label("Seed", exact=True).fill("11")
    tab.get_by_label("Seed", exact=True).press("Enter")
    drawn(tab, 50, 11)
    tab.get_by_label("Truncation").fill("0.5")
    tab.wait_for_url("**/?model=mnist&seed=11&class=4&truncation=0.5")
    again = open_page("?" + urlsplit(tab.url).query)
    begin(again)
    expected = gan.draw(truncate(gan.latents(50, 11), 0.5), [4])
    for i in (0, 49):
        assert_shown(tab, TILE.format(i), expected[i])
        assert_shown(again, TILE.format(i), expected[i])


def test_images_are_walked_between_added_and_kept(open_page):
    """By the keyboard alone, and by dragging."""
    gan = ganzoo.from_preset("mnist")
    latents = gan.latents(50, 0)
    tab = open_page()
    begin(tab)
    tab.locator(".tiles button").first.focus()
    for key in ("Enter", "ArrowDown", "ArrowRight", "Space"):  # images 1 and 12
        tab.keyboard.press(key)
    tab.get_by_role("tab", name="Explore").focus()
    tab.keyboard.press("ArrowRight")
    tab.get_by_label("Place").fill("0.25")
    way = gan.draw(interpolate(latents[0], latents[11], 5), [0])
    assert_shown(tab, ".large", way[1])
    with tab.expect_download() as download:
        tab.get_by_role("button", name="Save film").click()
    film = Image.open(download.value.path())
    assert (film.format, film.n_frames, film.size) == ("WEBP", 32, (252, 252))
    film.seek(4)  # of 16 from stop to stop
    frame = np.asarray(film.convert("L"), int)
    np.testing.assert_allclose(frame[4::9, 4::9], way[1, ..., 0], atol=1)

    tab.get_by_role("tab", name="Arithmetic").click()
    tab.get_by_role("button", name="Take away image 12").click()
    expected = gan.draw(combine([latents[0]], [latents[11]]), 0)
    assert_shown(tab, ".large", expected)
    with tab.expect_download() as download:
        tab.get_by_role("button", name="Save picture").click()
    picture = np.asarray(Image.open(download.value.path()).convert("L"), int)
    np.testing.assert_allclose(picture[9::18, 9::18], expected[..., 0], atol=1)

    first, last = (tab.locator(".tiles button").nth(i).bounding_box() for i in (3, 25))
    tab.mouse.move(first["x"] + 20, first["y"] + 20)
    tab.mouse.down()
    tab.mouse.move(last["x"] + 20, last["y"] + 20, steps=5)
    tab.mouse.up()
    assert tab.get_by_role("tab", name="Walk").get_attribute("aria-selected") == "true"
    assert_shown(tab, ".large", gan.draw(latents[25], 5))
    assert tab.locator(".tiles [aria-pressed=true]").count() == 2


def test_an_image_goes_along_the_directions_of_change(open_page):
    gan = ganzoo.from_preset("mnist")
    tab = open_page()
    begin(tab)
    ways = ganzoo.latents.directions(gan, 6)
    tab.get_by_label("Direction up").select_option(label="6")
    for name, amount in (("Across", 2), ("Up", -3)):
        tab.get_by_role("slider", name=name, exact=True).fill(str(amount))
    expected = gan.draw(gan.latents(1, 0)[0] + 2 * ways[0] - 3 * ways[5], 0)
    assert_shown(tab, ".large", expected)
    tab.get_by_role("button", name="Back to the image").click()
    assert_shown(tab, ".large", gan.generate(1, seed=0)[0])
    box = tab.locator(".large").bounding_box()
    tab.mouse.move(box["x"] + 100, box["y"] + 100)
    tab.mouse.down()
    tab.mouse.move(box["x"] + 100 + box["width"] / 8, box["y"] + 100)
    tab.mouse.up()
    assert_shown(tab, ".large", gan.draw(gan.latents(1, 0)[0] + ways[0], 0))


def test_the_front_page_draws_one_latent_in_all_classes(open_page):
    tab = open_page(reduced_motion="reduce")
    tab.evaluate("""() => { document.body.replaceChildren(document.createElement('ganzoo-live'));
        return import('./live.js') }""")
    live = tab.locator("ganzoo-live")
    live.get_by_role("button", name="Draw, here and now").click()
    live.get_by_role("button", name="Another hand").wait_for()
    gan = ganzoo.from_preset("mnist")
    for seed in (1, 2):
        for label, image in enumerate(gan.draw(gan.latents(1, seed), range(10))):
            assert_shown(tab, f"ganzoo-live canvas >> nth={label}", image)
        live.get_by_role("button", name="Another hand").click()


def drop(tab, name, content):
    """Drop a file on the page."""
    script = """([name, content]) => { const data = new DataTransfer();
        const bytes = Uint8Array.from(atob(content), each => each.charCodeAt(0));
        data.items.add(new File([bytes], name));
        document.body.dispatchEvent(
            new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true })) }"""
    tab.evaluate(script, [name, base64.b64encode(content).decode()])


def test_a_model_that_is_dropped_draws_and_another_file_does_not(open_page, sprites, tmp_path):
    gan = ganzoo.from_preset(sprites)
    gan.export(tmp_path / "mine.onnx")
    tab = open_page()
    drop(tab, "mine.onnx", (tmp_path / "mine.onnx").read_bytes())
    drawn(tab, 50)
    for i, image in enumerate(gan.generate(50, seed=0)):
        assert_shown(tab, TILE.format(i), solid(image))
    tab.get_by_label("Class").select_option("red")
    for i, image in enumerate(gan.generate(50, seed=0, labels={"red": 1})):
        assert_shown(tab, TILE.format(i), solid(image))
    tab.get_by_label("Class").select_option("")
    for content, why in {
        b"a text": "This is no ONNX file.",
        other_model(): "This ONNX file is none of ganzoo's",
        (tmp_path / "mine.onnx").read_bytes()[:-300]: "This is no ONNX file.",
    }.items():
        drop(tab, "other.onnx", content)
        tab.get_by_role("status").filter(has_text=why).wait_for()
        assert tab.get_by_label("Model").input_value() == "mine.onnx (yours)"
    tab.get_by_role("button", name="Another seed").click()
    drawn(tab, 50)


def solid(image):
    """Return an image as a canvas keeps it, which forgets colours where nothing is seen."""
    kept = Image.fromarray(image).convert("RGBa").convert("RGBA")
    return np.asarray(kept)


def other_model():
    from onnx import TensorProto, helper

    value = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1])
    node = helper.make_node("Identity", ["x"], ["y"])
    out = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1])
    return helper.make_model(helper.make_graph([node], "g", [value], [out])).SerializeToString()


def test_it_works_without_a_network_after_the_first_picture(open_page, page_folder):
    with served(page_folder) as address:
        tab = open_page(folder=address)
        begin(tab)
        tab.get_by_role("status").filter(has_text="Works offline now").wait_for()
    with pytest.raises(Exception, match="ECONNREFUSED"):
        tab.request.get(address)
    tab.goto(address + "?model=mnist&seed=3")
    begin(tab)
    assert_shown(tab, TILE.format(49), ganzoo.from_preset("mnist").generate(50, seed=3)[49])


def test_a_browser_that_cannot_is_told(open_page):
    tab = open_page(script="delete window.WebAssembly")
    tab.get_by_text("This browser cannot draw here, as it runs no WebAssembly").wait_for()
    assert not tab.get_by_role("button", name="Draw in this page").is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_all_of_it(open_page, scheme):
    tab = open_page(viewport={"width": 360, "height": 740}, color_scheme=scheme)
    begin(tab)
    assert tab.evaluate("document.documentElement.scrollWidth") == 360
    sizes = tab.locator("button:visible").evaluate_all("all => all.map(each => each.clientHeight)")
    assert min(sizes) >= 28


def test_memory_stays_flat(open_page, chromium):
    tab = open_page()
    begin(tab)

    def again(times):
        for _ in range(times):
            tab.get_by_role("button", name="Another seed").click()
            drawn(tab, 50, tab.get_by_label("Seed", exact=True).input_value())

    again(50)
    before = resident()
    again(200)
    assert resident() - before < 20_000_000


def resident():
    """Return the bytes that all of the browser's pages take."""
    listed = subprocess.run(["ps", "-eo", "pid,rss,args"], capture_output=True, text=True).stdout
    pages = [line.split(None, 2) for line in listed.splitlines() if "--type=renderer" in line]
    return 1024 * sum(int(kilobytes) for _, kilobytes, _ in pages)
