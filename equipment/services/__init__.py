"""Every change of rooms, units and commands. Import from here: `from equipment import services`."""

from equipment.services.commands import (
    acknowledge_command,
    confirm_command,
    fail_command,
    request_command,
    send_command,
)
from equipment.services.rooms import (
    add_room,
    bring_room_back,
    clean_room,
    leave_room,
    set_room_status,
    take_room_out,
    use_room,
)
from equipment.services.units import (
    add_unit,
    qualify_unit,
    record_calibration,
    record_cleaning,
    take_unit_out,
)
from equipment.services.use import occupy, vacate

__all__ = [
    "acknowledge_command",
    "add_room",
    "add_unit",
    "bring_room_back",
    "clean_room",
    "confirm_command",
    "fail_command",
    "leave_room",
    "occupy",
    "qualify_unit",
    "record_calibration",
    "record_cleaning",
    "request_command",
    "send_command",
    "set_room_status",
    "take_room_out",
    "take_unit_out",
    "use_room",
    "vacate",
]
