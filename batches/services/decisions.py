"""Decisions that choose the path through the recipe."""

from batches.errors import AlreadyRecorded
from batches.models import Decision, Step
from batches.services.capture import note_capture
from batches.services.locks import lock_step
from batches.services.running import require_identified
from batches.states import State
from mes import clock
from mes.accounts.models import User
from mes.accounts.queries import require
from mes.errors import InvalidInput
from mes.phrases import Phrase
from mes.records.services import act
from recipes.document.conditions import parse_condition


def decide(*, actor: User, step: Step, choice: str, reason: str = "") -> Step:
    """Record the path taken. It takes effect when the step completes."""
    require(actor, "batches.execute", step.site)
    with act(actor, "batches.decide", site=step.site, subject=step, batch=step.batch_id, reason=reason) as event:
        step = lock_step(step)
        require_identified(step, actor)
        rule = step.says.decision
        if rule is None or choice not in rule.choices:
            known = list(rule.choices) if rule else []
            raise InvalidInput(
                Phrase("“{choice}” is not one of the choices.", choice=choice), field="choice", known=known
            )
        if step.decisions.filter(attempt=step.attempt).exists():
            raise AlreadyRecorded("The path was chosen in this step already.", step=step.key)
        event.data["choice"] = choice
        note_capture(event, step, f"The decision “{choice}”")
        Decision.objects.create(
            step=step,
            attempt=step.attempt,
            by=actor,
            done_at=clock.now(step.site),
            choice=choice,
            reason=reason,
        )
    return step


def choose_path(step: Step) -> None:
    """Inside the act that completes a decision: what is on the other path is not needed.

    Nor is what hangs on a decision that is not needed; what hangs on one that is still to be taken, is.
    """
    decision = step.decisions.filter(attempt=step.attempt).last()
    if decision is None:
        return
    answers: dict[str, str | None] = {step.key: decision.choice}
    left_out: set[str] = set()
    for later in Step.objects.filter(batch=step.batch_id, status=State.IDLE).order_by("position"):
        condition = parse_condition(later.says.when) if later.says.when else None
        if condition is None or condition.step not in answers:
            continue
        answer = answers[condition.step]
        later.needed = condition.step not in left_out and (answer is None or condition.holds(answer))
        later.save(update_fields=["needed"])
        answers[later.key] = None
        if not later.needed:
            left_out.add(later.key)
