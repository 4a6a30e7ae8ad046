"""Paper for work while the system is down: given out by number, returned with its picture, or declared lost."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from batches.models import Batch, PaperForm, PaperFormScan, PaperFormStep, Step
from batches.services.locks import lock_batch
from batches.states import PAPER_FORM
from mes import clock
from mes.accounts.models import User
from mes.accounts.queries import require
from mes.errors import InvalidInput, NotFound
from mes.records.models import Event
from mes.records.services import act

MOST_BYTES = 10_000_000
KINDS = {b"%PDF-": "application/pdf", b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}


def issue_form(*, actor: User, batch: Batch, steps: Sequence[Step], reason: str) -> PaperForm:
    """Give out one numbered form for these steps of a batch."""
    require(actor, "batches.command", batch.site)
    if not reason.strip():
        raise InvalidInput("Write why work goes on on paper.", field="reason")
    if not steps or any(step.batch_id != batch.id for step in steps):
        raise InvalidInput(f"Choose the steps of {batch} that are printed on the form.", field="steps")
    with act(actor, "batches.issue_form", site=batch.site, subject=batch, batch=batch, reason=reason) as event:
        batch = lock_batch(batch)
        form = PaperForm.objects.create(
            batch=batch,
            number=f"F-{batch.number}-{batch.paper_forms.count() + 1:02d}",
            reason=reason,
            issued_by=actor,
            issued_at=clock.now(batch.site),
        )
        for step in steps:
            PaperFormStep.objects.create(form=form, step=step)
        event.data |= {"form": form.number, "steps": [step.key for step in steps]}
    return form


def return_form(*, actor: User, form: PaperForm, name: str, content: bytes) -> PaperForm:
    """Take a filled-in form back, with its picture. A number comes back once."""
    media_type = _media_type(content)
    digest = sha256(content).hexdigest()
    with act(actor, "batches.return_form", site=form.site, subject=form, batch=form.batch_id) as event:
        form = _settled(form, "return", event)
        PaperFormScan.objects.create(form=form, name=name[-120:], media_type=media_type, content=content, sha256=digest)
        event.data |= {"form": form.number, "sha256": digest}
    return form


def declare_form_lost(*, actor: User, form: PaperForm, reason: str) -> PaperForm:
    """Say that a form will not come back, and how that came about."""
    with act(
        actor, "batches.declare_form_lost", site=form.site, subject=form, batch=form.batch_id, reason=reason
    ) as event:
        form = _settled(form, "declare_lost", event, settlement=reason)
        event.data["form"] = form.number
    return form


def form_for_entry(step: Step, number: str) -> PaperForm:
    """The form from which a value is entered: of this batch, and with this step on it."""
    found = PaperForm.objects.filter(batch=step.batch_id, number=number, printed__step=step).first()
    if found is None:
        raise NotFound(f"Form {number} is not a form for step {step}.", form=number)
    return found


def _settled(form: PaperForm, name: str, event: Event, settlement: str = "") -> PaperForm:
    rows = PaperForm.objects.select_related("batch__site").select_for_update(of=("self",))
    form = rows.get(pk=form.pk)
    facts = {"settled_by": event.actor, "settled_at": clock.now(form.site), "settlement": settlement}
    PAPER_FORM.move(form, name, event=event, **facts)
    return form


def _media_type(content: bytes) -> str:
    if len(content) > MOST_BYTES:
        raise InvalidInput(f"The picture is larger than {MOST_BYTES // 1_000_000} MB.", field="scan")
    for beginning, media_type in KINDS.items():
        if content.startswith(beginning):
            return media_type
    raise InvalidInput("Attach the filled-in form as PDF, JPEG or PNG.", field="scan")
