"""The camera reads a label as a scanner does: a real symbol before Chromium's camera, read by the real decoder."""

from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest
from django.test import Client
from PIL import Image
from playwright.sync_api import Browser, expect

from batches.models import StepScan
from chain_of_identity.labels import data_matrix_png
from mes.accounts.models import Site, User
from mes.accounts.services import choose_language
from tests.given import batches as given
from tests.given import chain_of_identity as identity_given
from tests.pages.conftest import Screen, launched
from tests.pages.test_operator import panel

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.parametrize("size", ["landscape"], indirect=True)]
Open = Callable[..., Screen]
WIDTH, HEIGHT = 640, 480
NO_CAMERA = (
    """navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('Permission denied', '%s'); }"""
)


@pytest.fixture
def in_view(tmp_path: Path) -> Path:
    return tmp_path / "view.y4m"


@pytest.fixture
def browser(browser: Browser, in_view: Path) -> Iterator[Browser]:
    """With a camera that sees the file; it is opened when the page asks for the camera."""
    camera = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    running = launched(browser.browser_type, *camera, f"--use-file-for-fake-video-capture={in_view}")
    yield running
    running.close()


def show(view: Path, *codes: tuple[str, int]) -> None:
    """One grey picture (YUV4MPEG2, 4:2:0) with each code in the middle of its third."""
    picture = Image.new("L", (WIDTH, HEIGHT), 200)
    for code, third in codes:
        symbol = Image.open(BytesIO(data_matrix_png(code, scale=3))).convert("L")
        picture.paste(symbol, ((2 * third + 1) * WIDTH // 6 - symbol.width // 2, (HEIGHT - symbol.height) // 2))
    colourless = bytes([128]) * (WIDTH * HEIGHT // 2)
    head = f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F10:1 Ip A1:1 C420jpeg\n".encode()
    view.write_bytes(head + b"FRAME\n" + picture.tobytes() + colourless)


def test_the_camera_reads_the_label_in_its_middle(new_screen: Open, olga: User, site: Site, in_view: Path) -> None:
    step = given.started(given.running_batch(site), "S010")
    bag, other = identity_given.bag_of(step.batch.order), identity_given.bag_of(identity_given.received_order(site))
    show(in_view, (other.label, 0), (bag.label, 1))
    screen = new_screen(olga).open(f"/steps/{step.id}/")
    asked: list[str] = []
    screen.page.on("request", lambda request: asked.append(request.url))
    panel(screen, "scan")
    assert not [url for url in asked if "zxing" in url]
    screen.page.get_by_role("button", name="Use the camera").click()
    panel(screen, "complete")
    expect(screen.page.locator("#camera")).to_be_hidden()
    assert [each.label for each in StepScan.objects.filter(step=step)] == [bag.label]
    assert [url for url in asked if url.endswith("zxing_reader.wasm")]


def test_the_camera_sheet_can_be_left(new_screen: Open, olga: User, site: Site, in_view: Path) -> None:
    step = given.started(given.running_batch(site), "S010")
    show(in_view)
    screen = new_screen(olga).open(f"/steps/{step.id}/")
    screen.page.get_by_role("button", name="Use the camera").click()
    video = screen.page.locator("#camera video")
    expect(video).to_have_js_property("videoWidth", WIDTH)
    screen.picture("camera")
    screen.page.locator("#camera [data-close]").click()
    expect(video).to_have_js_property("srcObject", None)
    panel(screen, "scan")


@pytest.mark.parametrize(
    ("fault", "words"), [("NotAllowedError", "darf die Kamera nicht"), ("NotFoundError", "hat keine Kamera")]
)
def test_a_tablet_without_camera_says_so_in_words_of_its_own(
    new_screen: Open, olga: User, site: Site, fault: str, words: str
) -> None:
    step = given.started(given.running_batch(site), "S010")
    choose_language(actor=olga, user=olga, language="de")
    screen = new_screen(olga)
    screen.page.add_init_script(NO_CAMERA % fault)
    screen.page.set_viewport_size({"width": 800, "height": 1280})
    screen.open(f"/steps/{step.id}/")
    screen.page.locator("#run [data-camera]").click()
    told = screen.page.locator("#camera .sheet-words")
    expect(told).to_contain_text(words)
    expect(told).not_to_contain_text("Permission denied")
    assert told.evaluate("e => e.scrollHeight <= e.clientHeight")


def test_only_the_run_screen_may_use_the_camera(client: Client, olga: User, site: Site, size: object) -> None:
    step = given.started(given.running_batch(site), "S010")
    client.force_login(olga, backend="mes.accounts.backend.SessionBackend")
    run, home = client.get(f"/steps/{step.id}/"), client.get("/")
    assert run.headers["Permissions-Policy"].startswith("camera=(self)")
    assert home.headers["Permissions-Policy"].startswith("camera=()")
    assert "'wasm-unsafe-eval'" in run.headers["Content-Security-Policy"]
    assert "wasm" not in home.headers["Content-Security-Policy"]
