"""Steps added to one batch: where they may still be added, who added them, what waits for a decision on one."""

from __future__ import annotations

from django.db.models import Max, Q, QuerySet

from batches.models import Batch, Redline, Step
from batches.queries.rank import reasons_above_rank
from batches.queries.visible import VIEW
from batches.states import REDLINE, RedlineState, State
from mes.accounts.models import User
from mes.errors import Reason
from mes.phrases import Phrase

UNDER_WAY = (State.RUNNING, State.PAUSING, State.PAUSED, State.HOLDING, State.HELD, State.RESTARTING)


def redlines_visible_to(user: User) -> QuerySet[Redline]:
    found = Redline.objects.filter(batch__site_id__in=user.sites_for(VIEW))
    return found.select_related(
        "batch__site",
        "batch__order__patient",
        "batch__recipe_version__recipe",
        "after__operation",
        "step",
        "proposed_by",
        "decided_by",
    ).defer("batch__control_recipe", "batch__recipe_version__source", "batch__recipe_version__document")


def redlines_of(batch: Batch) -> QuerySet[Redline]:
    return Redline.objects.filter(batch=batch).select_related("batch", "after", "proposed_by", "decided_by")


def credit_of(step: Step) -> str:
    """Who added the step and who approved it; empty for a step of the recipe, of which nothing is asked."""
    if not step.is_added:
        return ""
    return Redline.objects.select_related("proposed_by", "decided_by").get(step=step).credit


def place_after(after: Step) -> int:
    """The position an addition follows: that of the step, its parallel neighbours and what was added there before."""
    first = Q(pk=after.pk) | Q(redline__after=after)
    if after.group:
        first |= Q(group=after.group, operation=after.operation_id)
    found = Step.objects.filter(first, batch=after.batch_id).aggregate(last=Max("position"))
    return int(found["last"])


def reasons_passed(after: Step) -> list[Reason]:
    """Why nothing can be added after this step any more; empty means that it can."""
    batch = after.batch
    if batch.status not in UNDER_WAY:
        words = Phrase(
            "The batch is {status}: nothing is added to it.", status=Phrase(batch.get_status_display().lower())
        )
        return [Reason("batch_not_running", words, batch.number)]
    if not after.needed:
        return [Reason("not_needed", Phrase("The path decided on leaves {after} out.", after=after), after.key)]
    later = Step.objects.filter(batch=batch, position__gt=place_after(after)).exclude(status=State.IDLE)
    if after.operation.status == State.COMPLETE or later.exists():
        return [Reason("passed", Phrase("The batch is past the point after {after}.", after=after), after.key)]
    return []


def places_for_redline(batch: Batch) -> list[Step]:
    """The steps after which something can still be added, in their order."""
    steps = Step.objects.filter(batch=batch, needed=True).exclude(operation__status=State.COMPLETE)
    found = list(steps.select_related("operation").order_by("position"))
    begun = [number for number, step in enumerate(found) if step.status != State.IDLE]
    return found[begun[-1] :] if begun else found


def acts_on_redline(person: User, redline: Redline) -> set[str]:
    """What this person may do with it now: approve, refuse, withdraw."""
    acts = {cell.name for cell in REDLINE.available(redline, person)}
    closed = reasons_above_rank(person, redline) or reasons_passed(redline.after)
    return acts - {"approve"} if closed else acts


def redlines_proposed(user: User) -> QuerySet[Redline]:
    """Those that nobody has decided on yet, at the sites this person sees."""
    return redlines_visible_to(user).filter(status=RedlineState.PROPOSED).order_by("proposed_at")


def redlines_to_decide(user: User) -> QuerySet[Redline]:
    """Of these what waits for this person: not their own, and at the sites where they may decide."""
    found = redlines_proposed(user).filter(batch__site__in=user.sites_for("batches.approve_redline"))
    return found.exclude(proposed_by=user)
