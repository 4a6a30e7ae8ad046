"""Giving the product, and the end of the chain."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from chain_of_identity import services
from chain_of_identity.models import Order
from chain_of_identity.states import ContainerStatus, OrderStatus
from mes.accounts.models import Site, User
from mes.errors import InvalidInput, NotPermitted, WrongState
from tests.given import chain_of_identity as given

pytestmark = pytest.mark.django_db


def test_closes_the_chain_with_the_last_bag(site: Site) -> None:
    order = given.at_the_clinic(site)
    infusion = given.infused(order)
    assert infusion.container.status == ContainerStatus.INFUSED
    assert Order.objects.get(id=order.id).status == OrderStatus.COMPLETED


def test_keeps_the_chain_open_while_a_bag_is_left(site: Site) -> None:
    order = given.at_the_clinic(site, bags=2)
    given.infused(order)
    assert Order.objects.get(id=order.id).status == OrderStatus.ACTIVE
    given.infused(order)
    assert Order.objects.get(id=order.id).status == OrderStatus.COMPLETED


def test_refuses_a_second_infusion_of_the_same_bag(site: Site, clara: User) -> None:
    order = given.at_the_clinic(site, bags=2)
    infusion = given.infused(order)
    with pytest.raises((InvalidInput, WrongState)):
        services.record_infusion(
            actor=clara, check=infusion.bedside_check, volume_ml=Decimal(1), outcome="partial", note="again"
        )


def test_refuses_more_than_the_bag_holds(site: Site, clara: User) -> None:
    check = given.checked_at_the_bed(given.at_the_clinic(site))
    with pytest.raises(InvalidInput, match="holds 50"):
        services.record_infusion(actor=clara, check=check, volume_ml=Decimal(51), outcome="complete")


def test_a_stopped_infusion_says_why(site: Site, clara: User) -> None:
    check = given.checked_at_the_bed(given.at_the_clinic(site))
    with pytest.raises(InvalidInput, match="stopped"):
        services.record_infusion(actor=clara, check=check, volume_ml=Decimal(20), outcome="partial")


def test_refuses_an_infusion_before_the_check(site: Site, clara: User) -> None:
    check = given.checked_at_the_bed(given.at_the_clinic(site))
    with pytest.raises(InvalidInput, match="after the check"):
        services.record_infusion(
            actor=clara,
            check=check,
            volume_ml=Decimal(50),
            outcome="complete",
            started_at=check.checked_at - timedelta(minutes=1),
        )


def test_an_infusion_after_the_time_of_the_thawed_bag_says_why(site: Site, clara: User) -> None:
    order = given.at_the_clinic(site)
    [bag] = given.product_of(order)
    services.thaw(actor=clara, scan=given.scan(clara, bag, order, "thaw"), use_within_minutes=30)
    check = given.checked_at_the_bed(order)
    facts: dict[str, Any] = {"actor": clara, "check": check, "volume_ml": Decimal(50), "outcome": "complete"}
    with time_machine.travel(timezone.now() + timedelta(minutes=31), tick=True):
        late = timezone.now()
        with pytest.raises(InvalidInput, match="thawed"):
            services.record_infusion(**facts, started_at=late, ended_at=late)
        infusion = services.record_infusion(**facts, started_at=late, ended_at=late, note="Line was blocked.")
    assert infusion.started_at == late


def test_refuses_the_courier(site: Site, kurt: User) -> None:
    check = given.checked_at_the_bed(given.at_the_clinic(site))
    with pytest.raises(NotPermitted):
        services.record_infusion(actor=kurt, check=check, volume_ml=Decimal(50), outcome="complete")
