"""The lives of rooms, units and commands."""

from django.db.models import TextChoices

from mes.state_machine import StateMachine, Transition


class RoomStatus(TextChoices):
    CLEAN = "clean", "Clean"
    IN_USE = "in_use", "In use"
    TO_CLEAN = "to_clean", "To clean"
    OUT_OF_SERVICE = "out_of_service", "Out of service"


class UnitStatus(TextChoices):
    NOT_QUALIFIED = "not_qualified", "Not qualified"
    QUALIFIED = "qualified", "Qualified"
    OUT_OF_SERVICE = "out_of_service", "Out of service"


class CommandStatus(TextChoices):
    REQUESTED = "requested", "Requested"
    SENT = "sent", "Sent"
    ACKNOWLEDGED = "acknowledged", "Acknowledged"
    CONFIRMED = "confirmed", "Confirmed"
    FAILED = "failed", "Failed"


ROOM = StateMachine(
    Transition("use", (RoomStatus.CLEAN,), RoomStatus.IN_USE, "equipment.command"),
    Transition("leave", (RoomStatus.IN_USE,), RoomStatus.TO_CLEAN, "equipment.command"),
    Transition(
        "clean",
        (RoomStatus.TO_CLEAN, RoomStatus.CLEAN),
        RoomStatus.CLEAN,
        "equipment.clean",
        signed_as=("checked",),
    ),
    Transition(
        "take_out",
        (RoomStatus.CLEAN, RoomStatus.TO_CLEAN),
        RoomStatus.OUT_OF_SERVICE,
        "equipment.maintain",
        needs_reason=True,
    ),
    Transition("bring_back", (RoomStatus.OUT_OF_SERVICE,), RoomStatus.TO_CLEAN, "equipment.maintain"),
    initial=RoomStatus.TO_CLEAN,
)

UNIT = StateMachine(
    Transition(
        "qualify",
        (UnitStatus.NOT_QUALIFIED, UnitStatus.QUALIFIED, UnitStatus.OUT_OF_SERVICE),
        UnitStatus.QUALIFIED,
        "equipment.maintain",
    ),
    Transition(
        "take_out",
        (UnitStatus.NOT_QUALIFIED, UnitStatus.QUALIFIED),
        UnitStatus.OUT_OF_SERVICE,
        "equipment.maintain",
        needs_reason=True,
    ),
    initial=UnitStatus.NOT_QUALIFIED,
)

# Driven by the gateway. "send" again is the bounded retry of a command that may not have arrived.
COMMAND = StateMachine(
    Transition("send", (CommandStatus.REQUESTED,), CommandStatus.SENT, "equipment.command"),
    Transition("resend", (CommandStatus.SENT,), CommandStatus.SENT, "equipment.command"),
    Transition("acknowledge", (CommandStatus.SENT,), CommandStatus.ACKNOWLEDGED, "equipment.command"),
    Transition("confirm", (CommandStatus.ACKNOWLEDGED,), CommandStatus.CONFIRMED, "equipment.command"),
    Transition(
        "fail",
        (CommandStatus.REQUESTED, CommandStatus.SENT, CommandStatus.ACKNOWLEDGED),
        CommandStatus.FAILED,
        "equipment.command",
        needs_reason=True,
    ),
    initial=CommandStatus.REQUESTED,
)
OPEN_COMMANDS = (CommandStatus.REQUESTED, CommandStatus.SENT, CommandStatus.ACKNOWLEDGED)
