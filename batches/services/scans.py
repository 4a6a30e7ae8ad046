"""Scans at a step. A wrong bag stops the batch, and nobody passes it alone."""

from collections.abc import Callable
from functools import partial

from batches.models import ExceptionKind, Severity, Step, StepScan
from batches.queries.container import reasons_unfit_here
from batches.services.capture import note_capture
from batches.services.commands import hold_by_rule
from batches.services.deviations import open_by_rule
from batches.services.exceptions import raise_exception
from batches.services.locks import lock_step
from batches.services.running import require_place, require_running
from chain_of_identity.errors import WrongBag
from chain_of_identity.models import Container, Scan
from chain_of_identity.queries import identify
from chain_of_identity.services import Compared, cannot_scan, compare, write_down
from mes import clock
from mes.accounts.models import User
from mes.accounts.queries import require, system_user
from mes.errors import InvalidInput
from mes.phrases import Phrase
from mes.records.models import Event
from mes.records.services import act
from mes.records.signing import Signer


def scan_for_step(*, actor: User, step: Step, code: str, tablet: str = "") -> StepScan:
    """Compare a label with the patient of this batch. Right: the step goes on.

    Wrong (WrongBag): the scan is kept, the batch is held, a deviation is opened, security is told (R-126). A container
    of this patient that the step cannot use (WrongContainer) is refused with the one that is needed.
    """
    require(actor, "batches.execute", step.site)
    require_place(step, actor)
    require_running(Step.objects.select_related("batch__order").get(pk=step.pk), actor)
    compared = compare(
        actor=actor,
        code=code,
        order=step.batch.order,
        purpose=Scan.Purpose.STEP,
        unfit=partial(reasons_unfit_here, step),
        batch_id=step.batch_id,
        step_id=step.id,
        tablet=tablet,
    )
    if compared.refusal is None:
        return _accept(actor, step, partial(write_down, compared))
    if isinstance(compared.refusal, WrongBag):
        _stop(actor, step, compared, compared.refusal)
    else:
        write_down(compared)
    raise compared.refusal


def cannot_scan_for_step(*, actor: User, verifier: Signer, step: Step, label: str, cause: str, reason: str) -> StepScan:
    """A label no scanner reads, typed as it stands on the container; the second person compares and signs.

    It is no way around the stop: what is not the right container is refused, recorded and held as a scan of it is.
    """
    require(actor, "batches.execute", step.site)
    require_place(step, actor)
    require_running(Step.objects.select_related("batch__order").get(pk=step.pk), actor)
    container = _right_container(step, label)
    if container is None:
        return scan_for_step(actor=actor, step=step, code=label)
    read = partial(
        cannot_scan,
        actor=actor,
        verifier=verifier,
        container=container,
        purpose=Scan.Purpose.STEP,
        cause=cause,
        reason=reason,
        batch_id=step.batch_id,
        step_id=step.id,
    )
    return _accept(actor, step, read)


def _right_container(step: Step, label: str) -> Container | None:
    """The one that was typed, where it is the right one; None leaves the refusal to the scan."""
    found = identify(label)
    if found is None or found.order.id != step.batch.order_id:
        return None
    if found.container is None:
        raise InvalidInput(Phrase("Type the label of the container itself, with its letter."), field="label")
    return None if reasons_unfit_here(step, found.container) else found.container


def _accept(actor: User, step: Step, read: Callable[[], Scan]) -> StepScan:
    """The label and what the step makes of it in one act: a repeated call finds both or neither."""
    with act(actor, "batches.scan", site=step.site, subject=step, batch=step.batch_id) as event:
        step = lock_step(step)
        require_running(step, actor)
        found = read()
        event.data["label"] = found.code or found.expected
        if found.verdict == Scan.Verdict.CANNOT_SCAN:
            _tell_quality(event, step, found)
        note_capture(event, step, f"The scan of {event.data['label']}")
        return StepScan.objects.create(
            step=step,
            attempt=step.attempt,
            by=actor,
            done_at=clock.now(step.site),
            scan=found,
            label=found.container.label if found.container else step.batch.coi_id,
        )


def _tell_quality(event: Event, step: Step, found: Scan) -> None:
    why = f"{found.get_cause_display()}: {found.reason}"
    raise_exception(
        event=event,
        batch=step.batch,
        step=step,
        kind=ExceptionKind.CANNOT_SCAN,
        severity=Severity.MEDIUM,
        text=f"Label {found.container} was read by {found.by} and {found.verifier}, not scanned. {why}",
        data={"scan": str(found.id)},
    )


def _stop(actor: User, step: Step, compared: Compared, refusal: WrongBag) -> None:
    """What was scanned, the hold and the deviation in one act: none of them is ever without the others."""
    code, expected = refusal.details["scanned"], refusal.details["expected"]
    text = f"{actor} scanned {code} at step {step}; {expected} was expected."
    with act(
        system_user("dispatcher"),
        "batches.stop_wrong_bag",
        site=step.site,
        subject=step,
        batch=step.batch_id,
        reason=text,
        refusing=refusal,
    ) as event:
        step = lock_step(step)
        write_down(compared)
        found = raise_exception(
            event=event,
            batch=step.batch,
            step=step,
            kind=ExceptionKind.WRONG_BAG,
            severity=Severity.CRITICAL,
            blocks=True,
            text=text,
            data={"scan": refusal.details.get("scan", "")},
        )
        note_capture(event, step, f"The scan of {code}")
        open_by_rule(event=event, owner=actor, exception=found, title="Wrong bag scanned")
        hold_by_rule(step.batch, reason=text)
