"""The pages: receive, look, release; refusals are shown where they happen."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from materials.models import Lot
from mes.accounts.models import Site, User
from tests.given import materials as given
from tests.given.people import PASSWORD

pytestmark = pytest.mark.django_db


def browser(user: Any) -> Client:
    client = Client()
    client.force_login(user, backend="mes.accounts.backend.SessionBackend")
    return client


def typed(material: Any, **changes: Any) -> Any:
    facts = {"material": material.pk, "number": "TX-1", "quantity": "20", "expires_on": "2099-12-31"}
    return facts | changes


def test_a_delivery_typed_in_is_in_quarantine(site: Site, logan: User) -> None:
    answer = browser(logan).post(reverse("materials:receive"), typed(given.material(site, "TEXMACS")), follow=True)

    lot = Lot.objects.get()
    assert (lot.number, lot.quantity, lot.unit) == ("TX-1", Decimal(20), "L")
    assert answer.redirect_chain == [(reverse("materials:lot", args=[lot.id]), 302)]
    assert "Quarantined" in answer.content.decode()


def test_the_expiry_date_is_the_end_of_that_day_at_the_site(site: Site, logan: User) -> None:
    browser(logan).post(reverse("materials:receive"), typed(given.material(site, "TEXMACS")))

    assert Lot.objects.get().expires_at.isoformat() == "2099-12-31T22:59:59+00:00"


def test_a_vector_needs_its_titre(site: Site, logan: User) -> None:
    page = browser(logan).post(reverse("materials:receive"), typed(given.material(site, "VEC-CD20")))

    assert "received with its titre" in page.content.decode()
    assert not Lot.objects.exists()


def test_a_refused_delivery_keeps_what_was_typed(site: Site, logan: User) -> None:
    facts = typed(given.material(site, "TEXMACS"), expires_on="2020-01-01")

    page = browser(logan).post(reverse("materials:receive"), facts)

    assert page.status_code == 400
    assert "already expired" in page.content.decode()
    assert 'value="TX-1"' in page.content.decode()


def test_quality_releases_with_a_signature(site: Site, quinn: User) -> None:
    lot = given.quarantined_lot(site, "TEXMACS")
    quality = browser(quinn)
    assert "Release lot" in quality.get(reverse("materials:lot", args=[lot.id])).content.decode()

    quality.post(reverse("materials:release", args=[lot.id]), {"username": "quinn", "password": PASSWORD})

    lot.refresh_from_db()
    assert lot.status == "released"


def test_whoever_received_it_sees_no_release(site: Site, sven: User) -> None:
    lot = given.quarantined_lot(site, "TEXMACS", receiver=sven)

    page = browser(sven).get(reverse("materials:lot", args=[lot.id])).content.decode()

    assert "Release lot" not in page
    assert "Whoever received it cannot" in page


def test_a_refused_signature_is_told_on_the_page(site: Site, quinn: User) -> None:
    lot = given.quarantined_lot(site, "TEXMACS")

    page = browser(quinn).post(reverse("materials:release", args=[lot.id]), {"username": "quinn", "password": "wrong"})

    assert page.status_code == 401
    assert "not right" in page.content.decode()


def test_a_released_lot_is_recalled_with_a_reason(site: Site, quinn: User) -> None:
    lot = given.released_lot(site, "TEXMACS")

    browser(quinn).post(reverse("materials:withdraw", args=[lot.id]), {"reason": "Supplier notice 44"})

    lot.refresh_from_db()
    assert lot.status == "rejected"


def test_the_list_finds_a_scanned_label_and_says_when_there_is_none(site: Site, olga: User) -> None:
    lot = given.released_lot(site, "TEXMACS")
    operator = browser(olga)

    assert lot.number in operator.get(reverse("materials:lots"), {"q": lot.barcode}).content.decode()
    assert "No lot fits" in operator.get(reverse("materials:lots"), {"q": "nothing"}).content.decode()


def test_a_lot_shows_the_batches_it_went_into(site: Site, olga: User) -> None:
    lot = given.released_lot(site, "TEXMACS")
    use = given.used(lot, by=olga)

    page = browser(olga).get(reverse("materials:lot", args=[lot.id])).content.decode()

    assert str(use.batch_id) in page


def test_quality_sees_what_waits_for_release_on_its_home(site: Site, quinn: User) -> None:
    lot = given.quarantined_lot(site, "TEXMACS")

    assert lot.number in browser(quinn).get(reverse("pages:home")).content.decode()


@pytest.mark.parametrize("name", ["lots", "receive"])
def test_a_stranger_sees_nothing(site: Site, sam: User, name: Any) -> None:
    assert browser(sam).get(reverse(f"materials:{name}")).status_code == 403
