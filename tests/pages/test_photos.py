"""Photos at the tablet: small and bare, kept without network, taken again; one file with one digest on the server."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import expect

from batches import services
from batches.models import Batch, Deviation, Step, StepPhoto
from mes.accounts.models import Site, User
from mes.records.files import content_of
from mes.records.models import Signature
from tests.given import batches as given
from tests.given.people import PASSWORD
from tests.given.pictures import from_a_camera
from tests.pages.conftest import Screen
from tests.pages.test_operator import panel, press, scan

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.parametrize("size", ["landscape"], indirect=True),
]
# Somebody touches the tablet all the time: it does not lock.
AN_HOUR_AT_WORK = """() => {
  Date.now = (now => () => now() + 3_600_000)(Date.now);
  dispatchEvent(new PointerEvent('pointerdown'));
}"""
Open = Callable[..., Screen]
KEPT = "() => navigator.serviceWorker.ready.then(() => caches.open('pages')).then(c => c.keys()).then(k => k.length)"
DIGESTS = """() => new Promise(resolve => { indexedDB.open('baton-journal').onsuccess = ({ target }) => {
  const rows = target.result.transaction('entries').objectStore('entries').getAll();
  rows.onsuccess = () => resolve(rows.result.filter(row => row.file).map(row => row.body.sha256)); }; })"""
LEFT = """() => new Promise(resolve => { indexedDB.open('baton-journal').onsuccess = ({ target }) => {
  const count = target.result.transaction('files').objectStore('files').count();
  count.onsuccess = () => resolve(count.result); }; })"""
STEP = """          - id: S025
            kind: instruction
            title: Look at the bag
            text: Turn the bag over. Take a photo of it.
            photos:
              - {id: bag, name: Appearance of the bag}
  - id: UP02
"""


@pytest.fixture
def step(site: Site) -> Step:
    """A step that wants a photo, in work."""
    source = given.SHORT.replace("  - id: UP02\n", STEP, 1)
    batch: Batch = given.running_batch(site, recipe=given.short_recipe(site, source))
    return given.started(batch, "S025")


def out_of_limit(step: Step, olga: User) -> Step:
    """Everything of the inspection recorded, the viability outside its limits."""
    services.record_entry(actor=olga, step=step, name="viability", value="65", unit="%")
    for name, value, unit in (
        ("bag_intact", "yes", ""),
        ("appearance", "homogeneous", ""),
        ("volume", "120", "mL"),
        ("concentration", "2E6", "cell/mL"),
    ):
        services.record_entry(actor=olga, step=step, name=name, value=value, unit=unit)
    return step


@pytest.fixture
def out(site: Site, olga: User) -> Step:
    return out_of_limit(given.started(given.running_batch(site), "S020"), olga)


@contextmanager
def camera(screen: Screen) -> Iterator[None]:
    """What is pressed inside opens the camera, which takes a picture of its usual size with the place in it."""
    with screen.page.expect_file_chooser() as chooser:
        yield
    shot = Image.open(BytesIO(from_a_camera()))
    large = BytesIO()
    Image.effect_noise((3000, 2250), 60).convert("RGB").save(large, "JPEG", exif=shot.getexif(), quality=90)
    chooser.value.set_files({"name": "shot.jpg", "mimeType": "image/jpeg", "buffer": large.getvalue()})


@contextmanager
def shown_anew(screen: Screen) -> Iterator[None]:
    """What is done inside is on the server, and the step is drawn again: it takes an open sheet with it."""
    screen.page.evaluate("document.getElementById('run').dataset.before = ''")
    yield
    expect(screen.page.locator("#run[data-before]")).to_have_count(0)


@pytest.mark.req("R-019")
@pytest.mark.ux("OP-20")
def test_a_photo_taken_without_network_is_one_file_with_the_same_digest(
    new_screen: Open, olga: User, step: Step
) -> None:
    screen = new_screen(olga).open(f"/steps/{step.id}/")
    page = screen.page
    page.wait_for_function(f"({KEPT})().then(n => n > 0)")
    screen.open(f"/steps/{step.id}/")
    panel(screen, "photo")
    screen.picture("run-photo")
    page.context.set_offline(True)
    with camera(screen):
        press(screen, "Take photo")
    expect(page.locator("[data-photos-kept]")).to_contain_text("1 on this tablet")
    expect(page.get_by_text("No photo yet")).to_be_hidden()
    expect(page.get_by_role("heading", name="Everything is on this tablet")).to_be_visible()
    expect(page.locator("#run [data-status]")).to_have_text("1 on this tablet: photo: Appearance of the bag")
    page.reload()
    expect(page.get_by_role("heading", name="Everything is on this tablet")).to_be_visible()
    expect(page.locator("[data-photos-kept] img")).to_be_visible()
    screen.picture("run-photo-without-network")
    assert not StepPhoto.objects.exists()
    [digest] = page.evaluate(DIGESTS)

    page.context.set_offline(False)
    expect(page.locator("#run [data-kept]")).to_have_count(0)
    panel(screen, "complete")
    photo = StepPhoto.objects.get(step=step)
    kept = Image.open(BytesIO(content_of(photo)))
    assert (photo.sha256, photo.hashed_by_tablet, photo.name) == (digest, True, "bag")
    assert photo.size <= 500_000
    assert max(kept.size) > 800
    assert not kept.getexif()
    assert page.evaluate(LEFT) == 0


def test_a_photo_taken_again_stands_beside_the_first(new_screen: Open, olga: User, step: Step) -> None:
    screen = new_screen(olga).open(f"/steps/{step.id}/")
    page = screen.page
    with camera(screen):
        press(screen, "Take photo")
    panel(screen, "complete")
    scan(screen, "CMD:PHOTO")
    expect(page.locator("#photo")).to_be_visible()
    screen.picture("run-photos")
    with shown_anew(screen), camera(screen):
        page.locator("#photo").get_by_role("button", name="Take again").click()
    expect(page.locator("#run [data-photos]")).to_contain_text("1 photo")
    press(screen, "More")
    page.locator("#more [data-open=photo]").click()
    page.fill("#photo-about", "Fibres at the port")
    with camera(screen):
        page.locator("#photo").get_by_role("button", name="Another photo").click()
    expect(page.locator("#run [data-photos]")).to_contain_text("2 photos")
    first, second, other = StepPhoto.objects.order_by("at")
    assert (second.retakes, first.name, second.name) == (first, "bag", "bag")
    assert (other.label, other.retakes) == ("Fibres at the port", None)


def test_a_deviation_carries_its_photo_and_the_second_persons_signature(
    new_screen: Open, olga: User, vera: User, site: Site
) -> None:
    """Four taps, a photo, and the second person beside the operator."""
    source = given.SHORT.replace("severity: high\n", "severity: high\n            deviation_second_person: true\n", 1)
    step = given.started(given.running_batch(site, recipe=given.short_recipe(site, source)), "S020")
    out_of_limit(step, olga)
    screen = new_screen(olga).open(f"/steps/{step.id}/")
    page = screen.page
    panel(screen, "deviation")
    press(screen, "Record deviation")
    page.locator("[data-deviation]").first.click()
    with camera(screen):
        page.locator("[data-evidence]").click()
    expect(page.locator("[data-evidence] img")).to_be_visible()
    screen.picture("run-deviation")
    assert not StepPhoto.objects.exists()
    page.locator("[data-deviation-now]").click()
    page.fill("#sign-badge", vera.username)
    page.fill("#sign-password", PASSWORD)
    page.locator("[data-sign-now]").click()
    panel(screen, "complete")
    deviation = Deviation.objects.get(step=step)
    assert (deviation.severity, deviation.opened_by) == ("high", olga)
    assert [each.photo.step for each in deviation.photos.all()] == [step]
    assert Signature.objects.get(subject_id=deviation.pk).printed_name == vera.printed_name


def test_a_photo_of_a_deviation_waits_for_its_words_over_a_reload(new_screen: Open, olga: User, out: Step) -> None:
    """It was taken without network, which a deviation waits for."""
    screen = new_screen(olga).open(f"/steps/{out.id}/")
    page = screen.page
    page.wait_for_function(f"({KEPT})().then(n => n > 0)")
    screen.open(f"/steps/{out.id}/")
    page.context.set_offline(True)
    expect(page.locator("[data-connection]")).to_contain_text("Offline")
    press(screen, "Record deviation")
    with camera(screen):
        page.locator("[data-evidence]").click()
    expect(page.locator("[data-evidence] img")).to_be_visible()
    page.reload()
    press(screen, "Record deviation")
    expect(page.locator("[data-evidence] img")).to_be_visible()
    screen.picture("run-deviation-without-network")
    assert not StepPhoto.objects.exists()

    page.context.set_offline(False)
    expect(page.locator("[data-connection]")).not_to_contain_text("Offline")
    page.locator("[data-deviation]").first.click()
    page.locator("[data-deviation-now]").click()
    panel(screen, "complete")
    assert [each.photo.step for each in Deviation.objects.get(step=out).photos.all()] == [out]
    assert page.evaluate(LEFT) == 0


def test_signing_out_leaves_no_photo_of_what_was_not_recorded(new_screen: Open, olga: User, out: Step) -> None:
    screen = new_screen(olga).open(f"/steps/{out.id}/")
    page = screen.page
    press(screen, "Record deviation")
    with camera(screen):
        page.locator("[data-evidence]").click()
    expect(page.locator("[data-evidence] img")).to_be_visible()
    assert page.evaluate(LEFT) == 1
    page.locator("#deviation [data-close]").click()
    press(screen, "More")
    page.locator("[data-leave]").click()
    page.wait_for_url("**/sign-in/**")
    assert page.evaluate(LEFT) == 0


def test_the_camera_stays_shut_when_nothing_is_taken_any_more(new_screen: Open, olga: User, step: Step) -> None:
    """The time without network is used up: said before the shot, not after it."""
    screen = new_screen(olga).open(f"/steps/{step.id}/")
    page = screen.page
    page.wait_for_function(f"({KEPT})().then(n => n > 0)")
    page.context.set_offline(True)
    expect(page.locator("[data-connection]")).to_contain_text("Offline")
    page.evaluate(AN_HOUR_AT_WORK)
    opened: list[object] = []
    page.on("filechooser", lambda chooser: opened.append(chooser))  # noqa: PLW0108 -- a mark is put on what is given
    press(screen, "Take photo")
    expect(page.locator(".flash")).to_contain_text("Without network for too long: call the supervisor.")
    assert opened == []
