"""Scans at a step. A wrong bag stops the batch, and nobody passes it alone."""

from batches.models import ExceptionKind, Severity, Step, StepScan
from batches.services.commands import hold_by_rule
from batches.services.deviations import open_by_rule
from batches.services.exceptions import raise_exception
from batches.services.locks import lock_step
from batches.services.running import require_running
from chain_of_identity.errors import WrongBag
from chain_of_identity.models import Scan
from chain_of_identity.services import scan
from mes import clock
from mes.accounts.models import User
from mes.accounts.queries import require, system_user
from mes.records.services import act


def scan_for_step(*, actor: User, step: Step, code: str, tablet: str = "") -> StepScan:
    """Compare a label with the patient of this batch. Right: the step goes on.

    Wrong (WrongBag): the scan is kept, the batch is held, a deviation is opened, security is told (R-126).
    """
    require(actor, "batches.execute", step.site)
    require_running(Step.objects.select_related("batch__order").get(pk=step.pk))
    try:
        # In an act of its own, before ours: whatever we do afterwards cannot take the scan back.
        found = scan(
            actor=actor,
            code=code,
            order=step.batch.order,
            purpose=Scan.Purpose.STEP,
            batch_id=step.batch_id,
            step_id=step.id,
            tablet=tablet,
        )
    except WrongBag as refusal:
        _stop(actor, step, code, refusal)
        raise
    return _accept(actor, step, found)


def _accept(actor: User, step: Step, found: Scan) -> StepScan:
    with act(actor, "batches.scan", site=step.site, subject=step, batch=step.batch_id) as event:
        step = lock_step(step)
        require_running(step)
        event.data["label"] = found.code
        return StepScan.objects.create(
            step=step,
            attempt=step.attempt,
            by=actor,
            done_at=clock.now(step.site),
            scan=found,
            label=found.container.label if found.container else step.batch.coi_id,
        )


def _stop(actor: User, step: Step, code: str, refusal: WrongBag) -> None:
    expected = refusal.details["expected"]
    text = f"{actor} scanned {code} at step {step}; {expected} was expected."
    with act(
        system_user("dispatcher"),
        "batches.stop_wrong_bag",
        site=step.site,
        subject=step,
        batch=step.batch_id,
        reason=text,
    ) as event:
        step = lock_step(step)
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
        open_by_rule(event=event, owner=actor, exception=found, title="Wrong bag scanned")
        hold_by_rule(step.batch, reason=text)
