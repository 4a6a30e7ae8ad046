"""Who reads German or French finds no English where an operator works: what stands there in both languages is data."""

import json
import re
from html.parser import HTMLParser

import pytest
from django.test import Client

from mes.accounts import services
from mes.accounts.models import User
from tests.pages.run_states import CHANGES, state

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.pages.urls")]

READ_ALOUD = {"aria-label", "placeholder", "title", "data-button"}
ALIKE = {
    "Badge",
    "Touches",
    "stop",
    "N/A (yes / no)",
    "Badge B-olga",
    "Bioreactor 1 BR-01",
    "Cell counter NC202-1",
    "Operator",
    "Exception",
    "Photo",
    "Baton",
    "PIN",
    "Deutsch",
    "English",
    "Français",
    "Alarm",
    "Alarme",
    "Problem",
    "Site",
    "Version",
}
VALUE = re.compile(r"[\W\d]*(\d\S* ?\S*|(Baton )?\d.*|\W*)")  # a number with its unit, a time, a sign


class Words(HTMLParser):
    """Every text and every label of a page, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.is_code = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.is_code = tag in ("script", "style")
        self.found += [value for name, value in attrs if name in READ_ALOUD and value]

    def handle_endtag(self, tag: str) -> None:
        self.is_code = False

    def handle_data(self, data: str) -> None:
        if not self.is_code and data.strip():
            self.found += re.split(r"\s*[·–:,]\s*", " ".join(data.split()))


def words_of(client: Client, address: str) -> list[str]:
    reader = Words()
    reader.feed(client.get(address).content.decode())
    return reader.found


def left_in_english(user: User, language: str, addresses: list[str], data: str) -> dict[str, list[str]]:
    client = Client()
    client.force_login(user, backend="mes.accounts.backend.SessionBackend")
    english = {address: words_of(client, address) for address in addresses}
    services.choose_language(actor=user, user=user, language=language)
    found = {address: set(words_of(client, address)) & set(english[address]) for address in addresses}
    left = {
        address: sorted(text for text in texts - ALIKE if not VALUE.fullmatch(text) and text.strip(".") not in data)
        for address, texts in found.items()
    }
    return {address: texts for address, texts in left.items() if texts}


@pytest.mark.parametrize("language", ["de", "fr"])
def test_no_state_of_the_run_screen_is_left_in_english(olga: User, language: str) -> None:
    addresses = [f"/states/{name}/" for name in CHANGES]
    written = json.dumps([state(name) for name in CHANGES], ensure_ascii=False)
    assert left_in_english(olga, language, addresses, written + olga.printed_name) == {}


@pytest.mark.parametrize("language", ["de", "fr"])
def test_home_alarms_wall_and_own_page_are_not_left_in_english(olga: User, language: str) -> None:
    addresses = ["/", "/me/", "/wall/", "/alarms/", "/no-network/"]
    assert left_in_english(olga, language, addresses, f"{olga.printed_name} Site Graz GRAZ") == {}
