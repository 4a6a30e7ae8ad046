"""The ISA-88 (IEC 61512) states of every procedural element; the lives of what is found, added and made in it."""

from django.db.models import TextChoices

from mes.state_machine import StateMachine, Transition


class State(TextChoices):
    IDLE = "IDLE", "Idle"
    RUNNING = "RUNNING", "Running"
    PAUSING = "PAUSING", "Pausing"
    PAUSED = "PAUSED", "Paused"
    HOLDING = "HOLDING", "Holding"
    HELD = "HELD", "Held"
    RESTARTING = "RESTARTING", "Restarting"
    COMPLETE = "COMPLETE", "Complete"
    STOPPING = "STOPPING", "Stopping"
    STOPPED = "STOPPED", "Stopped"
    ABORTING = "ABORTING", "Aborting"
    ABORTED = "ABORTED", "Aborted"


class Command(TextChoices):
    START = "START", "Start"
    PAUSE = "PAUSE", "Pause"
    RESUME = "RESUME", "Resume"
    HOLD = "HOLD", "Hold"
    RESTART = "RESTART", "Restart"
    STOP = "STOP", "Stop"
    ABORT = "ABORT", "Abort"
    RESET = "RESET", "Reset"


# The move an element makes by itself when the logic of its state has ended.
STATE_COMPLETE = "(state complete)"

# On their way somewhere without a further command; RUNNING is acting too, but ends by work, not by itself.
TRANSIENT = (State.PAUSING, State.HOLDING, State.RESTARTING, State.STOPPING, State.ABORTING)
FINAL = (State.COMPLETE, State.STOPPED, State.ABORTED)

_STARTED = (State.RUNNING, State.PAUSING, State.PAUSED, State.RESTARTING)
_STOPPABLE = (*_STARTED, State.HOLDING, State.HELD)
_ABORTABLE = (*_STOPPABLE, State.STOPPING, State.STOPPED)
_WORK = "batches.execute"
_COMMAND = "batches.command"
_SIGNED = ("commanded",)

# HOLD is not signed: whoever sees a danger to the cells must be able to stop at once, with a reason.
ISA88 = StateMachine(
    Transition(Command.START, (State.IDLE,), State.RUNNING, _WORK),
    Transition(Command.PAUSE, (State.RUNNING,), State.PAUSING, _WORK),
    Transition(Command.RESUME, (State.PAUSED,), State.RUNNING, _WORK),
    Transition(Command.HOLD, _STARTED, State.HOLDING, _WORK, needs_reason=True),
    Transition(Command.RESTART, (State.HELD,), State.RESTARTING, _COMMAND, _SIGNED),
    Transition(Command.STOP, _STOPPABLE, State.STOPPING, _COMMAND, _SIGNED, needs_reason=True),
    Transition(Command.ABORT, _ABORTABLE, State.ABORTING, _COMMAND, _SIGNED, needs_reason=True),
    Transition(Command.RESET, FINAL, State.IDLE, _COMMAND, _SIGNED, needs_reason=True),
    Transition(STATE_COMPLETE, (State.RUNNING,), State.COMPLETE),
    Transition(STATE_COMPLETE, (State.PAUSING,), State.PAUSED),
    Transition(STATE_COMPLETE, (State.HOLDING,), State.HELD),
    Transition(STATE_COMPLETE, (State.RESTARTING,), State.RUNNING),
    Transition(STATE_COMPLETE, (State.STOPPING,), State.STOPPED),
    Transition(STATE_COMPLETE, (State.ABORTING,), State.ABORTED),
    initial=State.IDLE,
)


class ExceptionState(TextChoices):
    OPEN = "open", "Open"
    DECIDED = "decided", "Decided"


# Decided by quality, never by somebody whose act it is about; or settled by the approval of its deviation.
EXCEPTION = StateMachine(
    Transition(
        "decide",
        (ExceptionState.OPEN,),
        ExceptionState.DECIDED,
        "batches.approve_deviation",
        signed_as=("reviewed",),
        not_by=("raised_by_id",),
    ),
    Transition("settle", (ExceptionState.OPEN,), ExceptionState.DECIDED),
    initial=ExceptionState.OPEN,
)


class DeviationState(TextChoices):
    OPEN = "open", "Open"
    INVESTIGATED = "investigated", "Investigated"
    APPROVED = "approved", "Approved"
    CLOSED = "closed", "Closed"


DEVIATION = StateMachine(
    Transition(
        "investigate",
        (DeviationState.OPEN, DeviationState.INVESTIGATED),
        DeviationState.INVESTIGATED,
        "batches.deviation",
    ),
    Transition(
        "approve",
        (DeviationState.INVESTIGATED,),
        DeviationState.APPROVED,
        "batches.approve_deviation",
        signed_as=("approved",),
        not_by=("opened_by_id", "investigated_by_id"),
    ),
    Transition(
        "close",
        (DeviationState.APPROVED,),
        DeviationState.CLOSED,
        "batches.approve_deviation",
        not_by=("investigated_by_id",),
        needs_reason=True,
    ),
    initial=DeviationState.OPEN,
)


class RedlineState(TextChoices):
    PROPOSED = "proposed", "Proposed"
    APPROVED = "approved", "Approved"
    REFUSED = "refused", "Refused"
    WITHDRAWN = "withdrawn", "Withdrawn"


REDLINE = StateMachine(
    Transition(
        "approve",
        (RedlineState.PROPOSED,),
        RedlineState.APPROVED,
        "batches.approve_redline",
        signed_as=("approved",),
        not_by=("proposed_by_id",),
    ),
    Transition(
        "refuse",
        (RedlineState.PROPOSED,),
        RedlineState.REFUSED,
        "batches.approve_redline",
        not_by=("proposed_by_id",),
        needs_reason=True,
    ),
    Transition("withdraw", (RedlineState.PROPOSED,), RedlineState.WITHDRAWN, "batches.redline", needs_reason=True),
    initial=RedlineState.PROPOSED,
)


class CallState(TextChoices):
    OPEN = "open", "Nobody has answered yet"
    ANSWERED = "answered", "Somebody is on the way"
    SETTLED = "settled", "Settled"
    WITHDRAWN = "withdrawn", "No longer needed"


UNSETTLED_CALLS = (CallState.OPEN, CallState.ANSWERED)

CALL = StateMachine(
    Transition("answer", (CallState.OPEN,), CallState.ANSWERED, "batches.answer_call"),
    Transition("settle", UNSETTLED_CALLS, CallState.SETTLED, "batches.answer_call"),
    Transition("withdraw", UNSETTLED_CALLS, CallState.WITHDRAWN, "batches.execute"),
    initial=CallState.OPEN,
)


class DocumentState(TextChoices):
    REQUESTED = "requested", "Being made"
    RENDERED = "rendered", "Ready"
    FAILED = "failed", "Could not be made"


DOCUMENT = StateMachine(
    Transition("render", (DocumentState.REQUESTED,), DocumentState.RENDERED),
    Transition("fail", (DocumentState.REQUESTED,), DocumentState.FAILED, needs_reason=True),
    initial=DocumentState.REQUESTED,
)


class FormState(TextChoices):
    ISSUED = "issued", "Out"
    RETURNED = "returned", "Returned"
    LOST = "lost", "Lost"


# Paper for work while the system is down. Every number comes back, or is said to be lost.
PAPER_FORM = StateMachine(
    Transition("return", (FormState.ISSUED,), FormState.RETURNED, "batches.command"),
    Transition("declare_lost", (FormState.ISSUED,), FormState.LOST, "batches.command", needs_reason=True),
    initial=FormState.ISSUED,
)
