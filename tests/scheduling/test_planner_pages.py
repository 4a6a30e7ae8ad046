"""The planner's pages: looking is safe, every bar is a link in words, every act is a form."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from mes.accounts.models import Site, User
from scheduling.models import Slot
from tests.given import recipes
from tests.given import scheduling as given

pytestmark = pytest.mark.django_db


def browser(user: Any) -> Client:
    client = Client()
    client.force_login(user, backend="mes.accounts.backend.SessionBackend")
    return client


def text_of(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def typed(slot: Any, start: Any, **more: Any) -> Any:
    return {"suite": slot.suite.code, "start": start.strftime("%Y-%m-%dT%H:%M")} | more


def test_a_bar_says_order_batch_and_state_and_leads_to_its_slot(site: Site, ines: User) -> None:
    slot = given.confirmed_slot(given.order(site), days=2)

    page = browser(ines).get(reverse("scheduling:board"))

    assert reverse("scheduling:slot", args=[slot.pk]) in page.content.decode()
    assert slot.batch
    assert f"{slot.order.short} {slot.batch.number} Confirmed" in text_of(page)


def test_the_board_opens_view_only(site: Site, ines: User) -> None:
    given.held_slot(given.order(site), days=2)

    page = browser(ines).get(reverse("scheduling:board")).content.decode()

    assert "View only" in page
    assert "<form" not in page.split("<main")[1]


def test_the_capacity_row_counts_places_taken(site: Site, ines: User) -> None:
    given.held_slot(given.order(site), days=1)
    given.suite(site, "SUITE-2")

    page = text_of(browser(ines).get(reverse("scheduling:board")))

    assert "1/2" in page
    assert "0/2" in page


def test_the_first_column_is_the_day_the_heading_names(site: Site, ines: User) -> None:
    given.suite(site)

    page = text_of(browser(ines).get(reverse("scheduling:board"), {"scale": "month", "from": "2026-11-23"}))

    assert "23 Nov 2026 to 20 Dec 2026" in page
    assert "Places taken Mon 23 Nov" in page
    assert "Sun 20 0/1" in page


def test_a_bar_covers_the_days_of_its_slot(site: Site, ines: User) -> None:
    given.held_slot(given.order(site), days=1)
    page = browser(ines).get(reverse("scheduling:board"), {"scale": "month"}).content.decode()

    span = re.search(r'class="bar bar-hold" data-column="\d+" data-span="(\d+)"', page)
    assert span
    assert int(span[1]) in (given.DAYS, given.DAYS + 1)


@pytest.mark.parametrize("scale", ["week", "month", "quarter", "nonsense"])
def test_every_scale_shows(site: Site, ines: User, scale: Any) -> None:
    given.held_slot(given.order(site), days=1)

    assert browser(ines).get(reverse("scheduling:board"), {"scale": scale}).status_code == 200


def test_an_empty_site_says_what_to_do(site: Site, ines: User) -> None:
    page = text_of(browser(ines).get(reverse("scheduling:board")))

    assert "No suites yet" in page
    assert "Nobody waits" in page


def test_a_waiting_order_is_two_clicks_from_its_slot(site: Site, ines: User) -> None:
    order, planner = given.order(site), browser(ines)
    given.suite(site)
    address = reverse("scheduling:hold", args=[order.pk])
    assert address in planner.get(reverse("scheduling:board")).content.decode()
    assert "SUITE-1" in planner.get(address).content.decode()

    start = (given.in_days(site, 5)).strftime("%Y-%m-%dT%H:%M")
    planner.post(address, {"suite": "SUITE-1", "start": start})

    assert Slot.objects.get().order == order


def test_a_taken_place_is_told_on_the_page(site: Site, ines: User) -> None:
    taken = given.held_slot(given.order(site))
    order = given.order(site)

    page = browser(ines).post(reverse("scheduling:hold", args=[order.pk]), typed(taken, given.in_days(site, 6)))

    assert page.status_code == 409
    assert "no free place" in text_of(page)


def test_a_hold_is_confirmed_by_a_button(site: Site, ines: User) -> None:
    recipes.effective_recipe(site, "CART-A")
    slot = given.held_slot(given.order(site))

    page = browser(ines).post(reverse("scheduling:confirm", args=[slot.pk]), follow=True)

    slot.refresh_from_db()
    assert slot.batch
    assert slot.batch.number in text_of(page)


def test_a_preview_writes_nothing_and_tells_the_way_out(site: Site, ines: User) -> None:
    given.held_slot(given.order(site), days=5)
    slot = given.held_slot(given.order(site), days=20)

    page = browser(ines).post(
        reverse("scheduling:move", args=[slot.pk]), typed(slot, given.in_days(site, 6), preview="1"), follow=True
    )

    assert "Not possible" in text_of(page)
    assert "Try instead" in text_of(page)
    slot.refresh_from_db()
    assert slot.version == 1


def test_a_move_is_done_by_the_form_in_the_time_of_the_site(site: Site, ines: User) -> None:
    slot = given.held_slot(given.order(site), days=5)
    vienna = (slot.window.lower + timedelta(days=3)).replace(minute=0, second=0, microsecond=0)

    browser(ines).post(
        reverse("scheduling:move", args=[slot.pk]), typed(slot, vienna + timedelta(hours=1), reason="Late")
    )

    slot.refresh_from_db()
    assert slot.window.lower in (vienna, vienna - timedelta(hours=1))  # winter, summer


def test_a_move_without_reason_is_asked_for_one(site: Site, ines: User) -> None:
    slot = given.held_slot(given.order(site))

    page = browser(ines).post(reverse("scheduling:move", args=[slot.pk]), typed(slot, given.in_days(site, 8)))

    assert "This field is required" in text_of(page)


def test_a_slot_is_given_back_by_a_button(site: Site, ines: User) -> None:
    slot = given.held_slot(given.order(site))

    browser(ines).post(reverse("scheduling:release", args=[slot.pk]), {"reason": ""})

    slot.refresh_from_db()
    assert slot.status == "released"


def test_who_only_looks_is_offered_no_act(site: Site, clara: User) -> None:
    slot = given.held_slot(given.order(site))

    page = text_of(browser(clara).get(reverse("scheduling:slot", args=[slot.pk])))

    assert "Confirm slot" not in page
    assert "Move and notify" not in page


def test_the_list_shows_what_is_gone_too(site: Site, ines: User) -> None:
    slot = given.held_slot(given.order(site))
    planner = browser(ines)
    planner.post(reverse("scheduling:release", args=[slot.pk]), {"reason": ""})

    assert slot.order.short in text_of(planner.get(reverse("scheduling:slots")))
    assert "No slots here" in text_of(planner.get(reverse("scheduling:slots"), {"status": "held"}))


def test_the_homes_show_holds_orders_and_news(site: Site, ines: User, clara: User) -> None:
    slot, waiting = given.confirmed_slot(given.order(site)), given.order(site)
    planner = browser(ines)
    planner.post(
        reverse("scheduling:move", args=[slot.pk]), typed(slot, given.in_days(site, 9), reason="Apheresis late")
    )

    assert waiting.short in text_of(planner.get(reverse("pages:home")))
    assert "Apheresis late" in text_of(browser(clara).get(reverse("pages:home")))


def test_a_stranger_sees_nothing(site: Site, sam: User) -> None:
    assert browser(sam).get(reverse("scheduling:board")).status_code == 403
