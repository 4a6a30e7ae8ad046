"""A lot leaves quarantine by a signature, and not by the hand that took it in."""

import pytest

from materials import services
from materials.errors import LotOutOfDate
from mes.accounts.models import Site, User
from mes.errors import InvalidInput, NotPermitted, SignatureRefused, WrongState
from mes.records.queries import is_signed, signatures_of
from tests.given import materials as given
from tests.given.people import signer

pytestmark = pytest.mark.django_db


def test_a_released_lot_carries_the_signature(site: Site, quinn: User) -> None:
    lot = given.quarantined_lot(site, "TEXMACS")

    services.release_lot(actor=quinn, lot=lot, signer=signer(quinn, "released"))

    lot.refresh_from_db()
    assert lot.status == "released"
    assert is_signed(lot, "released")
    assert signatures_of(lot).get().printed_name == quinn.printed_name


def test_use_does_not_break_the_signature(site: Site, olga: User) -> None:
    lot = given.released_lot(site, "TEXMACS")

    given.used(lot, by=olga, quantity="100", unit="mL")

    lot.refresh_from_db()
    assert is_signed(lot, "released")


def test_refuses_the_person_who_received_it(site: Site, sven: User, quinn: User) -> None:
    lot = given.quarantined_lot(site, "TEXMACS", receiver=sven)

    with pytest.raises(NotPermitted, match="their own work"):
        services.release_lot(actor=quinn, lot=lot, signer=signer(sven, "released"))


def test_refuses_a_person_without_the_right(site: Site, logan: User, quinn: User) -> None:
    lot = given.quarantined_lot(site, "TEXMACS")

    with pytest.raises(NotPermitted, match=r"materials\.release"):
        services.release_lot(actor=logan, lot=lot, signer=signer(quinn, "released"))


def test_refuses_a_signature_given_for_something_else(site: Site, quinn: User) -> None:
    lot = given.quarantined_lot(site, "TEXMACS")

    with pytest.raises(SignatureRefused):
        services.release_lot(actor=quinn, lot=lot, signer=signer(quinn, "reviewed"))


def test_refuses_a_lot_that_expired_in_quarantine(site: Site, quinn: User) -> None:
    lot = given.quarantined_lot(site, "TEXMACS", days=1)

    with given.days_later(2), pytest.raises(LotOutOfDate):
        services.release_lot(actor=quinn, lot=lot, signer=signer(quinn, "released"))


def test_releases_only_once(site: Site, quinn: User) -> None:
    lot = given.released_lot(site, "TEXMACS")

    with pytest.raises(WrongState):
        services.release_lot(actor=quinn, lot=lot, signer=signer(quinn, "released"))


def test_a_rejected_lot_never_comes_back(site: Site, quinn: User) -> None:
    lot = given.quarantined_lot(site, "TEXMACS")
    services.reject_lot(actor=quinn, lot=lot, reason="Thawed in transit")

    with pytest.raises(WrongState):
        services.release_lot(actor=quinn, lot=lot, signer=signer(quinn, "released"))


def test_rejection_needs_a_reason(site: Site, quinn: User) -> None:
    lot = given.quarantined_lot(site, "TEXMACS")

    with pytest.raises(InvalidInput, match="reason"):
        services.reject_lot(actor=quinn, lot=lot, reason=" ")


def test_a_released_lot_can_be_recalled(site: Site, quinn: User) -> None:
    lot = given.released_lot(site, "TEXMACS")

    services.recall_lot(actor=quinn, lot=lot, reason="Supplier notice 44")

    lot.refresh_from_db()
    assert lot.status == "rejected"
