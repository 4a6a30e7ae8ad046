"""Who reads German or French finds no English where an operator works: what stands there in both languages is data."""

import json
import re
from html.parser import HTMLParser

import pytest
from django.test import Client

from batches import services as batches
from batches.models import Batch, BatchException, Deviation, Redline, Step
from mes.accounts import services
from mes.accounts.models import Site, User
from tests.given import batches as given
from tests.given import people
from tests.given.world import a_world
from tests.pages.run_states import CHANGES, state

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.pages.urls")]

READ_ALOUD = {"aria-label", "placeholder", "title", "data-button"}
ALIKE = {
    "Badge",
    "Touches",
    "stop",
    "Badge B-olga",
    "Bioreactor 1 BR-01",
    "Cell counter NC202-1",
    "Operator",
    "Exception",
    "Exceptions",
    "Messages",
    "Version 1",
    "SHORT version 1",
    "suite S1",
    "Photo",
    "Minus",
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
WRITTEN = ("Sven Supervisor", "Olga Operator", "The bag looks clumped.", "The label cannot be read", "SHORT v1")
TOLD = ("Move the bag to INC-4, scan both.", "My signature binds me.", "Batch stopped", "Dr. R. Moser")
SENT = "Manufacture started → The clinic's system (Webhook)"
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
def test_supervisors_view_batch_and_policy_are_not_left_in_english(
    site: Site, sven: User, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exceptions, additions and reasons are shown as they were recorded."""
    monkeypatch.setattr("qc_release.queries.manufacture.unsealed_events", lambda _: 0)
    batch = Batch.objects.get(pk=a_world(site)["batch_id"])
    ended = given.running_batch(site)
    signer = people.signer(sven, "commanded", site=site)
    ended = batches.command_batch(actor=sven, batch=ended, name="STOP", reason="Leak", signer=signer)
    addresses = ["/floor/", *(f"/batches/{each.pk}/" for each in (batch, ended)), "/me/signature-policy/"]
    told = [*Step.objects.all(), *BatchException.objects.all(), *Deviation.objects.all(), *Redline.objects.all()]
    words = [
        *(str(each) for each in told),
        *WRITTEN,
        *TOLD,
        SENT,
        batch.number,
        batch.coi_id,
        ended.number,
        ended.coi_id,
        batch.order.short,
    ]
    data = json.dumps([batch.control_recipe, words], ensure_ascii=False)
    assert left_in_english(sven, language, addresses, data) == {}


@pytest.mark.parametrize("language", ["de", "fr"])
def test_home_alarms_wall_and_own_page_are_not_left_in_english(olga: User, language: str) -> None:
    addresses = ["/", "/me/", "/wall/", "/alarms/", "/no-network/"]
    assert left_in_english(olga, language, addresses, f"{olga.printed_name} Site Graz GRAZ") == {}
