"""Exceptions: made by rule inside the act that finds them, decided by quality (low ones by a supervisor too)."""

from typing import Any

from batches.models import Batch, BatchException, ExceptionKind, Severity, Step
from batches.services.rank import require_rank
from batches.services.signing import having_seen
from batches.states import EXCEPTION
from mes import clock
from mes.accounts.models import User
from mes.errors import InvalidInput
from mes.records.models import Event
from mes.records.services import act, sign
from mes.records.signing import Signer

RULES = {
    ExceptionKind.OUT_OF_LIMIT: "A value outside its action limits is an exception.",
    ExceptionKind.ALERT: "A value outside its alert limits is an exception.",
    ExceptionKind.LATE: "A step outside its time window is an exception.",
    ExceptionKind.CORRECTED: "A correction is an exception; the first value is kept.",
    ExceptionKind.RECALCULATED: "A result computed again after a correction is an exception.",
    ExceptionKind.WRONG_BAG: "A wrong bag holds the batch until quality has decided.",
    ExceptionKind.CANNOT_SCAN: "A label that two people read instead of the scanner is an exception.",
    ExceptionKind.EQUIPMENT: "A command that was not confirmed by read-back is an exception.",
    ExceptionKind.INTERRUPTED: "A batch or step held, stopped or aborted is an exception.",
    ExceptionKind.REPEATED: "A further attempt is an exception.",
    ExceptionKind.OFFLINE: "What reached the server later than a minute after it was captured is an exception.",
    ExceptionKind.DISAGREEMENT: "Two readings of one value that differ are an exception.",
    ExceptionKind.REDLINE: "A step that the recipe has not is an exception, whoever approved it.",
    ExceptionKind.NOT_APPLICABLE: "A value that is asked for and recorded as not applicable is an exception.",
    ExceptionKind.YIELD: "An actual yield outside its percentages of the theoretical one is investigated.",
    ExceptionKind.NOT_COUNTED: "A gap in the continuous counting of grade A is assessed.",
    ExceptionKind.SILENT: "Equipment of which nothing is heard holds the batch where the recipe says so.",
    ExceptionKind.LATE_ENTRY: "A value recorded later than the site allows after it was done is an exception.",
}


def raise_exception(
    *,
    event: Event,
    batch: Batch,
    kind: ExceptionKind,
    text: str,
    severity: str,
    step: Step | None = None,
    blocks: bool = False,
    data: dict[str, Any] | None = None,
) -> BatchException:
    """Write down an exception in the act that found it."""
    return BatchException.objects.create(
        batch=batch,
        step=step,
        attempt=step.attempt if step else batch.attempt,
        kind=kind,
        severity=Severity(severity),
        blocks=blocks,
        rule=RULES[kind],
        text=text,
        data=data or {},
        raised_at=clock.now(batch.site),
        raised_by=event.actor,
    )


def decide_exception(*, actor: User, exception: BatchException, decision: str, signer: Signer) -> BatchException:
    """Say, over a signature, what the exception means; a blocking one blocks no longer. Above low, quality says it."""
    if not decision.strip():
        raise InvalidInput("Write what you decide and why.", field="decision")
    site = exception.batch.site
    with act(actor, "batches.decide_exception", site=site, subject=exception, batch=exception.batch_id) as event:
        exception = _locked(exception)
        EXCEPTION.find("decide", exception.status)
        require_rank(actor, exception)
        signer = having_seen(signer, exception)
        # The words go first: the database takes no decided exception without them.
        exception.decision = decision
        exception.decided_by = actor
        exception.decided_at = clock.now(site)
        exception.save(update_fields=["decision", "decided_by", "decided_at"])
        EXCEPTION.move(exception, "decide", event=event, signers=[signer])
        sign(event, signer, subject=exception, meaning="reviewed")
    return exception


def _locked(exception: BatchException) -> BatchException:
    rows = BatchException.objects.select_related("batch__site", "step")
    return rows.select_for_update(of=("self",)).get(pk=exception.pk)
