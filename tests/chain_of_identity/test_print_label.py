"""Labels belong to an order, are counted, and a reprint says why."""

import pytest

from chain_of_identity import services
from chain_of_identity.models import LabelPrint
from mes.accounts.models import Site, User
from mes.errors import InvalidInput, NotPermitted
from tests.given import chain_of_identity as given

pytestmark = pytest.mark.django_db


def test_the_first_label_is_printed_without_a_word(site: Site, clara: User) -> None:
    order = given.order(site)
    assert services.print_label(actor=clara, order=order).copy == 1


@pytest.mark.req("R-138")
def test_a_reprint_needs_a_reason_and_is_counted(site: Site, clara: User) -> None:
    order = given.order(site)
    bag = given.labelled_bag(order)
    with pytest.raises(InvalidInput, match="printed before"):
        services.print_label(actor=clara, order=order, container=bag)
    again = services.print_label(actor=clara, order=order, container=bag, reason="The first one tore.")
    assert (again.copy, again.reason) == (2, "The first one tore.")
    assert LabelPrint.objects.filter(container=bag).count() == 2


def test_wristband_and_bags_are_counted_apart(site: Site, clara: User) -> None:
    order = given.order(site)
    given.labelled_bag(order)
    assert services.print_label(actor=clara, order=order).copy == 1


def test_a_label_is_printed_for_its_own_order_only(site: Site, clara: User) -> None:
    bag = given.labelled_bag(given.order(site))
    with pytest.raises(InvalidInput, match="does not belong"):
        services.print_label(actor=clara, order=given.order(site), container=bag)


def test_containers_take_the_next_letter(site: Site) -> None:
    order = given.order(site)
    assert [given.labelled_bag(order).label[-1] for _ in range(3)] == ["A", "B", "C"]


def test_refuses_unknown_kinds_and_people_without_the_right(site: Site, clara: User, kurt: User) -> None:
    order = given.order(site)
    with pytest.raises(InvalidInput):
        services.prepare_container(actor=clara, order=order, kind="bucket")
    with pytest.raises(NotPermitted):
        services.prepare_container(actor=kurt, order=order)
