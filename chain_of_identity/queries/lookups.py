"""What a code is, and whose orders a person may see."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from chain_of_identity import isbt
from chain_of_identity.models import ClinicNotice, Collection, Container, Handover, Order, Party
from chain_of_identity.states import ContainerStatus
from mes import clock, server_clock
from mes.accounts.models import Site, User
from mes.accounts.rights import Role
from mes.errors import InvalidInput, NotFound
from mes.phrases import Phrase

_PARTY_OF_ROLE = {Role.CLINIC: Party.CLINIC, Role.COURIER: Party.COURIER}


@dataclass(frozen=True)
class Identified:
    """What a code stands for: a container of an order, or (no container) the order's chain itself."""

    order: Order
    container: Container | None = None


def identify(code: str) -> Identified | None:
    """Read a container label, a donation number or a chain-of-identity identifier; None for anything else.

    All sites are searched: a bag of another site must be known as wrong, not as unknown.
    """
    text = code.strip().upper()
    if text.startswith("="):
        return _by_donation_number(text)
    return _by_chain(text) or _by_label(text)  # a label may begin with CH too; it is drawn by lot


def _by_label(label: str) -> Identified | None:
    container = _containers().filter(label=label).first()
    return Identified(container.order, container) if container else None


def _by_donation_number(text: str) -> Identified | None:
    try:
        din = isbt.scanned_donation_number(text).number
    except InvalidInput:
        return None
    collection = (
        Collection.objects.select_related("container__order__site", "container__order__patient").filter(din=din).first()
    )
    return Identified(collection.container.order, collection.container) if collection else None


def _by_chain(text: str) -> Identified | None:
    try:
        coi_id = isbt.chain_identifier(text)
    except InvalidInput:
        return None
    order = Order.objects.select_related("site", "patient").filter(coi_id=coi_id).first()
    return Identified(order) if order else None


def container_by_label(site: Site, code: str) -> Container:
    """The container of a site with this label. NotFound otherwise."""
    found = _containers().filter(order__site=site, label=code.strip().upper()).first()
    if found is None:
        raise NotFound(Phrase("No container at {site} has the label “{code}”.", site=site, code=code), label=code)
    return found


_ENDED: dict[str, str] = {
    ContainerStatus.EMPTIED: Phrase("{container} was emptied by {who} on {when}."),
    ContainerStatus.INFUSED: Phrase("{container} was infused by {who} on {when}."),
    ContainerStatus.DISCARDED: Phrase("{container} was discarded by {who} on {when}."),
}


def how_ended(container: Container) -> str:
    """A label serves one container once: what became of it, by whom and when; empty while it is in use."""
    if container.ended_at is None:
        return ""
    ended = container.history.filter(ended_at__isnull=False).select_related("history_event").earliest("version")
    values = {"container": container, "who": ended.history_event.actor_name}
    return Phrase(_ENDED[container.status], when=clock.show(container.site, container.ended_at), **values)


def containers_of_batch(batch_id: UUID) -> QuerySet[Container]:
    """Every container that material of the batch was or is in."""
    return _containers().filter(batch_id=batch_id)


def _containers() -> QuerySet[Container]:
    return Container.objects.select_related("order__site", "order__patient", "custodian")


def visible_to(user: User) -> QuerySet[Order]:
    """The orders a person may see: those of their sites; a courier sees what is or was offered to couriers."""
    orders = Order.objects.select_related("site", "patient").filter(site_id__in=user.sites_for("identity.view"))
    if _is_only_courier(user):
        return orders.filter(handovers__to_party=Party.COURIER).distinct()
    return orders


def handovers_visible_to(user: User) -> QuerySet[Handover]:
    """Hand-overs of the orders a person may see, newest last."""
    return Handover.objects.select_related("order__site", "order__patient", "shipment", "giver", "answer__by").filter(
        order__in=visible_to(user).values("id")
    )


def _is_only_courier(user: User) -> bool:
    return set(user.grants.in_force(server_clock.now()).values_list("role", flat=True)) == {Role.COURIER}


def parties_of(user: User, site: Site) -> frozenset[str]:
    """For whom a person holds material here: the clinic, the courier, or the manufacturing site."""
    return frozenset(_PARTY_OF_ROLE.get(Role(role), Party.SITE) for role in user.roles_at(site))


def clinic_notices_visible_to(user: User) -> QuerySet[ClinicNotice]:
    """What clinics were told about the orders the person may see."""
    found = ClinicNotice.objects.filter(order__in=visible_to(user).values("id"))
    return found.select_related("order__site", "told_by", "read_by")
