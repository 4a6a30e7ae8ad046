"""The chain report: every link from collection to infusion, and what is missing."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chain_of_identity import documents, queries, services
from chain_of_identity.errors import WrongBag
from chain_of_identity.models import Container, Order, Party, Scan
from chain_of_identity.states import CONTAINER
from mes.accounts.models import Site, User
from mes.records.services import act
from tests.given import chain_of_identity as given
from tests.papers import words_of

pytestmark = pytest.mark.django_db


def codes(order: Order) -> list[str]:
    return [problem.code for problem in queries.chain_report(Order.objects.get(id=order.id)).problems]


@pytest.mark.req("R-127")
def test_a_finished_therapy_has_an_unbroken_and_closed_chain(site: Site) -> None:
    order = given.at_the_clinic(site)
    given.infused(order)
    report = queries.chain_report(Order.objects.get(id=order.id))
    assert report.problems == ()
    assert report.is_closed
    assert [(move.action, len(move.sources), len(move.targets)) for move in report.moves] == [
        ("Transfer", 1, 1),
        ("Fill", 1, 1),
    ]
    collected, infused = report.collections[0].container, report.infusions[0].container
    assert report.moves[0].sources == (collected.label,)
    assert report.moves[-1].targets == (infused.label,)


@pytest.mark.req("R-127")
def test_a_therapy_on_its_way_is_unbroken_but_not_closed(site: Site) -> None:
    report = queries.chain_report(given.received_order(site))
    assert (report.is_unbroken, report.is_closed) == (True, False)


@pytest.mark.req("R-127")
def test_a_container_that_came_from_nowhere_is_an_orphan(site: Site, olga: User) -> None:
    order = given.received_order(site)
    with act(olga, "tests.fill", site=site) as event:
        bag = Container.objects.create(
            order=order,
            label="ORPHAN",
            kind="bag",
            holds="intermediate",
            custody=Party.SITE,
            custodian=olga,
            made_at=timezone.now(),
        )
        CONTAINER.move(bag, "fill", event=event)
    assert codes(order) == ["orphan"]


@pytest.mark.req("R-127")
def test_after_a_finished_therapy_nothing_is_left_over(site: Site, clara: User, sven: User) -> None:
    order = given.received_order(site)
    services.cancel_order(actor=clara, order=order, reason="The patient withdrew consent.")
    assert codes(order) == ["no_final_disposition"]
    services.discard(actor=sven, container=given.bag_of(order), reason="The therapy was stopped.")
    assert codes(order) == []


@pytest.mark.req("R-127")
def test_a_transformation_without_containers_is_a_gap(site: Site, olga: User) -> None:
    order = given.received_order(site)
    with act(olga, "tests.transform", site=site):
        order.transformations.create(action="split", done_at=timezone.now(), done_by=olga)
    assert codes(order) == ["no_input_or_output"]


def test_an_offer_nobody_confirmed_becomes_an_open_custody(site: Site, clara: User) -> None:
    order = given.collected(site)
    given.given(clara, order, [given.bag_of(order)], Party.COURIER)
    assert codes(order) == []
    with time_machine.travel(timezone.now() + timedelta(minutes=31)):
        assert codes(order) == ["custody_open"]


def test_custody_that_no_hand_over_explains_is_a_gap(site: Site, olga: User) -> None:
    order = given.received_order(site)
    with act(olga, "tests.take", site=site):
        order.containers.update(custodian=olga)
    assert codes(order) == ["custody_gap"]


def test_custody_is_told_without_a_missing_minute(site: Site) -> None:
    order = given.received_order(site)
    segments = queries.chain_report(order).segments
    assert [segment.party for segment in segments] == ["Clinic", "Courier", "Manufacturing site"]
    assert [segment.until for segment in segments[:-1]] == [segment.since for segment in segments[1:]]
    assert segments[-1].until is None


def test_refused_scans_are_part_of_the_report(site: Site, olga: User) -> None:
    order, other = given.received_order(site), given.received_order(site)
    with pytest.raises(WrongBag):
        given.scan(olga, given.bag_of(other), order, Scan.Purpose.STEP)
    [refused] = queries.chain_report(order).refused_scans
    assert refused.code == given.bag_of(other).label


def test_reading_the_chain_costs_the_same_for_many_containers(site: Site, olga: User) -> None:
    order = given.received_order(site)
    bag = given.in_batch(order)
    with CaptureQueriesContext(
        connection,
    ) as few:
        queries.chain_report(order)
    services.transfer(
        actor=olga,
        action="split",
        sources=[bag],
        into=[services.Into(kind="bag", volume_ml=Decimal(10))] * 12,
        batch_id=bag.batch_id,
    )
    with CaptureQueriesContext(connection) as many:
        queries.chain_report(order)
    assert len(many) == len(few)


def test_the_report_prints_without_the_person(site: Site) -> None:
    order = given.at_the_clinic(site)
    given.infused(order)
    report = queries.chain_report(Order.objects.get(id=order.id))
    pdf = documents.chain_report_pdf(report)
    text = words_of(pdf)
    assert order.coi_id in text
    assert "unbroken from collection to infusion" in text
    assert "Muster" not in text
    assert {bag.label for bag in report.containers} <= set(text.split())
