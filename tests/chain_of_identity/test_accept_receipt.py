"""Receipt: identity, shipper, logger, bag; decided by signature."""

from typing import Any

import pytest

from chain_of_identity import queries, services
from chain_of_identity.errors import WrongBag
from chain_of_identity.models import Order, Receipt, Scan
from chain_of_identity.states import ReleaseStatus
from mes.accounts.models import Site, User
from mes.errors import Blocked, InvalidInput, NotPermitted
from mes.records.queries import is_signed
from tests.given import chain_of_identity as given
from tests.given.people import signer

pytestmark = pytest.mark.django_db


def receive(order: Order, by: User, **changes: Any) -> Receipt:
    facts: dict[str, Any] = {
        "scans": [given.scan(by, given.bag_of(order), order, Scan.Purpose.RECEIPT)],
        "identity_ok": True,
        "shipper_ok": True,
        "logger_ok": True,
        "bag_ok": True,
        "accepted": True,
        "signer": signer(by, "received", site=order.site),
        "place": "Refrigerator 2",
    }
    return services.accept_receipt(actor=by, order=order, **(facts | changes))


def test_accepted_material_is_ready_for_manufacturing(site: Site, logan: User) -> None:
    order = given.delivered_order(site)
    assert [reason.code for reason in queries.reasons_not_ready(order)] == ["material_not_accepted"]
    receipt = receive(order, logan)
    bag = given.bag_of(order)
    assert (bag.release_status, bag.place) == (ReleaseStatus.ACCEPTED, "Refrigerator 2")
    assert queries.reasons_not_ready(order) == []
    assert is_signed(receipt, "received")


@pytest.mark.req("R-126")
def test_the_bag_of_another_patient_is_not_received(site: Site, logan: User) -> None:
    order, other = given.delivered_order(site), given.delivered_order(site)
    with pytest.raises(WrongBag):
        given.scan(logan, given.bag_of(other), order, Scan.Purpose.RECEIPT)
    assert given.bag_of(order).release_status == ReleaseStatus.QUARANTINED


def test_rejected_material_never_becomes_ready(site: Site, logan: User) -> None:
    order = given.delivered_order(site)
    receive(order, logan, bag_ok=False, accepted=False, note="The bag leaks.")
    assert given.bag_of(order).release_status == ReleaseStatus.REJECTED
    with pytest.raises(Blocked) as refusal:
        receive(order, logan)
    assert refusal.value.details["reasons"][0]["code"] == "inspected_already"


@pytest.mark.parametrize(
    "wrong",
    [{"identity_ok": False, "note": "Label unreadable."}, {"logger_ok": False}, {"accepted": False}, {"scans": []}],
    ids=["identity", "unexplained logger", "unexplained rejection", "no bag"],
)
def test_refuses_a_decision_nobody_can_follow(site: Site, logan: User, wrong: dict[str, Any]) -> None:
    order = given.delivered_order(site)
    with pytest.raises(InvalidInput):
        receive(order, logan, **wrong)
    assert not order.receipts.exists()


def test_an_excursion_may_be_accepted_with_its_explanation(site: Site, logan: User) -> None:
    order = given.delivered_order(site)
    assert receive(order, logan, logger_ok=False, note="8 minutes at 9 °C, within stability data.").accepted


def test_material_still_with_the_courier_is_not_received(site: Site, clara: User, kurt: User, logan: User) -> None:
    order = given.collected(site)
    given.taken(kurt, given.given(clara, order, [given.bag_of(order)], "courier"))
    with pytest.raises(Blocked) as refusal:
        receive(order, logan)
    assert refusal.value.details["reasons"][0]["code"] == "custody_open"


def test_the_courier_does_not_inspect(site: Site, kurt: User) -> None:
    order = given.delivered_order(site)
    with pytest.raises(NotPermitted):
        receive(order, kurt)


def test_an_order_waits_for_consent_and_material(site: Site, clara: User) -> None:
    order = given.order(site, consented=False)
    codes = [reason.code for reason in queries.reasons_not_ready(order)]
    assert codes == ["no_consent", "material_not_accepted"]
    services.cancel_order(actor=clara, order=order, reason="The patient has recovered.")
    order.refresh_from_db()
    assert queries.reasons_not_ready(order)[0].code == "order_not_active"
