"""`python -m tools.pictures`: the README's pictures, taken of a running demonstration site after `make demo`."""

import argparse
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

PICTURES = Path(__file__).resolve().parent.parent / "docs" / "pictures"
PASSWORD = "living medicine 2026"  # noqa: S105  of the demonstration site, printed at every start


@dataclass(frozen=True)
class View:
    """A page as somebody sees it: `follow` is the first link to click there, `below` what the address gains then."""

    name: str
    person: str
    path: str
    follow: str = ""
    below: str = ""


NEWEST = "tbody a.identifier"
VIEWS = (
    View("tour-clinic", "clara", "/"),
    View("tour-planner", "ines", "/planner/", "a[rel=prev]"),  # the demonstration has run the clock on by two weeks
    View("tour-recipe", "ravi", "/recipes/", "tbody a"),
    View("tour-supervisor", "sven", "/batches/", NEWEST),
    View("tour-laboratory", "carl", "/laboratory/"),
    View("tour-review", "quinn", "/batches/", NEWEST, "review/"),
    View("tour-logistics", "logan", "/materials/lots/"),
    View("tour-journey", "quinn", "/orders/?status=completed", NEWEST),
    View("tour-records", "quinn", "/records/"),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--address", default="http://127.0.0.1:8000")
    address = parser.parse_args().address
    chromium = os.environ.get("BATON_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox"] if os.geteuid() == 0 else []
        )
        for view in VIEWS:
            print(take(browser, address, view))
        browser.close()


def take(browser: Browser, address: str, view: View) -> Path:
    page = browser.new_page(base_url=address, viewport={"width": 1280, "height": 800})
    page.goto("/sign-in/")
    page.fill("input[name=username]", view.person)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda url: "sign-in" not in url)
    page.goto(view.path)
    if view.follow:
        page.locator(view.follow).first.click()
        page.wait_for_load_state()
    if view.below:
        page.goto(page.url + view.below)
    page.evaluate("document.fonts.ready")
    file = PICTURES / f"{view.name}.png"
    page.screenshot(path=file)
    page.close()
    return file


if __name__ == "__main__":
    main()
