from mes.errors import Blocked, Conflict


class LotUnusable(Blocked):
    """The scanned lot may not go into this step; the reasons say why."""

    code = "lot_unusable"


class LotExists(Conflict):
    code = "lot_exists"


class MaterialExists(Conflict):
    code = "material_exists"


class LotOutOfDate(Conflict):
    """A lot past its expiry can no longer be released."""

    code = "lot_expired"
