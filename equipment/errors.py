from mes.errors import Blocked, Conflict, InvalidInput, NotFound, NotPermitted


class UnitUnfit(Blocked):
    code = "unit_unfit"


class RoomUnfit(Blocked):
    code = "room_unfit"


class TerminalRefused(NotPermitted):
    """It was sent from a device that is not registered, or belongs to another place; the reasons say which."""

    code = "terminal_refused"
    security_kind = "terminal_refused"


class AlreadyKnown(Conflict):
    code = "already_known"


class CannotBeChecked(Blocked):
    code = "cannot_be_checked"


class NotInThisUnit(Conflict):
    """The command is for a batch that is not in the unit, or the other way round."""

    code = "not_in_this_unit"


class CommandOpen(Conflict):
    """A command to the unit has not ended yet."""

    code = "command_open"


class UnknownUnit(NotFound):
    code = "unknown_unit"


class AlarmWithoutResponse(InvalidInput):
    """A condition that nobody needs to respond to is an event or a prompt, not an alarm (ISA-18.2)."""

    code = "alarm_without_response"


class FileNotKept(NotFound):
    code = "file_not_kept"
