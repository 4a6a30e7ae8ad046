"""Every change of rooms, units, commands and alarms. Import from here: `from equipment import services`."""

from equipment.services.alarm_definitions import change_definition, define_alarm, withdraw_definition
from equipment.services.alarms import ACKNOWLEDGED, acknowledge_alarm, look_after_alarms, rate_alarm, shelve_alarm
from equipment.services.checks import report_check, request_check
from equipment.services.commands import (
    acknowledge_command,
    confirm_by_hand,
    confirm_command,
    fail_command,
    move_to_safety,
    request_command,
    send_command,
)
from equipment.services.files import keep_file, read_file, report_large_file
from equipment.services.rooms import (
    add_room,
    bring_room_back,
    clean_room,
    leave_room,
    set_room_status,
    take_room_out,
    use_room,
)
from equipment.services.terminals import move_terminal, register_terminal, renew_terminal_key, retire_terminal
from equipment.services.units import (
    add_unit,
    connect_unit,
    qualify_unit,
    record_calibration,
    record_cleaning,
    take_unit_out,
)
from equipment.services.use import check_use, occupy, vacate

__all__ = [
    "ACKNOWLEDGED",
    "acknowledge_alarm",
    "acknowledge_command",
    "add_room",
    "add_unit",
    "bring_room_back",
    "change_definition",
    "check_use",
    "clean_room",
    "confirm_by_hand",
    "confirm_command",
    "connect_unit",
    "define_alarm",
    "fail_command",
    "keep_file",
    "leave_room",
    "look_after_alarms",
    "move_terminal",
    "move_to_safety",
    "occupy",
    "qualify_unit",
    "rate_alarm",
    "read_file",
    "record_calibration",
    "record_cleaning",
    "register_terminal",
    "renew_terminal_key",
    "report_check",
    "report_large_file",
    "request_check",
    "request_command",
    "retire_terminal",
    "send_command",
    "set_room_status",
    "shelve_alarm",
    "take_room_out",
    "take_unit_out",
    "use_room",
    "vacate",
    "withdraw_definition",
]
