"""Pictures of the pages for the documents: python -m tools.screenshots http://127.0.0.1:8000 (a demonstration site)."""

import argparse
import os
import shutil
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

PICTURES = Path(__file__).resolve().parent.parent / "docs" / "pictures"
DESK, LANDSCAPE, PORTRAIT = (1440, 900), (1280, 800), (800, 1280)

# Who looks at what: file name, address, or the text of the link to follow from it.
TOUR: dict[str, list[tuple[str, str, str]]] = {
    "olga": [("home-operator", "/", ""), ("batches", "/batches/", ""), ("equipment", "/equipment/", "")],
    "sven": [("batch", "/batches/", "table a")],
    "quinn": [("home-qa", "/", ""), ("records", "/records/", ""), ("materials", "/materials/lots/", "")],
    "ines": [("home-planner", "/", ""), ("planner", "/planner/", "")],
    "clara": [("home-clinic", "/", ""), ("orders", "/orders/", ""), ("journey", "/orders/", "table a, .task-list a")],
    "ravi": [("recipes", "/recipes/", ""), ("recipe", "/recipes/", "table a")],
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address")
    parser.add_argument("--password", required=True, help="of the demonstration users")
    given = parser.parse_args()
    PICTURES.mkdir(parents=True, exist_ok=True)
    chromium = os.environ.get("BATON_CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=[] if os.geteuid() else ["--no-sandbox"])
        _sign_in_page(browser, given.address)
        for username, pages in TOUR.items():
            _tour(browser, given.address, username, given.password, pages)
        _run_screen(browser, given.address, given.password)
        browser.close()


def _sign_in_page(browser: Browser, address: str) -> None:
    page = _page(browser, DESK)
    page.goto(f"{address}/sign-in/")
    _take(page, "sign-in-desk")


def _tour(browser: Browser, address: str, username: str, password: str, pages: list[tuple[str, str, str]]) -> None:
    page = _signed_in(browser, address, username, password, DESK)
    for name, path, link in pages:
        page.goto(address + path)
        if link and page.locator(link).count():
            page.locator(link).first.click()
            page.wait_for_load_state()
        _take(page, f"{name}-desk")


def _run_screen(browser: Browser, address: str, password: str) -> None:
    for name, size in (("landscape", LANDSCAPE), ("portrait", PORTRAIT)):
        page = _signed_in(browser, address, "olga", password, size)
        page.locator(".task-next .button").click()
        page.wait_for_load_state()
        _take(page, f"run-{name}")


def _signed_in(browser: Browser, address: str, username: str, password: str, size: tuple[int, int]) -> Page:
    page = _page(browser, size)
    page.goto(f"{address}/sign-in/")
    page.fill("#id_username", username)
    page.fill("#id_password", password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(f"{address}/")
    return page


def _page(browser: Browser, size: tuple[int, int]) -> Page:
    return browser.new_context(viewport={"width": size[0], "height": size[1]}, locale="en-GB").new_page()


def _take(page: Page, name: str) -> None:
    page.evaluate("document.fonts.ready")
    page.screenshot(path=PICTURES / f"{name}.png")


if __name__ == "__main__":
    main()
