"""Refusals of batch execution."""

from mes.errors import Blocked, Conflict, NotPermitted


class StepBlocked(Blocked):
    """The step may not start; the reasons say why."""

    code = "step_blocked"


class Incomplete(Blocked):
    """Something the recipe asks for has not been done yet."""

    code = "incomplete"


class PointPassed(Blocked):
    """The batch has gone past the place where a step was to be added."""

    code = "point_passed"


class LeftBlank(Incomplete):
    """A value the recipe asks for is not there (R-096)."""

    status = 400


class NotTakenOver(Blocked):
    """This person cannot take the batch over; the reasons say why."""

    code = "not_taken_over"


class NotStartable(Blocked):
    code = "not_startable"


class NotTrained(NotPermitted):
    """No current training on this version of the recipe."""

    code = "training"


class AlreadyRecorded(Conflict):
    """There is a value already: it is corrected, with a reason, never overwritten."""

    code = "already_recorded"


class ReadingsDisagree(Conflict):
    """The second person read something else. Both readings are kept."""

    code = "readings_disagree"


class SecondPersonNeeded(Conflict):
    """The recipe wants two people for this."""

    code = "second_person_needed"


class IdentityNotScanned(Conflict):
    code = "identity_not_scanned"


class Reidentify(Conflict):
    """Somebody came back to the batch: its label is scanned again before anything is recorded."""

    code = "reidentify"


class DocumentDamaged(Conflict):
    """The stored bytes no longer have the digest they were stored under."""

    code = "document_damaged"
