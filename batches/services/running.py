"""What has to be true while somebody works in a step."""

from batches.errors import IdentityNotScanned, NotTrained, Reidentify
from batches.judgement import hold_end
from batches.models import Step
from batches.queries.coming_back import AGAIN, must_identify
from batches.queries.gates import reasons_at_another_terminal, reasons_not_trained
from batches.queries.missing import is_scanned, needs_scan
from batches.states import State
from equipment.errors import TerminalRefused
from mes import clock
from mes.accounts.models import User
from mes.errors import WrongState
from mes.phrases import Phrase


def require_running(step: Step, actor: User) -> None:
    """Work is recorded only in a running step of a running batch, by people trained on its recipe (R-037).

    Whoever started the step was looked at then.
    """
    for element in (step.batch, step):
        if element.status != State.RUNNING:
            raise WrongState(
                Phrase("{element} is {status}.", element=element, status=Phrase(element.get_status_display().lower())),
                state=element.status,
            )
    if actor.pk != step.performer_id:
        untrained = reasons_not_trained(step.batch, actor, clock.now(step.site))
        if untrained:
            raise NotTrained(untrained[0].message, reasons=[vars(reason) for reason in untrained])


def require_at_work(step: Step, actor: User) -> None:
    """As require_running; and whoever comes back has scanned the label again before anything else."""
    require_running(step, actor)
    if must_identify(step, actor):
        raise Reidentify(AGAIN, step=step.key)


def require_identified(step: Step, actor: User) -> None:
    """As require_at_work, and the label of this patient's material was read in this step where it is handled."""
    require_at_work(step, actor)
    require_scanned(step)


def require_place(step: Step, actor: User) -> None:
    """What is done in a step is sent from a terminal of its room (R-058)."""
    reasons = reasons_at_another_terminal(step, actor)
    if reasons:
        raise TerminalRefused(reasons[0].message, reasons=[vars(reason) for reason in reasons])


def look_again_if_overdue(step: Step) -> None:
    """Inside an act: a hold whose time was up before this was recorded may now be all it should be."""
    hold = step.says.hold
    if hold is None or step.started_at is None:
        return
    now = clock.now(step.site)
    if now >= hold_end(step.started_at, hold.minutes):
        step.due_at = now
        step.save(update_fields=["due_at"])


def require_scanned(step: Step) -> None:
    """Nothing is done to material before its label was read."""
    if needs_scan(step) and not is_scanned(step):
        raise IdentityNotScanned("Scan the label of this patient's material first.", step=step.key)
