"""Command cards: what is printed is what the tablet obeys."""

import re
from pathlib import Path

import pytest
from django.test import Client

from batches.command_cards import CARDS
from mes.accounts.models import User

SCRIPT = Path(__file__).resolve().parents[2] / "static" / "js" / "cards.js"


def test_the_tablet_obeys_the_printed_cards_and_no_other() -> None:
    assert set(re.findall(r'"(CMD:[A-Z]+)":', SCRIPT.read_text())) == {card.code for card in CARDS}


@pytest.mark.django_db
def test_the_cards_are_on_a_page_to_print(client: Client, olga: User) -> None:
    client.force_login(olga, backend="mes.accounts.backend.SessionBackend")
    page = client.get("/command-cards/").content.decode()
    assert [card.code for card in CARDS if f"<title>{card.code}</title>" not in page] == []
