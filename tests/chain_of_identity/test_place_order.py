"""Ordering a therapy: the chain-of-identity identifier is issued once and never changes."""

from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from chain_of_identity import isbt, services
from chain_of_identity.models import Order
from chain_of_identity.states import OrderStatus
from mes import clock
from mes.accounts.models import Site, User
from mes.errors import InvalidInput, NotPermitted, WrongState
from mes.records.services import act
from tests.given import chain_of_identity as given
from tests.given import people

pytestmark = pytest.mark.django_db


@pytest.mark.req("R-119", "R-120")
def test_issues_an_isbt_128_identifier_of_the_site(site: Site) -> None:
    order = given.order(site)
    assert isbt.chain_identifier(f"&/{order.coi_id}") == order.coi_id
    assert order.coi_id.startswith(f"CHA9999{clock.now(site):%y}")
    assert order.short == f"{order.coi_id[-6:-3]}-{order.coi_id[-3:]}"


@pytest.mark.req("R-125")
def test_the_identifier_does_not_tell_who_it_is(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, ...]] = []

    def draw(*, facility: str, year: int, personal: tuple[str, ...]) -> str:
        asked.append(personal)
        return f"CH{facility}{year % 100}CCFYRC"

    monkeypatch.setattr("chain_of_identity.services.orders.draw_chain_identifier", draw)
    services.place_order(
        actor=people.persona(site, "clara"),
        patient=given.patient(site, name="Wynn Fyt"),
        product_code="CART-A",
        weight_kg=Decimal(70),
        physician="Dr. R. Moser",
        clinic="St. Anna",
    )
    [[name, number, birth_date]] = asked
    assert (name, birth_date) == ("Wynn Fyt", "1961-03-07")
    assert number.startswith("H")


@pytest.mark.req("R-119")
def test_no_two_orders_share_what_people_say(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = given.order(site).coi_id
    drawn = iter([taken, taken[:-1] + ("C" if taken[-1] != "C" else "D")])
    monkeypatch.setattr("chain_of_identity.services.orders.draw_chain_identifier", lambda **_facts: next(drawn))
    assert given.order(site).coi_id != taken


@pytest.mark.req("R-119")
def test_the_database_keeps_the_identifier_as_issued(site: Site, clara: User) -> None:
    order = given.order(site)
    with (
        pytest.raises(DatabaseError, match="Cannot update"),
        transaction.atomic(),
        act(clara, "tests.change", site=site),
    ):
        Order.objects.filter(id=order.id).update(coi_id="CHA999926CCCCCC")


def test_the_database_refuses_an_identifier_of_another_form(site: Site, clara: User) -> None:
    order = given.order(site)
    copy = Order(site=site, patient=order.patient, coi_id="CXA999926CCCCCC", weight_kg=70, placed_at=order.placed_at)
    with pytest.raises(IntegrityError, match="coi_id_is_isbt_128"), act(clara, "tests.insert", site=site):
        copy.save(force_insert=True)


@pytest.mark.parametrize("weight", ["0", "-1"])
def test_refuses_a_patient_without_weight(site: Site, clara: User, weight: str) -> None:
    with pytest.raises(InvalidInput, match="weight"):
        services.place_order(
            actor=clara,
            patient=given.patient(site),
            product_code="CART-A",
            weight_kg=Decimal(weight),
            physician="Dr. R. Moser",
            clinic="St. Anna",
        )


def test_an_order_is_cancelled_with_a_reason(site: Site, clara: User) -> None:
    order = given.order(site)
    with pytest.raises(InvalidInput, match="reason"):
        services.cancel_order(actor=clara, order=order, reason=" ")
    services.cancel_order(actor=clara, order=order, reason="The patient withdrew consent.")
    assert Order.objects.get(id=order.id).status == OrderStatus.CANCELLED


def test_a_cancelled_order_gets_no_more_labels(site: Site, clara: User) -> None:
    order = given.order(site)
    services.cancel_order(actor=clara, order=order, reason="The patient withdrew consent.")
    with pytest.raises(WrongState):
        given.labelled_bag(order)


def test_the_planner_cancels_nothing(site: Site, ines: User) -> None:
    with pytest.raises(NotPermitted):
        services.cancel_order(actor=ines, order=given.order(site), reason="No slot.")


def test_consent_may_come_later(site: Site, clara: User) -> None:
    order = given.order(site, consented=False)
    services.record_consent(actor=clara, order=order, consent_at=clock.now(site))
    assert Order.objects.get(id=order.id).consent_at is not None
