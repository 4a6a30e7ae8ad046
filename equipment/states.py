"""The lives of rooms, units, commands and alarms."""

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


class DefinitionStatus(TextChoices):
    IN_FORCE = "in_force", "In force"
    WITHDRAWN = "withdrawn", "Withdrawn"


class AlarmStatus(TextChoices):
    """Two questions at once: is the condition still there, and has somebody seen it? An event asks only the first."""

    NEW = "new", "New"
    ACKNOWLEDGED = "acknowledged", "Acknowledged"
    BACK = "back", "Back to normal"
    SHELVED = "shelved", "Shelved"
    LOGGED = "logged", "Recorded"
    CLOSED = "closed", "Closed"


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

# Driven by the gateway. "send" again is the bounded retry of a command that may not have arrived. What is done at a
# unit that takes no commands is confirmed by the person who did it.
COMMAND = StateMachine(
    Transition("send", (CommandStatus.REQUESTED,), CommandStatus.SENT, "equipment.command"),
    Transition("resend", (CommandStatus.SENT,), CommandStatus.SENT, "equipment.command"),
    Transition("acknowledge", (CommandStatus.SENT,), CommandStatus.ACKNOWLEDGED, "equipment.command"),
    Transition("confirm", (CommandStatus.ACKNOWLEDGED,), CommandStatus.CONFIRMED, "equipment.command"),
    Transition("confirm_by_hand", (CommandStatus.REQUESTED,), CommandStatus.CONFIRMED, "equipment.command"),
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

ALARM_DEFINITION = StateMachine(
    Transition(
        "withdraw",
        (DefinitionStatus.IN_FORCE,),
        DefinitionStatus.WITHDRAWN,
        "equipment.define_alarm",
        needs_reason=True,
    ),
    initial=DefinitionStatus.IN_FORCE,
)

# Acknowledging and going back to normal come in either order; an alarm is closed when both have happened. While it is
# shelved the readings are still judged, and what they say shows when the shelf ends.
ALARM = StateMachine(
    Transition("acknowledge", (AlarmStatus.NEW,), AlarmStatus.ACKNOWLEDGED, "equipment.acknowledge"),
    Transition("acknowledge", (AlarmStatus.BACK,), AlarmStatus.CLOSED, "equipment.acknowledge"),
    Transition("clear", (AlarmStatus.NEW,), AlarmStatus.BACK, "equipment.judge"),
    Transition("clear", (AlarmStatus.ACKNOWLEDGED,), AlarmStatus.CLOSED, "equipment.judge"),
    Transition("clear", (AlarmStatus.SHELVED,), AlarmStatus.SHELVED, "equipment.judge"),
    Transition("log", (AlarmStatus.NEW,), AlarmStatus.LOGGED, "equipment.judge"),
    Transition("clear", (AlarmStatus.LOGGED,), AlarmStatus.CLOSED, "equipment.judge"),
    Transition(
        "shelve",
        (AlarmStatus.NEW, AlarmStatus.ACKNOWLEDGED, AlarmStatus.BACK),
        AlarmStatus.SHELVED,
        "equipment.shelve",
        needs_reason=True,
    ),
    Transition("stay_shelved", (AlarmStatus.NEW,), AlarmStatus.SHELVED, "equipment.judge"),
    Transition("return", (AlarmStatus.SHELVED,), AlarmStatus.NEW, "equipment.judge"),
    Transition("return_to_normal", (AlarmStatus.SHELVED,), AlarmStatus.BACK, "equipment.judge"),
    initial=AlarmStatus.NEW,
)
OPEN_ALARMS = (AlarmStatus.NEW, AlarmStatus.ACKNOWLEDGED, AlarmStatus.BACK, AlarmStatus.SHELVED)
UNSEEN_ALARMS = (AlarmStatus.NEW, AlarmStatus.BACK)
LIVE_ALARMS = (AlarmStatus.NEW, AlarmStatus.ACKNOWLEDGED)
