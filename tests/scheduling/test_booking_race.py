"""Two hundred requests for forty places, all at once: forty get one, nobody shares."""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from chain_of_identity import services as identity
from chain_of_identity.models import Order
from mes.accounts.models import Site, User
from mes.errors import Conflict
from scheduling import services
from scheduling.errors import SlotTaken, UnitTaken
from scheduling.models import Slot, UnitBooking
from scheduling.states import SlotStatus
from tests.given import chain_of_identity, people
from tests.given import scheduling as given

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.req("R-192")]

REQUESTS = 200
HANDS = 20


def all_at_once(act: Callable[[Any], str], wanted: Sequence[Any]) -> Counter[str]:
    """Every request from its own thread with its own connection; the hands start together."""
    barrier = Barrier(HANDS)

    def worker(mine: Sequence[Any]) -> list[str]:
        try:
            barrier.wait()
            return [act(each) for each in mine]
        finally:
            connection.close()

    with ThreadPoolExecutor(HANDS) as pool:
        outcomes = pool.map(worker, [wanted[hand::HANDS] for hand in range(HANDS)])
    return Counter(outcome for mine in outcomes for outcome in mine)


def many_orders(site: Site, count: int) -> list[Order]:
    given.therapy(site)
    patient = chain_of_identity.patient(site)
    clara = people.persona(site, "clara")
    return [
        identity.place_order(
            actor=clara,
            patient=patient,
            product_code="CART-A",
            weight_kg=Decimal(70),
            physician="Dr. R. Moser",
            clinic="St. Anna",
            consent_at=None,
        )
        for _ in range(count)
    ]


def test_two_hundred_requests_take_forty_slots_once_each(site: Site, ines: User) -> Any:
    suites = [given.suite(site, f"S{number}", capacity=5) for number in range(4)]
    first = given.in_days(site, 5)
    starts = [first, first + timedelta(days=given.DAYS)]
    places = [(suite, start) for suite in suites for start in starts]
    wanted = [(order, *places[n % len(places)]) for n, order in enumerate(many_orders(site, REQUESTS))]

    def hold(request: Any) -> str:
        order, suite, start = request
        try:
            services.hold_slot(actor=ines, order=order, suite=suite, start=start)
        except SlotTaken:
            return "refused"
        return "held"

    assert all_at_once(hold, wanted) == {"held": 40, "refused": 160}
    taken = Slot.objects.filter(status=SlotStatus.HELD)
    assert Counter(taken.values_list("suite__code", "lane", "window").distinct()).total() == 40


def test_an_order_asked_for_many_times_gets_one_slot(site: Site, ines: User) -> Any:
    order = given.order(site)
    suites = [given.suite(site, f"S{number}") for number in range(HANDS)]
    start = given.in_days(site, 5)

    def hold(suite: Any) -> str:
        try:
            services.hold_slot(actor=ines, order=order, suite=suite, start=start)
        except Conflict:
            return "refused"
        return "held"

    assert all_at_once(hold, suites) == {"held": 1, "refused": HANDS - 1}


def test_twenty_slots_that_overlap_share_no_unit(site: Site, ines: User, unit: Any) -> Any:
    start = given.in_days(site, 5)
    given.suite(site, "WIDE", capacity=HANDS)
    slots = [
        services.hold_slot(actor=ines, order=order, suite=given.suite(site, "WIDE"), start=start)
        for order in many_orders(site, HANDS)
    ]

    def book(slot: Any) -> str:
        try:
            services.book_unit(actor=ines, slot=slot, unit=unit)
        except UnitTaken:
            return "refused"
        return "bound"

    assert all_at_once(book, slots) == {"bound": 1, "refused": HANDS - 1}
    assert UnitBooking.objects.filter(active=True).count() == 1
