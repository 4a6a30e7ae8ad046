"""Scans. A wrong one is written down first and refused afterwards, so that no roll-back can hide it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any, TypedDict, Unpack
from uuid import UUID

from django.db.models import Q

from chain_of_identity.errors import NotReleased, UnknownCode, WrongBag, WrongContainer
from chain_of_identity.models import Cause, Container, Order, Scan
from chain_of_identity.queries import Identified, identify, reasons_not_supplied
from chain_of_identity.services.locks import locked_containers
from mes import clock
from mes.accounts.models import User
from mes.accounts.queries import require
from mes.errors import Conflict, InvalidInput, MesError, NotPermitted, Reason
from mes.phrases import Phrase
from mes.records import current
from mes.records.services import act, note_security, sign
from mes.records.signing import Signer

SHORTEST_REASON = 10
# Why a container of the right patient is not one the work can use; nothing to say is yes.
Unfit = Callable[[Container], list[Reason]]

Purpose, Verdict = Scan.Purpose, Scan.Verdict
# A wristband shows the patient's chain; a step and a label check may read either; everything else reads a bag.
_CHAIN_ONLY = frozenset({Purpose.WRISTBAND})
_EITHER = frozenset({Purpose.STEP, Purpose.LABEL_CHECK})
# Before these, the material must be free to leave for the patient.
_SUPPLYING = frozenset({Purpose.SHIPPING, Purpose.THAW, Purpose.BEDSIDE})

_USES = ("handoveritem", "shipmentitem", "receiptitem", "bag_check", "wristband_check")


def nothing_unfit(_container: Container) -> list[Reason]:
    return []


@dataclass(frozen=True)
class _Judged:
    verdict: str
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True)
class Compared:
    """A code that was compared and is not written down yet; `refusal` is None where it is right."""

    row: Scan
    refusal: MesError | None


class Work(TypedDict, total=False):
    """What a scan is for, as `compare` takes it: the very container, the step, the terminal."""

    container: Container | None
    unfit: Unfit
    batch_id: UUID | None
    step_id: UUID | None
    tablet: str


def scan(*, actor: User, code: str, order: Order, purpose: str, **work: Unpack[Work]) -> Scan:
    """Compare a code with the order (and, where given, the very container) the work is for.

    Never call it inside an act: the scan is committed by an act of its own, then WrongBag, UnknownCode, NotReleased or
    WrongContainer is raised with the id of the scan. The caller stops the work; nobody passes a wrong bag alone.
    """
    compared = compare(actor=actor, code=code, order=order, purpose=purpose, **work)
    row = write_down(compared)
    if compared.refusal is not None:
        raise compared.refusal
    return row


def compare(
    *,
    actor: User,
    code: str,
    order: Order,
    purpose: str,
    container: Container | None = None,
    unfit: Unfit = nothing_unfit,
    batch_id: UUID | None = None,
    step_id: UUID | None = None,
    tablet: str = "",
) -> Compared:
    """What `scan` judges, for whoever writes it down in one act with what follows from it: `write_down` must come."""
    require(actor, "identity.scan", order.site)
    if purpose not in Purpose.values:
        raise InvalidInput(Phrase("There is no purpose “{purpose}” of a scan.", purpose=purpose), known=Purpose.values)
    found = identify(code)
    judged = _judge(found, order, purpose, container, unfit)
    row = Scan(
        order=order,
        container=found.container if found else None,
        by=actor,
        code=code.strip()[:120],
        expected=container.label if container else order.short,
        verdict=judged.verdict,
        purpose=purpose,
        scanned_at=clock.now(order.site),
        batch_id=batch_id,
        step_id=step_id,
        tablet=tablet or current.request.get().tablet,
    )
    return Compared(row, None if row.passes else _refusal(row, found, judged))


def write_down(compared: Compared) -> Scan:
    """An act of its own, or part of the one it is called in; security is told of a wrong bag."""
    row = compared.row
    facts = {"code": row.code, "expected": row.expected, "purpose": row.purpose, "verdict": row.verdict}
    with act(
        row.by,
        "chain_of_identity.scan",
        site=row.order.site,
        subject=row.order,
        batch=row.batch_id,
        tablet=row.tablet,
        data=facts,
        refusing=compared.refusal,
    ):
        row.save(force_insert=True)
    if isinstance(compared.refusal, WrongBag):
        note_security(
            "wrong_bag", user=row.by, site=row.order.site, action=row.purpose, subject=row.code, detail=row.expected
        )
    return row


def _judge(found: Identified | None, order: Order, purpose: str, container: Container | None, unfit: Unfit) -> _Judged:
    if found is None or not _fits(found, purpose):
        return _Judged(Verdict.UNKNOWN)
    if found.order.id != order.id or (container and found.container and found.container.id != container.id):
        return _Judged(Verdict.WRONG)
    if purpose in _SUPPLYING and found.container:
        reasons = reasons_not_supplied(found.container)
        if reasons:
            return _Judged(Verdict.NOT_RELEASED, reasons=tuple(reasons))
    if found.container and (reasons := unfit(found.container)):
        return _Judged(Verdict.WRONG_CONTAINER, reasons=tuple(reasons))
    return _Judged(Verdict.RIGHT)


def _fits(found: Identified, purpose: str) -> bool:
    if purpose in _EITHER:
        return True
    return (found.container is None) == (purpose in _CHAIN_ONLY)


def _refusal(row: Scan, found: Identified | None, judged: _Judged) -> MesError:
    details: dict[str, Any] = {"expected": row.expected, "scanned": row.code, "scan": str(row.id)}
    if judged.verdict == Verdict.UNKNOWN:
        wristband = Phrase("This code is not known here. Scan the patient's wristband.")
        bag = Phrase("This code is not known here. Scan the label on the bag.")
        return UnknownCode(wristband if row.purpose == Purpose.WRISTBAND else bag, **details)
    if judged.reasons:
        refusal = _refusal_by_reasons(judged, row.container)
        refusal.details |= details
        return refusal
    if found and found.order.id == row.order_id:
        return WrongBag(
            "Stop. This is another bag of the same patient. Put it aside and take the right one.", **details
        )
    return WrongBag("Stop. This belongs to another patient. Do not use it, call your supervisor.", **details)


def _refusal_by_reasons(judged: _Judged, container: Container | None) -> MesError:
    if judged.verdict == Verdict.NOT_RELEASED:
        return NotReleased.by(
            judged.reasons, Phrase("{container} must not be used for a patient.", container=container)
        )
    return WrongContainer.by(
        judged.reasons, Phrase("{container} is of this patient, but it is not what is needed now.", container=container)
    )


def cannot_scan(
    *,
    actor: User,
    verifier: Signer,
    container: Container,
    purpose: str,
    reason: str,
    cause: str = Cause.OTHER,
    batch_id: UUID | None = None,
    step_id: UUID | None = None,
) -> Scan:
    """A label that no scanner reads: two people read it aloud, the second signs, and say why."""
    site = container.site
    require(actor, "identity.scan", site)
    require(verifier.user, "identity.scan", site)
    if verifier.user.id == actor.id:
        raise NotPermitted(Phrase("A second person must read the label too."), rule="not_own_work")
    if len(reason.strip()) < SHORTEST_REASON:
        words = Phrase("Say in at least {number} letters why it cannot be scanned.", number=SHORTEST_REASON)
        raise InvalidInput(words, field="reason")
    if cause not in Cause.values:
        raise InvalidInput(
            Phrase("“{cause}” is not one of the causes.", cause=cause), field="cause", known=Cause.values
        )
    if purpose in _SUPPLYING and (reasons := reasons_not_supplied(container)):
        raise NotReleased.by(reasons, Phrase("{container} must not be used for a patient.", container=container))
    with act(
        actor, "chain_of_identity.cannot_scan", site=site, subject=container, batch=batch_id, reason=reason
    ) as event:
        sign(event, verifier, subject=container, meaning="verified")
        return Scan.objects.create(
            order=container.order,
            container=container,
            by=actor,
            code="",
            expected=container.label,
            verdict=Verdict.CANNOT_SCAN,
            purpose=purpose,
            scanned_at=clock.now(site),
            batch_id=batch_id,
            step_id=step_id,
            verifier=verifier.user,
            cause=cause,
            reason=reason.strip(),
            tablet=current.request.get().tablet,
        )


def scan_or_reading(*, actor: User, code: str, order: Order, purpose: str) -> Scan:
    """What identifies a bag at this work: the reading of its label by two people, where one waits; else a scan."""
    unused = Q(**{f"{name}__isnull": True for name in _USES})
    waiting = Scan.objects.filter(unused, by=actor, order=order, purpose=purpose, verdict=Verdict.CANNOT_SCAN)
    reading = waiting.filter(container__label=code.strip().upper()).order_by("id").last()
    return reading or scan(actor=actor, code=code, order=order, purpose=purpose)


def use_scan(scan: Scan, *, actor: User, order: Order, purpose: str) -> Container:
    """The container a scan identified, locked; refused when the scan does not stand for this work."""
    require_scan(scan, actor=actor, order=order, purpose=purpose)
    if scan.container is None:
        raise Conflict("Scan the bag itself.", scan=str(scan.id))
    [container] = locked_containers([scan.container])
    return container


def require_scan(scan: Scan, *, actor: User, order: Order, purpose: str) -> None:
    """A scan serves one act: by the same person, for the same order and purpose, and only when it was right."""
    if not scan.passes:
        raise WrongBag(
            "This scan was refused; scan again.", expected=scan.expected, scanned=scan.code, scan=str(scan.id)
        )
    if (scan.by_id, scan.order_id, scan.purpose) != (actor.id, order.id, purpose):
        raise Conflict("This scan was made by somebody else or for something else. Scan again.", scan=str(scan.id))
    if _is_used(scan):
        raise Conflict("This scan was used already. Scan again.", scan=str(scan.id))


def _is_used(scan: Scan) -> bool:
    """Asked of the database, after the order was locked."""
    used = (Q(**{f"{name}__isnull": False}) for name in _USES)
    return Scan.objects.filter(reduce(or_, used), id=scan.id).exists()
