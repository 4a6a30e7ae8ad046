"""The things a call names, among those the person may see."""

from collections.abc import Sequence
from typing import TypeVar, cast
from uuid import UUID

from chain_of_identity import queries
from chain_of_identity.models import BedsideCheck, Container, Handover, LabelPrint, Order, Scan
from mes.accounts.models import Site, User
from mes.api import by_id
from mes.errors import NotFound
from mes.records.models import RecordedModel


def order_for(user: User, order_id: UUID) -> Order:
    return cast(Order, by_id(queries.visible_to(user), order_id, "order"))


def handover_for(user: User, handover_id: UUID) -> Handover:
    return cast(Handover, by_id(queries.handovers_visible_to(user), handover_id, "hand-over"))


def container_for(user: User, container_id: UUID) -> Container:
    containers = Container.objects.select_related("order__site", "order__patient", "custodian")
    return cast(
        Container,
        by_id(containers.filter(order__in=queries.visible_to(user).values("id")), container_id, "container"),
    )


def container_of(order: Order, label: str) -> Container:
    found = order.containers.select_related("order__site", "order__patient", "custodian").filter(label=label).first()
    if found is None:
        raise NotFound(f"Order {order} has no container “{label}”.", label=label)
    return found


def print_of(order: Order, label: str, copy: int) -> LabelPrint:
    """One printed label of a container of this order."""
    found = order.label_prints.select_related("order__site", "container").filter(container__label=label, copy=copy)
    printed = found.first()
    if printed is None:
        raise NotFound(f"Copy {copy} of “{label}” was not printed for order {order}.", label=label, copy=copy)
    return printed


def scan_of(order: Order, scan_id: UUID) -> Scan:
    scans = order.scans.select_related("container", "by", "order__site", "order__patient")
    return cast(Scan, by_id(scans, scan_id, "scan"))


def scans_of(order: Order, scan_ids: Sequence[UUID]) -> list[Scan]:
    """The scans in the order named; each must be there."""
    scans = order.scans.select_related("container", "by").in_bulk(list(scan_ids))
    missing = [str(each) for each in scan_ids if each not in scans]
    if missing:
        raise NotFound(f"Order {order} has no such scan.", scans=missing)
    return [scans[each] for each in scan_ids]


def check_of(order: Order, check_id: UUID) -> BedsideCheck:
    checks = order.bedside_checks.select_related("container", "order__site", "order__patient")
    return cast(BedsideCheck, by_id(checks, check_id, "bedside check"))


def site_of(user: User, code: str, permission: str) -> Site:
    """The site of this code where the person has the right; a foreign one is not there for them."""
    site = Site.objects.filter(code=code, id__in=user.sites_for(permission)).first()
    if site is None:
        raise NotFound(f"You have no site {code}.", site=code)
    return site


Recorded = TypeVar("Recorded", bound=RecordedModel)


def fresh(obj: Recorded) -> Recorded:
    """The object with the version the database has just counted to."""
    obj.refresh_from_db(fields=["version"])
    return obj
