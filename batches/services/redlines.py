"""Redlines: a step more for one batch, proposed by a supervisor, approved by somebody else, in it for ever."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

from django.db.models import F

from batches.errors import PointPassed
from batches.models import ExceptionKind, Redline, Severity, Step
from batches.queries.redlines import place_after, reasons_passed
from batches.services.exceptions import raise_exception
from batches.services.finishing import go_on_after
from batches.services.locks import lock_step
from batches.services.rank import require_rank
from batches.states import REDLINE, State
from mes import clock
from mes.accounts.models import User
from mes.accounts.queries import require
from mes.errors import InvalidInput
from mes.records.models import Event
from mes.records.services import act, sign
from mes.records.signing import Signer
from recipes.document import Step as StepSpec
from recipes.document.added import added_step

_GRAVE = (Severity.HIGH, Severity.CRITICAL)


def propose_redline(
    *, actor: User, after: Step, addition: Mapping[str, Any], reason: str, waits: bool = False
) -> Redline:
    """Write a step that is to follow another one. `waits`: until it is decided on, nothing after that point starts.

    `addition` has title, text, kind, entries, sample and signature as a recipe writes them.
    """
    require(actor, "batches.redline", after.site)
    _require_words(reason, "Write why this batch needs the step.")
    with act(
        actor, "batches.propose_redline", site=after.site, subject=after, batch=after.batch_id, reason=reason
    ) as event:
        after = lock_step(after, from_anywhere=True)
        _require_not_passed(after)
        key = _next_key(after)
        says = added_step({**addition, "id": key, "when": after.says.when})
        severity = _severity(after, says)
        redline = Redline.objects.create(
            batch=after.batch,
            after=after,
            key=key,
            spec=_stored(says, severity),
            severity=severity,
            waits=waits,
            reason=reason,
            proposed_by=actor,
            proposed_at=clock.now(after.site),
        )
        event.data |= {"redline": key, "title": says.title, "severity": severity, "waits": waits}
    return redline


def approve_redline(*, actor: User, redline: Redline, signer: Signer) -> Redline:
    """Put the step into the batch, over the signature of somebody who did not propose it. Above low, of quality."""
    with _acting(actor, "approve", redline) as event:
        redline = _locked(redline)
        REDLINE.find("approve", redline.status)
        require_rank(actor, redline)
        _require_not_passed(redline.after)
        step = _insert(redline)
        now = clock.now(redline.site)
        REDLINE.move(
            redline, "approve", event=event, signers=[signer], step=step, decided_by=signer.user, decided_at=now
        )
        sign(event, signer, subject=redline, meaning="approved")
        _note(event, redline, step)
    return redline


def refuse_redline(*, actor: User, redline: Redline, reason: str) -> Redline:
    """Say no, and why. What waited for it goes on."""
    return _settle(actor, "refuse", redline, reason)


def withdraw_redline(*, actor: User, redline: Redline, reason: str) -> Redline:
    """Take it back before anybody decided. What waited for it goes on."""
    return _settle(actor, "withdraw", redline, reason)


def _settle(actor: User, verb: str, redline: Redline, reason: str) -> Redline:
    with _acting(actor, verb, redline, reason) as event:
        redline = _locked(redline)
        now = clock.now(redline.site)
        REDLINE.move(redline, verb, event=event, decided_by=actor, decided_at=now, decision=reason)
        if redline.waits and redline.after.status == State.COMPLETE and redline.batch.status == State.RUNNING:
            go_on_after(redline.after, event=event)
    return redline


def _acting(actor: User, verb: str, redline: Redline, reason: str = "") -> AbstractContextManager[Event]:
    batch = redline.batch
    return act(actor, f"batches.{verb}_redline", site=batch.site, subject=redline, batch=batch, reason=reason)


def _locked(redline: Redline) -> Redline:
    """After its batch and its step, with which it shares them."""
    step = Step.objects.select_related("batch__site").get(pk=redline.after_id)
    after = lock_step(step, from_anywhere=True)
    rows = Redline.objects.select_related("proposed_by")
    locked = rows.select_for_update(of=("self",), no_key=True).get(pk=redline.pk)
    locked.batch, locked.after = after.batch, after
    return locked


def _next_key(after: Step) -> str:
    """S070.R1, S070.R2: numbered at each step of the recipe; the number of a refused one is not used again."""
    base = f"{after.key.partition('.')[0]}.R"
    return f"{base}{Redline.objects.filter(batch=after.batch_id, key__startswith=base).count() + 1}"


def _severity(after: Step, says: StepSpec) -> Severity:
    """By rule: what stands after a grave step is grave, what records a value or takes material is medium."""
    if after.says.severity in _GRAVE or any(entry.critical for entry in says.entries):
        return Severity.HIGH
    return Severity.MEDIUM if says.entries or says.sample else Severity.LOW


def _stored(says: StepSpec, severity: Severity) -> dict[str, Any]:
    return says.model_dump(mode="json", by_alias=True, exclude_none=True) | {"severity": severity.value}


def _insert(redline: Redline) -> Step:
    """The step in its place; everything that follows moves on by one."""
    after, place = redline.after, place_after(redline.after)
    Step.objects.filter(batch=redline.batch, position__gt=place).update(position=F("position") + 1)
    return Step.objects.create(
        batch=redline.batch,
        operation=after.operation,
        position=place + 1,
        key=redline.key,
        name=redline.says.title,
        kind=redline.says.kind,
        grade=after.grade,
        spec=redline.spec,
    )


def _note(event: Event, redline: Redline, step: Step) -> None:
    """Quality looks at every addition when it reviews the batch."""
    proposer, approver = redline.proposed_by.printed_name, event.actor.printed_name
    raise_exception(
        event=event,
        batch=redline.batch,
        step=step,
        kind=ExceptionKind.REDLINE,
        severity=redline.severity,
        text=f"{step} was added after {redline.after} by {proposer}, approved {approver}: {redline.reason}",
        data={"redline": str(redline.id)},
    )
    event.data |= {"redline": redline.key, "after": redline.after.key}


def _require_not_passed(after: Step) -> None:
    reasons = reasons_passed(after)
    if reasons:
        raise PointPassed.by(reasons, "Nothing can be added there.")


def _require_words(text: str, message: str) -> None:
    if not text.strip():
        raise InvalidInput(message, field="reason")
