"""Deviations: opened by anybody who works on the batch or by rule, investigated, approved by somebody else, closed."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager

from batches.errors import SecondPersonNeeded
from batches.models import Batch, BatchException, Deviation, DeviationPhoto, Severity, Step, StepPhoto
from batches.queries.rank import open_exceptions_of
from batches.services.locks import lock_batch
from batches.services.rank import require_rank
from batches.services.second_person import require_second_person
from batches.states import DEVIATION, EXCEPTION, State
from mes import clock
from mes.accounts.models import User
from mes.accounts.queries import require
from mes.errors import InvalidInput, NotPermitted
from mes.phrases import Phrase
from mes.records.models import Event
from mes.records.services import act, sign
from mes.records.signing import Signer


def open_deviation(
    *,
    actor: User,
    batch: Batch,
    title: str,
    description: str,
    severity: str,
    step: Step | None = None,
    exceptions: Sequence[BatchException] = (),
    owner: User | None = None,
    blocks: bool = False,
    photos: Sequence[StepPhoto] = (),
    witness: Signer | None = None,
) -> Deviation:
    """Open a deviation, with the exceptions it explains and the photos that show it. It blocks where one of them does.

    Where the recipe says so, a second person signs it while the step runs: the `witness`.
    """
    require(actor, "batches.deviation", batch.site)
    _require_words(title=title, description=description)
    if severity not in Severity.values:
        raise InvalidInput(Phrase("“{severity}” is not a severity.", severity=severity), known=Severity.values)
    with act(actor, "batches.open_deviation", site=batch.site, subject=batch, batch=batch) as event:
        batch = lock_batch(batch)
        _require_of_batch(batch, step, exceptions, photos)
        where = step or next((each.step for each in exceptions if each.step), None)
        _require_witness(where, actor, witness)
        deviation = _create(
            event=event,
            batch=batch,
            step=where,
            title=title,
            description=description,
            severity=severity,
            owner=owner or actor,
            blocks=blocks or any(each.blocks for each in exceptions),
        )
        for each in exceptions:
            _explain(each, deviation)
        DeviationPhoto.objects.bulk_create(DeviationPhoto(deviation=deviation, photo=photo) for photo in photos)
        if witness is not None:
            sign(event, witness, subject=deviation, meaning="verified")
        event.data |= {"deviation": deviation.number, "exceptions": [str(e.id) for e in exceptions]}
    return deviation


def open_by_rule(*, event: Event, owner: User, exception: BatchException, title: str) -> Deviation:
    """Inside an act: the deviation that a rule opens on an exception."""
    deviation = _create(
        event=event,
        batch=exception.batch,
        step=exception.step,
        title=title,
        description=exception.text,
        severity=exception.severity,
        owner=owner,
        blocks=exception.blocks,
    )
    _explain(exception, deviation)
    return deviation


def investigate(
    *,
    actor: User,
    deviation: Deviation,
    investigation: str,
    impact: str,
    other_batches: str,
    conclusion: str,
) -> Deviation:
    """Write down what was found, what it means for this batch and for others, and the conclusion (211.192)."""
    words = {
        "investigation": investigation,
        "impact": impact,
        "other_batches": other_batches,
        "conclusion": conclusion,
    }
    _require_words(**words)
    with _acting(actor, "investigate", deviation) as event:
        deviation = _locked(deviation)
        DEVIATION.move(deviation, "investigate", event=event)
        for field, text in words.items():
            setattr(deviation, field, text)
        deviation.investigated_by = actor
        deviation.save(update_fields=[*words, "investigated_by"])
    return deviation


def approve_deviation(*, actor: User, deviation: Deviation, signer: Signer) -> Deviation:
    """Approve an investigation somebody else made. The exceptions it explains are decided by it."""
    with _acting(actor, "approve", deviation) as event:
        deviation = _locked(deviation)
        explained = open_exceptions_of(deviation)
        require_rank(actor, deviation, *explained)
        DEVIATION.move(deviation, "approve", event=event, signers=[signer])
        deviation.approved_by = signer.user
        deviation.save(update_fields=["approved_by"])
        sign(event, signer, subject=deviation, meaning="approved")
        for exception in explained:
            _decide_by(deviation, exception, signer, event)
    return deviation


def close_deviation(*, actor: User, deviation: Deviation, follow_up: str) -> Deviation:
    """Close it with what was done about it."""
    _require_words(follow_up=follow_up)
    with _acting(actor, "close", deviation, reason=follow_up) as event:
        deviation = _locked(deviation)
        DEVIATION.move(deviation, "close", event=event)
        deviation.follow_up = follow_up
        deviation.save(update_fields=["follow_up"])
    return deviation


def _acting(actor: User, verb: str, deviation: Deviation, reason: str = "") -> AbstractContextManager[Event]:
    batch = deviation.batch
    return act(actor, f"batches.{verb}_deviation", site=batch.site, subject=deviation, batch=batch, reason=reason)


def _create(
    *,
    event: Event,
    batch: Batch,
    step: Step | None,
    title: str,
    description: str,
    severity: str,
    owner: User,
    blocks: bool,
) -> Deviation:
    return Deviation.objects.create(
        batch=batch,
        step=step,
        number=f"DEV-{batch.number}-{batch.deviations.count() + 1:02d}",
        title=title,
        description=description,
        severity=Severity(severity),
        blocks=blocks,
        opened_at=clock.now(batch.site),
        opened_by=event.actor,
        owner=owner,
    )


def _explain(exception: BatchException, deviation: Deviation) -> None:
    exception.deviation = deviation
    exception.save(update_fields=["deviation"])


def _decide_by(deviation: Deviation, exception: BatchException, signer: Signer, event: Event) -> None:
    exception.decision = f"Explained by deviation {deviation.number}: {deviation.conclusion}"
    exception.decided_by = signer.user
    exception.decided_at = clock.now(deviation.site)
    exception.save(update_fields=["decision", "decided_by", "decided_at"])
    EXCEPTION.move(exception, "settle", event=event)


def _require_words(**fields: str) -> None:
    empty = [name for name, text in fields.items() if not text.strip()]
    if empty:
        names = ", ".join(name.replace("_", " ") for name in empty)
        raise InvalidInput(Phrase("Write down: {names}.", names=names), fields=empty)


def _require_witness(step: Step | None, actor: User, witness: Signer | None) -> None:
    if step is not None and witness is not None:
        require_second_person(step, witness)
        if witness.user == actor:
            raise NotPermitted("Nobody verifies their own work. Another person signs.", rule="not_own_work")
    elif step is not None and step.status == State.RUNNING and step.says.deviation_second_person:
        raise SecondPersonNeeded("While this step runs, a second person signs a deviation with you at the tablet.")


def _require_of_batch(
    batch: Batch, step: Step | None, exceptions: Sequence[BatchException], photos: Sequence[StepPhoto]
) -> None:
    batches = {each.batch_id for each in exceptions} | {each.step.batch_id for each in photos}
    if step is not None:
        batches.add(step.batch_id)
    if batches - {batch.id}:
        raise InvalidInput(Phrase("That does not belong to {batch}.", batch=batch), batch=batch.number)


def _locked(deviation: Deviation) -> Deviation:
    rows = Deviation.objects.select_related("batch__site", "step", "owner")
    return rows.select_for_update(of=("self",), no_key=True).get(pk=deviation.pk)
