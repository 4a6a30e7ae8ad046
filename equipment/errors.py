from mes.errors import Blocked, Conflict, NotFound


class UnitUnfit(Blocked):
    code = "unit_unfit"


class RoomUnfit(Blocked):
    code = "room_unfit"


class AlreadyKnown(Conflict):
    code = "already_known"


class NotInThisUnit(Conflict):
    """The command is for a batch that is not in the unit, or the other way round."""

    code = "not_in_this_unit"


class UnknownUnit(NotFound):
    code = "unknown_unit"
