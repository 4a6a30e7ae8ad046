"""A batch goes from one operator to the next, who has proven to be there."""

from __future__ import annotations

from collections.abc import Mapping

from batches.errors import NotTakenOver
from batches.models import HandOver, Step
from batches.queries.hand_over import reasons_not_taken, standing
from batches.services.locks import lock_step
from mes import server_clock
from mes.accounts.models import User
from mes.accounts.queries import require
from mes.phrases import Phrase
from mes.records.services import act


def hand_over(
    *, actor: User, step: Step, to: User, note: str = "", unsent: Mapping[str, int] | None = None
) -> HandOver:
    """`actor` gives, `to` takes. `unsent` is how many entries of whom the tablet has not sent yet."""
    require(actor, "batches.execute", step.site)
    kept = unsent or {}
    with act(actor, "batches.hand_over", site=step.site, subject=step, batch=step.batch_id, reason=note) as event:
        step = lock_step(step)
        _require_ready(step, actor, to, kept)
        now = standing(step.batch)
        event.data = {"from": actor.printed_name, "to": to.printed_name, "taker": str(to.pk)}
        return HandOver.objects.create(
            batch=step.batch,
            step=step,
            given_by=actor,
            taken_by=to,
            note=note,
            timers=len(now.timers),
            exceptions=len(now.exceptions),
            unsent=sum(kept.values()),
            at=server_clock.now(),
        )


def _require_ready(step: Step, giving: User, taking: User, kept: Mapping[str, int]) -> None:
    reasons = reasons_not_taken(step, giving, taking, [name for name, count in kept.items() if count])
    if reasons:
        raise NotTakenOver.by(
            reasons, Phrase("{person} cannot take over batch {batch}.", person=taking, batch=step.batch.number)
        )
