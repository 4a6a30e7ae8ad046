"""Going on with a step that somebody else is on."""

from __future__ import annotations

from batches.models import Step
from batches.queries.holder import holders, place_of
from batches.services.locks import lock_step
from batches.services.running import require_running
from mes.accounts.models import User
from mes.accounts.queries import require
from mes.errors import WrongState
from mes.records.services import act


def take_over_step(*, actor: User, step: Step) -> Step:
    """Say that from now on one does the step oneself, here. What the other has entered stays theirs.

    What their tablet has not sent yet is still taken: it is recorded as theirs when it comes.
    """
    require(actor, "batches.execute", step.site)
    with act(actor, "batches.take_over_step", site=step.site, subject=step, batch=step.batch_id) as event:
        step = lock_step(step)
        require_running(step, actor)
        holder = holders([step.pk]).get(step.pk)
        if holder is not None and not holder.place.is_elsewhere(place_of(actor)):
            raise WrongState("You are on this step already.", state=step.status)
        event.data |= {"from": holder.person, "tablet": holder.place.tablet} if holder else {}
    return step
