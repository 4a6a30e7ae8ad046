"""A real browser: Debian's Chromium at the two sizes of the tablet, watched for everything a page must not do."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, BrowserType, Page, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from mes.accounts.models import User
from tools.system_packages import BROWSERS

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright runs an event loop in this thread; we wait for it

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text()
SIZES = {"landscape": (1280, 800), "portrait": (800, 1280)}
OTHER_TABLET = {(1280, 800): (1080, 810), (800, 1280): (820, 1180)}  # of ten to eleven inches, held the same way
OUT_OF_REACH = """within => [...document.querySelector(within).querySelectorAll('button, a, input, select, textarea')]
  .filter(e => e.checkVisibility({visibilityProperty: true}) && !e.matches('.skip-link'))
  .filter(e => { const r = e.getBoundingClientRect();
    return r.width && r.height && ![[.5,.5],[.08,.1],[.92,.1],[.08,.9],[.92,.9]].every(([a, b]) => {
      const h = document.elementFromPoint(r.left + a * r.width, r.top + b * r.height);
      return h && (h === e || e.contains(h)); }); })
  .map(e => e.innerText || e.outerHTML)"""


SHIFTED = """window.shifted = 0, window.shifts = [];
new PerformanceObserver(list => list.getEntries().forEach(each => {
  window.shifted += each.value;
  window.shifts.push(`shifts ${each.value.toFixed(3)} after ${each.startTime.toFixed()} ms: ` + each.sources
    .map(({ node, previousRect: a, currentRect: b }) =>
      `${node?.className || node?.nodeName} from ${a.x},${a.y} ${a.width}x${a.height}`
      + ` to ${b.x},${b.y} ${b.width}x${b.height}`)
    .join('; '));
})).observe({ type: 'layout-shift', buffered: true });"""
RULES_OF_SHAPE = ["scrollable-region-focusable", "meta-viewport", "target-size"]
# Not asked: what needs the style sheets fetched once more (orientation lock, sounds that start), and frames.
QUICK = {"resultTypes": ["violations"], "preload": False, "iframes": False}


MOST_SHIFTED = 0.02
PATIENCE = 60_000  # milliseconds: what comes, comes on the slowest machine too


@dataclass
class Screen:
    """A page in a browser, with what went wrong on it."""

    page: Page
    address: str
    faults: list[str] = field(default_factory=list)
    status: int = 0

    def open(self, path: str) -> "Screen":
        answer = self.page.goto(self.address + path)
        self.status = answer.status if answer else 0
        self.page.evaluate("document.fonts.ready")
        return self

    def seen_by(self, user: User) -> "Screen":
        """The next person at the same tablet: what their browser would fetch anew, this one has."""
        self.page.context.clear_cookies()
        self.page.context.add_cookies([_session(user, self.address)])
        return self

    def picture(self, name: str) -> None:
        """Into docs/pictures when asked for: BATON_PICTURES=docs/pictures pytest tests/pages."""
        if folder := os.environ.get("BATON_PICTURES"):
            size = self.page.viewport_size or {"width": 0, "height": 0}
            shape = "landscape" if size["width"] > size["height"] else "portrait"
            taken = Image.open(BytesIO(self.page.screenshot()))
            taken.quantize(128).save(Path(folder) / f"{name}-{shape}.png", optimize=True)

    def violations(self, *, enhanced: bool = False) -> list[str]:
        """What axe finds, one line each."""
        tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
        values = [*tags, "wcag2aaa"] if enhanced else tags
        rules = {"color-contrast-enhanced": {"enabled": enhanced}, "color-contrast": {"enabled": not enhanced}}
        serious = self._ask_axe({"runOnly": {"type": "tag", "values": values}, "rules": rules})
        if enhanced:  # of level AAA only the contrast is promised
            serious = [each for each in serious if "wcag2aaa" not in each["tags"] or "contrast" in each["id"]]
        return _lines(serious)

    def violations_of_shape(self) -> list[str]:
        """What axe finds that depends on the size of the screen, for a page it has seen in another one."""
        return _lines(self._ask_axe({"runOnly": {"type": "rule", "values": RULES_OF_SHAPE}}))

    def _ask_axe(self, options: dict[str, Any]) -> list[Any]:
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE)
        return list(
            self.page.evaluate("options => axe.run(document, options).then(r => r.violations)", options | QUICK)
        )

    def hidden_controls(self, within: str = "body") -> list[str]:
        """Visible controls that a finger cannot hit at their centre and corners."""
        return list(self.page.evaluate(OUT_OF_REACH, within))

    def shifts(self) -> list[str]:
        """What moved after it was drawn, where the sum of all shifts, as browsers score them, is 0.02 or more."""
        much = float(self.page.evaluate("window.shifted")) >= MOST_SHIFTED
        return list(self.page.evaluate("window.shifts")) if much else []

    @contextmanager
    def on_the_other_tablet(self) -> Iterator[None]:
        """The same page on a tablet by another maker."""
        size: Any = self.page.viewport_size
        width, height = OTHER_TABLET[size["width"], size["height"]]
        self.page.set_viewport_size({"width": width, "height": height})
        yield
        self.page.set_viewport_size(size)

    def scrolls(self) -> bool:
        return bool(
            self.page.evaluate(
                """() => { const root = document.documentElement;
                  const parts = [...document.querySelectorAll('.run-work, .run-pad')];
                  return root.scrollHeight > innerHeight || root.scrollWidth > innerWidth
                    || parts.some(e => e.scrollHeight > e.clientHeight + 1); }"""
            )
        )


def _lines(violations: list[Any]) -> list[str]:
    return [f"{each['id']}: {node['html'][:120]}" for each in violations for node in each["nodes"]]


def launched(kind: BrowserType, *more: str) -> Browser:
    found = (shutil.which(name) for name in BROWSERS)
    chromium = os.environ.get("BATON_CHROMIUM") or next((path for path in found if path), None)
    sandbox = [] if os.geteuid() else ["--no-sandbox"]  # Chromium refuses its sandbox to root
    return kind.launch(executable_path=chromium, args=[*sandbox, *more])


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        running = launched(playwright.chromium)
        yield running
        running.close()


@pytest.fixture(params=SIZES)
def size(request: pytest.FixtureRequest) -> tuple[int, int]:
    return SIZES[request.param]


@pytest.fixture
def new_screen(browser: Browser, live_server: LiveServer, size: tuple[int, int]) -> Iterator[Callable[..., Screen]]:
    """Opens a browser of its own for a person; every fault of any page fails the test at its end."""
    contexts: list[BrowserContext] = []
    screens: list[Screen] = []

    def make(user: User | None = None, **options: Any) -> Screen:
        shape: Any = {"viewport": {"width": size[0], "height": size[1]}, "has_touch": True}
        context = browser.new_context(**shape, locale="en-GB", timezone_id="Europe/Vienna", **options)
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        screen = Screen(context.new_page(), live_server.url)
        _watch(screen)
        screens.append(screen)
        return screen.seen_by(user) if user else screen

    yield make
    for context in contexts:
        context.close()
    assert [fault for screen in screens for fault in screen.faults] == []


def _session(user: User, address: str) -> Any:
    client = Client()
    client.force_login(user, backend="mes.accounts.backend.SessionBackend")
    return {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": address}


def _watch(screen: Screen) -> None:
    """Console errors (a broken security policy is one), script errors, and requests to anybody else."""
    ours = urlsplit(screen.address).netloc

    def on_request(request: Any) -> None:
        where = urlsplit(request.url)
        if where.scheme in ("http", "https") and where.netloc != ours:
            screen.faults.append(f"request to {request.url}")

    def on_console(message: Any) -> None:
        is_refusal = "Failed to load resource" in message.text  # a 4xx answer is the server's word, not a fault
        if message.type == "error" and not is_refusal:
            screen.faults.append(f"console: {message.text}")

    screen.page.context.add_init_script(SHIFTED)
    screen.page.on("request", on_request)
    screen.page.on("console", on_console)
    screen.page.on("pageerror", lambda error: screen.faults.append(f"script: {error}"))
