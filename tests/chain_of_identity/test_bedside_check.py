"""At the bed: two people, two identifiers, released product."""

from typing import Any

import pytest

from chain_of_identity import services
from chain_of_identity.errors import NotReleased, WrongBag, WrongPatient
from chain_of_identity.models import BedsideCheck, Order, Scan
from mes.accounts.models import Site, User
from mes.errors import Conflict, NotPermitted
from mes.records.models import Event, SecurityEvent
from mes.records.queries import is_signed
from tests.given import chain_of_identity as given
from tests.given.people import signer

pytestmark = pytest.mark.django_db

BEDSIDE, WRISTBAND = Scan.Purpose.BEDSIDE, Scan.Purpose.WRISTBAND


def check(order: Order, first: User, second: User, **changes: Any) -> BedsideCheck:
    facts: dict[str, Any] = {
        "bag": given.scan(first, given.product_of(order)[0], order, BEDSIDE),
        "wristband": given.scan(first, f"&/{order.coi_id}", order, WRISTBAND),
        "second_identifier": "1961",
        "signer": signer(first, "performed", site=order.site),
        "verifier": signer(second, "verified", site=order.site),
    }
    return services.bedside_check(**(facts | changes))


@pytest.mark.req("R-126")
def test_two_people_find_that_bag_and_patient_belong_together(site: Site, clara: User, carlos: User) -> None:
    done = check(given.at_the_clinic(site), clara, carlos)
    assert (done.first, done.second) == (clara, carlos)
    assert is_signed(done, "performed")
    assert is_signed(done, "verified")


def test_one_person_is_not_two(site: Site, clara: User) -> None:
    order = given.at_the_clinic(site)
    with pytest.raises(NotPermitted, match="two people"):
        check(order, clara, clara)


def test_the_second_person_works_at_the_clinic_too(site: Site, clara: User, olga: User) -> None:
    order = given.at_the_clinic(site)
    with pytest.raises(NotPermitted):
        check(order, clara, olga)


@pytest.mark.req("R-126")
def test_another_year_of_birth_stops_and_stays_recorded(site: Site, clara: User, carlos: User) -> None:
    order = given.at_the_clinic(site)
    with pytest.raises(WrongPatient, match="year of birth"):
        check(order, clara, carlos, second_identifier="1962")
    assert Event.objects.get(action="chain_of_identity.wrong_patient").data == {"said": "1962"}
    assert SecurityEvent.objects.filter(kind="wrong_patient", user_id=clara.id).exists()
    assert not BedsideCheck.objects.exists()


@pytest.mark.req("R-126")
def test_the_bag_of_another_patient_does_not_pass(site: Site, clara: User) -> None:
    order, other = given.at_the_clinic(site), given.at_the_clinic(site)
    with pytest.raises(WrongBag):
        given.scan(clara, given.product_of(other)[0], order, BEDSIDE)


@pytest.mark.req("R-126")
def test_the_scans_of_another_patient_do_not_serve(site: Site, clara: User, carlos: User) -> None:
    order, other = given.at_the_clinic(site), given.at_the_clinic(site)
    with pytest.raises(Conflict):
        check(order, clara, carlos, wristband=given.scan(clara, f"&/{other.coi_id}", other, WRISTBAND))


@pytest.mark.req("R-165")
def test_a_release_withdrawn_after_the_scan_stops_the_check(site: Site, clara: User, carlos: User, quinn: User) -> None:
    order = given.at_the_clinic(site)
    [bag] = given.product_of(order)
    scan = given.scan(clara, bag, order, BEDSIDE)
    assert bag.batch_id is not None
    services.set_release_status(actor=quinn, order=order, batch_id=bag.batch_id, status="quarantined")
    with pytest.raises(NotReleased):
        check(order, clara, carlos, bag=scan)


def test_what_the_clinic_has_not_received_is_not_given(site: Site, clara: User, carlos: User) -> None:
    order = given.released_order(site)
    with pytest.raises(Conflict, match="not received"):
        check(order, clara, carlos)


def test_a_scan_of_the_bag_is_not_a_scan_of_the_wristband(site: Site, clara: User, carlos: User) -> None:
    order = given.at_the_clinic(site)
    bag = given.scan(clara, given.product_of(order)[0], order, BEDSIDE)
    with pytest.raises(Conflict):
        check(order, clara, carlos, bag=bag, wristband=bag)
