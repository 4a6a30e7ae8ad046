"""A page with scan fields takes what a scanner types: its prefix, the code, and Enter that must not send the form."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from mes.accounts.models import Site
from tests.given import chain_of_identity as given
from tests.given.people import persona
from tests.pages.conftest import Screen

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("size", ["landscape"], indirect=True)
def test_scans_land_where_they_belong(new_screen: Callable[..., Screen], site: Site) -> None:
    order = given.collected(site)
    bag = given.bag_of(order).label
    page = new_screen(persona(site, "clara")).open(f"/orders/{order.id}/hand-over/").page
    bags, shipper = page.get_by_label("Scan the bags"), page.get_by_label("Scan the shipper")
    for code, field, taken in ((bag, bags, f"{bag}\n"), ("SHIPPER-7", shipper, "SHIPPER-7")):
        page.evaluate("document.activeElement.blur()")
        page.keyboard.type(f"~{code}")
        page.keyboard.press("Enter")
        expect(field).to_have_value(taken)
    shipper.press("Enter")
    expect(page.get_by_label("Seal number")).to_be_focused()
    page.get_by_label("Where").fill("Ward 4")
    page.get_by_role("button", name="Hand over custody").click()
    page.wait_for_url(f"**/orders/{order.id}/")
    handover = order.handovers.get()
    assert (handover.shipper, [item.container.label for item in handover.items.all()]) == ("SHIPPER-7", [bag])
