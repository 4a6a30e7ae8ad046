"""What waits for a person on the home page: hand-overs to take, receipts to inspect, product to ship or to give."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.urls import reverse

from chain_of_identity.models import Container, Handover, Order, Party
from chain_of_identity.queries import clinic_notices_visible_to, handovers_visible_to, parties_of, visible_to
from chain_of_identity.queries.chain import CUSTODY_OPEN_AFTER
from chain_of_identity.states import SUPPLIED, ClinicNoticeState, ContainerStatus, OrderStatus, ReleaseStatus
from mes import clock
from mes.accounts.models import User
from mes.pages.panels import Panel, Rank, Task

LONGEST = 20


@dataclass(frozen=True)
class _Work:
    """Containers that wait for an act of whoever holds the right."""

    right: str
    page: str
    action: str
    custody: str
    holds: str
    release: frozenset[str]
    only_free: bool = False


_WORK = (
    _Work(
        "identity.receive",
        "chain_of_identity:receipt",
        "Inspect receipt",
        Party.SITE,
        Container.Holds.STARTING,
        frozenset({ReleaseStatus.QUARANTINED}),
        only_free=True,
    ),
    _Work(
        "identity.ship", "chain_of_identity:shipment", "Pack and ship", Party.SITE, Container.Holds.PRODUCT, SUPPLIED
    ),
    _Work(
        "identity.bedside",
        "chain_of_identity:bedside",
        "Check at the bed",
        Party.CLINIC,
        Container.Holds.PRODUCT,
        SUPPLIED,
    ),
)


def panels(user: User) -> list[Panel]:
    """The panel of a person who moves material; none for the others."""
    if not any(user.may_anywhere(right) for right in ("identity.handover", "identity.receive", "identity.collect")):
        return []
    tasks = [*_handovers(user), *_material(user), *_collections(user)]
    material = Panel("Patients' material", tasks, "No material waits for you.", reverse("chain_of_identity:orders"))
    return [*_notices(user), material]


def _notices(user: User) -> Iterator[Panel]:
    """A batch that came to an early end is read before anything else."""
    if not user.may_anywhere("identity.order"):
        return
    unread = clinic_notices_visible_to(user).filter(
        order__site_id__in=user.sites_for("identity.order"), status=ClinicNoticeState.UNREAD
    )
    tasks = [
        Task(
            f"{each.order.short}: {each.title.lower()}",
            reverse("chain_of_identity:journey", args=[each.order_id]),
            f"for {each.order.physician}, {each.order.clinic}: {each.text}",
            "Read",
            Rank.STOPPED,
            "open",
            each.get_status_display(),
        )
        for each in unread.order_by("id")[:LONGEST]
    ]
    yield Panel("Messages from the manufacturing site", tasks, "No message waits for you.")


def _handovers(user: User) -> Iterator[Task]:
    waiting = handovers_visible_to(user).filter(answer=None).exclude(giver=user).prefetch_related("items__container")
    for handover in waiting[:LONGEST]:
        site = handover.order.site
        if user.may("identity.handover", site) and handover.to_party in parties_of(user, site):
            yield _take(handover)


def _take(handover: Handover) -> Task:
    site = handover.order.site
    late = clock.now(site) - handover.offered_at > CUSTODY_OPEN_AFTER
    bags = ", ".join(item.container.label for item in handover.items.all())
    return Task(
        f"Take over {bags}",
        reverse("chain_of_identity:take", args=[handover.id]),
        f"offered by {handover.giver}, {clock.show(site, handover.offered_at)}",
        "Take over",
        Rank.DUE if late else Rank.READY,
        "late" if late else "waiting",
        "Custody open" if late else "Offered",
    )


def _material(user: User) -> Iterator[Task]:
    for work in _WORK:
        yield from _tasks(work, _orders_with(user, work))


def _orders_with(user: User, work: _Work) -> Iterable[Order]:
    containers = Container.objects.filter(
        order__site_id__in=user.sites_for(work.right),
        status=ContainerStatus.FILLED,
        custody=work.custody,
        holds=work.holds,
        release_status__in=work.release,
    ).exclude(handoveritems__handover__answer=None, handoveritems__isnull=False)
    if work.only_free:  # what a batch left behind is not received again
        containers = containers.filter(batch_id=None)
    return visible_to(user).filter(id__in=containers.values("order_id"), status=OrderStatus.ACTIVE)[:LONGEST]


def _tasks(work: _Work, orders: Iterable[Order]) -> Iterator[Task]:
    for order in orders:
        yield Task(
            f"{order.short}: {work.action.lower()}",
            reverse(work.page, args=[order.id]),
            f"{order.product_code}, {order.clinic}",
            work.action,
        )


def _collections(user: User) -> Iterator[Task]:
    sites = user.sites_for("identity.collect")
    waiting = visible_to(user).filter(site_id__in=sites, status=OrderStatus.ACTIVE, collections=None)
    for order in waiting[:LONGEST]:
        yield Task(
            f"{order.short}: collection",
            reverse("chain_of_identity:collection", args=[order.id]),
            f"{order.product_code}, {order.clinic}",
            "Record collection",
            Rank.WAITING,
        )
