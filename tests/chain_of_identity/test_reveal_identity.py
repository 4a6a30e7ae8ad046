"""The vault opens for those who need it, and every look leaves an event."""

from datetime import date
from typing import Any

import pytest

from chain_of_identity import services
from chain_of_identity.vault import PersonalData
from mes.accounts.models import Site, User
from mes.errors import InvalidInput, NotPermitted
from mes.records.models import Event
from tests.given import chain_of_identity as given
from tests.given.people import client_of, persona

pytestmark = pytest.mark.django_db

REASON = "Call the ward about the infusion."


@pytest.mark.req("R-043")
def test_a_look_into_the_vault_is_an_event_with_its_reason(site: Site, clara: User) -> None:
    order = given.order(site)
    person = services.reveal_identity(actor=clara, order=order, reason=REASON)
    assert isinstance(person, PersonalData)
    assert (person.name, person.birth_date) == ("Ana Muster", date(1961, 3, 7))
    event = Event.objects.get(action="chain_of_identity.reveal_identity")
    assert (event.actor_id, event.reason, event.subject_id) == (clara.id, REASON, order.id)


@pytest.mark.req("R-043")
def test_every_look_is_its_own_event(site: Site, clara: User) -> None:
    order = given.order(site)
    for _ in range(2):
        services.reveal_identity(actor=clara, order=order, reason=REASON)
    assert Event.objects.filter(action="chain_of_identity.reveal_identity").count() == 2


@pytest.mark.req("R-043")
@pytest.mark.parametrize("name", ["olga", "vera", "sven", "quinn", "petra", "carl", "ines", "logan", "kurt", "anna"])
def test_nobody_else_opens_it(site: Site, name: str) -> None:
    order = given.order(site)
    with pytest.raises(NotPermitted):
        services.reveal_identity(actor=persona(site, name), order=order, reason=REASON)
    assert not Event.objects.filter(action="chain_of_identity.reveal_identity").exists()


def test_a_look_needs_a_reason(site: Site, clara: User) -> None:
    with pytest.raises(InvalidInput):
        services.reveal_identity(actor=clara, order=given.order(site), reason=" ")


@pytest.mark.req("R-043")
def test_no_answer_of_the_api_holds_the_person(site: Site, olga: User) -> None:
    order = given.received_order(site)
    client = client_of(olga)
    calls = ("orders", f"orders/{order.id}", *(f"orders/{order.id}/{each}" for each in PARTS), "handovers")
    for call in calls:
        response = client.get(f"/api/v1/{call}")
        assert response.status_code == 200, call
        assert not tells(response.content.decode()), call


PARTS = ("containers", "scans", "journey", "chain-report")


def tells(text: str) -> list[Any]:
    return [each for each in ("Muster", "1961-03-07", "hospital") if each in text]
