"""The journey of one order from vein to vein, as the page shows it: what happened, what is planned, who has it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chain_of_identity.models import (
    Collection,
    Container,
    Handover,
    HandoverAnswer,
    Infusion,
    Order,
    Party,
    PlannedStop,
    Receipt,
    Scan,
    Transformation,
)
from chain_of_identity.states import ContainerStatus
from mes import clock

DONE, NOW, AHEAD = "done", "now", "ahead"

Stop = PlannedStop.Stop


@dataclass(frozen=True)
class Station:
    """One line of the journey. `identity` and `custody` are ticks of their own: who it is for, and who has it.

    `stop` names the planned stop that has happened here.
    """

    title: str
    at: datetime | None
    state: str
    where: str = ""
    identity: int = 0
    custody: str = ""
    details: tuple[str, ...] = ()
    batch_id: UUID | None = None
    stop: str = ""


@dataclass(frozen=True)
class Journey:
    """`checks` counts the identity scans that were right, `refused` those that were not."""

    order: Order
    stations: tuple[Station, ...]
    holder: str
    place: str
    checks: int
    refused: tuple[Scan, ...]
    containers: tuple[Container, ...]
    open_handovers: tuple[Handover, ...]

    @property
    def stamp(self) -> str:
        return clock.stamp(self.order.site)


@dataclass(frozen=True)
class _Material:
    """What is read of an order to tell its journey."""

    order: Order
    collections: tuple[Collection, ...]
    containers: tuple[Container, ...]
    handovers: tuple[Handover, ...]
    receipts: tuple[Receipt, ...]
    transformations: tuple[Transformation, ...]
    infusions: tuple[Infusion, ...]
    scans: tuple[Scan, ...]

    def checks_for(self, *purposes: str) -> int:
        return sum(scan.passes for scan in self.scans if scan.purpose in purposes)


def journey(order: Order) -> Journey:
    """Read the journey in a fixed number of queries."""
    read = _Material(
        order=order,
        collections=tuple(order.collections.select_related("container")),
        containers=tuple(order.containers.select_related("custodian")),
        handovers=tuple(
            order.handovers.select_related("giver", "answer__by", "shipment").prefetch_related("items__container")
        ),
        receipts=tuple(order.receipts.select_related("received_by")),
        transformations=tuple(order.transformations.select_related("done_by")),
        infusions=tuple(order.infusions.select_related("container", "given_by")),
        scans=tuple(order.scans.select_related("by")),
    )
    happened = sorted(_happened(read), key=lambda each: each.at or order.placed_at)
    held = [
        each
        for each in read.containers
        if each.status == ContainerStatus.FILLED and each.holds != Container.Holds.SAMPLE
    ]
    return Journey(
        order=order,
        stations=(*happened, *_planned(order, happened)),
        holder=f"{held[-1].get_custody_display()}, {held[-1].custodian}" if held else "",
        place=held[-1].place if held else "",
        checks=read.checks_for(*Scan.Purpose.values),
        refused=tuple(scan for scan in read.scans if not scan.passes),
        containers=read.containers,
        open_handovers=tuple(each for each in read.handovers if each.is_open),
    )


def _happened(read: _Material) -> Iterator[Station]:
    yield Station("Ordered", read.order.placed_at, DONE, where=read.order.clinic)
    yield from _collected(read)
    yield from (_handed_over(each) for each in read.handovers)
    yield from (_inspected(each, read) for each in read.receipts)
    yield from _manufactured(read)
    yield from _infused(read)


def _collected(read: _Material) -> Iterator[Station]:
    for each in read.collections:
        yield Station(
            "Collected",
            each.ended_at,
            DONE,
            where=read.order.clinic,
            identity=read.checks_for(Scan.Purpose.COLLECTION),
            details=(each.container.label, each.donation.eye_readable, each.volume),
            stop=Stop.COLLECTION,
        )


def _handed_over(handover: Handover) -> Station:
    details = tuple(
        text
        for text in (
            f"shipper {handover.shipper}" if handover.shipper else "",
            f"seal {handover.seal}" if handover.seal else "",
            f"logger {handover.logger_celsius.normalize():f} °C" if handover.logger_celsius is not None else "",
        )
        if text
    )
    to = handover.get_to_party_display().lower()
    if handover.is_open:
        title = f"Offered to the {to}"
        return Station(title, handover.offered_at, NOW, handover.place, custody="open", details=details)
    answer = handover.answer
    if answer.outcome != HandoverAnswer.Outcome.ACCEPTED:
        words = f"{answer.get_outcome_display()}: {answer.reason}"
        return Station(f"Not handed to the {to}", answer.answered_at, DONE, handover.place, details=(*details, words))
    return Station(
        f"Handed to the {to}",
        answer.answered_at,
        DONE,
        where=answer.place,
        identity=len(handover.items.all()) * 2,
        custody=f"{handover.giver} → {answer.by}",
        details=details,
        stop=Stop.PICK_UP if handover.shipment_id and handover.to_party == Party.COURIER else "",
    )


def _inspected(receipt: Receipt, read: _Material) -> Station:
    return Station(
        "Received and accepted" if receipt.accepted else "Received and rejected",
        receipt.received_at,
        DONE,
        where=receipt.place,
        identity=read.checks_for(Scan.Purpose.RECEIPT),
        custody=str(receipt.received_by),
        details=(receipt.note,) if receipt.note else (),
        stop=Stop.RECEIPT,
    )


def _manufactured(read: _Material) -> Iterator[Station]:
    """One station for each batch, from its first transformation; a second one when its product has a disposition."""
    batches = {each.batch_id: each.batch_number for each in read.containers if each.batch_id}
    for batch_id, number in batches.items():
        made = [each for each in read.transformations if each.batch_id == batch_id]
        product = [
            each for each in read.containers if each.batch_id == batch_id and each.holds == Container.Holds.PRODUCT
        ]
        yield Station(
            f"Manufacturing {number}".strip(),
            made[0].done_at if made else read.order.placed_at,
            DONE if product else NOW,
            where=read.order.site.name,
            identity=sum(scan.passes for scan in read.scans if scan.batch_id == batch_id),
            details=tuple(each.label for each in product),
            batch_id=batch_id,
            stop=Stop.MANUFACTURING,
        )
        if product and product[0].judged_at:
            yield Station(
                product[0].get_release_status_display(),
                product[0].judged_at,
                DONE,
                where=read.order.site.name,
                details=tuple(each.label for each in product),
                batch_id=batch_id,
                stop=Stop.RELEASE,
            )


def _infused(read: _Material) -> Iterator[Station]:
    for each in read.infusions:
        yield Station(
            "Infused",
            each.started_at,
            DONE,
            where=read.order.clinic,
            identity=read.checks_for(Scan.Purpose.BEDSIDE, Scan.Purpose.WRISTBAND),
            details=(each.container.label, each.volume, each.get_outcome_display()),
            stop=Stop.INFUSION,
        )


def _planned(order: Order, happened: Iterable[Station]) -> Iterator[Station]:
    """What is planned and has not happened."""
    done = {each.stop for each in happened}
    for plan in order.planned_stops.order_by("planned_at"):
        if plan.stop not in done:
            yield Station(plan.get_stop_display(), plan.planned_at, AHEAD, details=(plan.note,) if plan.note else ())
