from mes.errors import Blocked, Conflict


class SlotTaken(Conflict):
    """Another order has the place; details.alternatives says where there is room."""

    code = "slot_taken"


class NotPlannable(Blocked):
    """The plan breaks a limit or the order is not one to plan; the reasons say which."""

    code = "not_plannable"


class CannotMove(Blocked):
    """A slot cannot go there; details.alternatives says where it can."""

    code = "cannot_move"


class HoldExpired(Conflict):
    code = "hold_expired"


class UnitTaken(Conflict):
    """The unit is bound to another slot at that time."""

    code = "unit_taken"


class LotShort(Blocked):
    """The lot cannot cover the need through the planned use."""

    code = "lot_short"
