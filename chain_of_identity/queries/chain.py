"""The chain of identity of one order, link by link, and everything that is missing from it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from chain_of_identity.models import (
    BedsideCheck,
    Collection,
    Container,
    Handover,
    HandoverAnswer,
    Infusion,
    Link,
    Order,
    Party,
    Scan,
    Transformation,
)
from chain_of_identity.states import ContainerStatus, OrderStatus
from mes import clock
from mes.errors import Reason

# A hand-over that nobody confirmed for so long is an open custody (ux.md, chain of identity).
CUSTODY_OPEN_AFTER = timedelta(minutes=30)


@dataclass(frozen=True)
class Segment:
    """Who held a container, from when until when (None: still)."""

    container: str
    party: str
    holder: str
    place: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True)
class Move:
    """One transformation: labels in, labels out."""

    action: str
    at: datetime
    by: str
    sources: tuple[str, ...]
    targets: tuple[str, ...]
    difference: str


@dataclass(frozen=True)
class ChainReport:
    """Everything that ties the collection to the infusion, and the problems that break it."""

    order: Order
    made_at: datetime
    collections: tuple[Collection, ...]
    containers: tuple[Container, ...]
    moves: tuple[Move, ...]
    scans: tuple[Scan, ...]
    segments: tuple[Segment, ...]
    bedside_checks: tuple[BedsideCheck, ...]
    infusions: tuple[Infusion, ...]
    problems: tuple[Reason, ...]

    @property
    def is_unbroken(self) -> bool:
        return not self.problems

    @property
    def is_closed(self) -> bool:
        """Unbroken, and nothing is left on its way."""
        return self.is_unbroken and self.order.status == OrderStatus.COMPLETED

    @property
    def refused_scans(self) -> tuple[Scan, ...]:
        return tuple(scan for scan in self.scans if not scan.passes)


def chain_report(order: Order) -> ChainReport:
    """Read the whole chain in a fixed number of queries, however many containers it has."""
    containers = tuple(order.containers.select_related("custodian", "order__site"))
    collections = tuple(order.collections.select_related("container"))
    transformations = tuple(order.transformations.select_related("done_by"))
    links = tuple(Link.objects.filter(transformation__order=order).select_related("source", "target"))
    handovers = tuple(order.handovers.select_related("giver", "answer__by").prefetch_related("items__container"))
    now = clock.now(order.site)
    infusions = tuple(
        order.infusions.select_related("container", "given_by", "bedside_check__first", "bedside_check__second")
    )
    problems = [
        *_transformation_problems(transformations, links),
        *_patient_problems(order, links),
        *_orphans(containers, collections, links),
        *_open_ends(order, containers),
        *_custody_problems(handovers, containers, now),
        *_unchecked_infusions(infusions),
    ]
    return ChainReport(
        order=order,
        made_at=now,
        collections=collections,
        containers=containers,
        moves=tuple(_move(each, links) for each in transformations),
        scans=tuple(order.scans.select_related("by", "container", "verifier")),
        segments=tuple(_segments(containers, handovers)),
        bedside_checks=tuple(order.bedside_checks.select_related("container", "first", "second")),
        infusions=infusions,
        problems=tuple(problems),
    )


def _move(transformation: Transformation, links: Sequence[Link]) -> Move:
    mine = [link for link in links if link.transformation_id == transformation.id]
    return Move(
        action=transformation.get_action_display(),
        at=transformation.done_at,
        by=str(transformation.done_by),
        sources=tuple(dict.fromkeys(link.source.label for link in mine)),
        targets=tuple(dict.fromkeys(link.target.label for link in mine)),
        difference=transformation.difference,
    )


def _transformation_problems(transformations: Iterable[Transformation], links: Sequence[Link]) -> list[Reason]:
    """Every transformation has input and output; a link always has both, so it is enough that it has one."""
    linked = {link.transformation_id for link in links}
    return [
        Reason("no_input_or_output", f"{each.get_action_display()} has no containers.", str(each.id))
        for each in transformations
        if each.id not in linked
    ]


def _patient_problems(order: Order, links: Iterable[Link]) -> list[Reason]:
    """One patient in, one patient out. The database refuses this too; the report does not take its word for it."""
    ends = (end for link in links for end in (link.source, link.target))
    strangers = sorted({end.label for end in ends if end.order_id != order.id})
    return [Reason("other_patient", f"{label} belongs to another order.", label) for label in strangers]


def _orphans(containers: Iterable[Container], collections: Iterable[Collection], links: Iterable[Link]) -> list[Reason]:
    """A container with contents that came from nowhere."""
    known = {each.container_id for each in collections} | {link.target_id for link in links}
    return [
        Reason("orphan", f"{each.label} has contents but no origin.", each.label)
        for each in containers
        if each.id not in known and not _was_never_filled(each)
    ]


def _was_never_filled(container: Container) -> bool:
    return container.status in {ContainerStatus.LABELLED, ContainerStatus.DISCARDED}


def _open_ends(order: Order, containers: Iterable[Container]) -> list[Reason]:
    """After a finished therapy no container may still hold starting material, intermediate or product."""
    if order.status == OrderStatus.ACTIVE:
        return []
    return [
        Reason("no_final_disposition", f"{each.label} was neither used up, infused nor discarded.", each.label)
        for each in containers
        if each.holds != Container.Holds.SAMPLE and each.status == ContainerStatus.FILLED
    ]


def _custody_problems(handovers: Iterable[Handover], containers: Iterable[Container], now: datetime) -> list[Reason]:
    problems = []
    last: dict[UUID, Handover] = {}
    for handover in handovers:
        if handover.is_open and now - handover.offered_at > CUSTODY_OPEN_AFTER:
            problems.append(Reason("custody_open", f"{handover}: nobody confirmed the receipt.", str(handover.id)))
        if _is_accepted(handover):
            last |= {item.container_id: handover for item in handover.items.all()}
    for each in containers:
        taken = last.get(each.id)
        if taken and (taken.to_party, taken.answer.by_id) != (each.custody, each.custodian_id):
            problems.append(Reason("custody_gap", f"{each.label} is not with whom the hand-overs say.", each.label))
    return problems


def _unchecked_infusions(infusions: Iterable[Infusion]) -> list[Reason]:
    """The bag that was given is the bag that was checked."""
    return [
        Reason("not_checked", f"{each.container} was given without its own check.", each.container.label)
        for each in infusions
        if each.bedside_check.container_id != each.container_id
    ]


def _segments(containers: Iterable[Container], handovers: Sequence[Handover]) -> Iterable[Segment]:
    accepted = [each for each in handovers if _is_accepted(each)]
    for container in containers:
        mine = [each for each in accepted if any(item.container_id == container.id for item in each.items.all())]
        yield from _segments_of(container, mine)


def _segments_of(container: Container, handovers: Sequence[Handover]) -> Iterable[Segment]:
    """Custody begins where the container was made and changes at the moment of each confirmation."""
    first = handovers[0] if handovers else None
    party = first.from_party if first else container.custody
    holder = first.giver if first else container.custodian
    place = first.place if first else container.place
    since = container.made_at
    for handover in handovers:
        answer = handover.answer
        yield Segment(container.label, Party(party).label, str(holder), place, since, answer.answered_at)
        party, holder, place, since = handover.to_party, answer.by, answer.place, answer.answered_at
    yield Segment(container.label, Party(party).label, str(holder), place, since, container.ended_at)


def _is_accepted(handover: Handover) -> bool:
    return not handover.is_open and handover.answer.outcome == HandoverAnswer.Outcome.ACCEPTED
