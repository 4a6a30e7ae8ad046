"""The sign sheet: what is signed stands there whole, whoever signs, with what, and after a refusal too."""

from collections.abc import Callable

import pytest

from mes.accounts.models import User
from mes.accounts.services import choose_language
from tests.pages.conftest import Screen

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls("tests.pages.urls")]
Open = Callable[..., Screen]

WAYS = {
    "first person, PIN": ("complete_many", {}),
    "first person, password": ("complete_many", {"full": True}),
    "second person, PIN": ("verify_many", {"second": True, "full": True}),
    "second person, password": ("verify_many", {"second": True, "full": True, "noPin": True}),
    "unreadable label": ("scan", {"second": True, "full": True, "meaning": "Verified: the label says KX7-204-A"}),
}
ASK = """([given, refusal]) => import('/static/js/sign.js').then(({ ask }) => {
  ask({ title: 'Second person compares label and screen', meaning: 'Verified', ...given });
  document.querySelector('[data-sign-refusal]').hidden = !refusal;
  document.querySelector('[data-sign-refusal]').textContent = refusal;
})"""
CUT = """() => {
  const sheet = document.querySelector('#sign .sheet-words'), end = sheet.getBoundingClientRect().bottom + 1;
  return [sheet, ...sheet.querySelectorAll('*')]
  .filter(e => e.checkVisibility() && !e.matches('input')
    && (e.scrollHeight > e.clientHeight + 1 && getComputedStyle(e).overflowY !== 'visible'
      || e.getBoundingClientRect().bottom > end))
  .map(e => e.className || e.outerHTML.slice(0, 80)); }"""
FIRST = "Dies ist Ihre erste Unterschrift in dieser Sitzung: Geben Sie Benutzername oder Badge und Ihr Passwort an."


@pytest.mark.ux("LAY-01")
def test_all_values_stand_on_it_whoever_signs(new_screen: Open, olga: User) -> None:
    """In German, which has the longest words."""
    choose_language(actor=olga, user=olga, language="de")
    screen = new_screen(olga)
    found: dict[tuple[str, str], list[str]] = {}
    for way, (state, given) in WAYS.items():
        screen.open(f"/states/{state}/")
        for refusal in ("", FIRST):
            screen.page.evaluate(ASK, [given, refusal])
            found[way, refusal] = list(screen.page.evaluate(CUT))
            screen.picture(f"sheet-sign-{state}")
            screen.page.evaluate("document.getElementById('sign').close()")
    assert {way: cut for way, cut in found.items() if cut} == {}
