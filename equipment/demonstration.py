"""The equipment of the demonstration site: what both recipes need, three times over, and one unit that is not fit.

It has a few alarms that make sense at any time, and one of them that came in the night and was answered.
"""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

from equipment import services
from equipment.adapters.base import Reading
from equipment.gateway.site import take_in
from equipment.models import Alarm, Room, Unit
from equipment.readings import Bundle
from mes import clock
from mes.demonstration import Stage

VALID = timedelta(days=730)
ROOMS = [
    ("CR-101", "Cell processing 1", "C"),
    ("CR-102", "Open manipulation and fill", "B"),
    ("CR-103", "Cell processing 2", "C"),
    ("CR-104", "Cell processing 3", "C"),
    ("CR-110", "Storage", "D"),
]
UNITS = [
    ("PROC-1", "Cell processor 1", "cell_processor", "CR-101"),
    ("PROC-2", "Cell processor 2", "cell_processor", "CR-101"),
    ("BRX-1", "Bioreactor 1", "bioreactor", "CR-101"),
    ("RBX-1", "Rocking bioreactor 1", "rocking_bioreactor", "CR-101"),
    ("RBX-2", "Rocking bioreactor 2", "rocking_bioreactor", "CR-101"),
    ("INC-1", "Incubator 1", "incubator", "CR-101"),
    ("INC-2", "Incubator 2", "incubator", "CR-101"),
    ("CNT-1", "Cell counter 1", "cell_counter", "CR-101"),
    ("SEAL-1", "Tube sealer 1", "tube_sealer", "CR-101"),
    ("PROC-3", "Cell processor 3", "cell_processor", "CR-103"),
    ("CNT-2", "Cell counter 2", "cell_counter", "CR-103"),
    ("SEAL-2", "Tube sealer 2", "tube_sealer", "CR-103"),
    ("PROC-4", "Cell processor 4", "cell_processor", "CR-104"),
    ("CNT-3", "Cell counter 3", "cell_counter", "CR-104"),
    ("SEAL-3", "Tube sealer 3", "tube_sealer", "CR-104"),
    ("BSC-1", "Safety cabinet 1", "safety_cabinet", "CR-102"),
    ("BSC-2", "Safety cabinet 2", "safety_cabinet", "CR-102"),
    ("THAW-1", "Thawing device 1", "thawing_device", "CR-102"),
    ("CRF-1", "Controlled-rate freezer 1", "controlled_rate_freezer", "CR-110"),
    ("LN2-1", "Nitrogen store 1", "ln2_freezer", "CR-110"),
    ("SHIP-1", "Dry shipper 1", "shipper", "CR-110"),
    ("GAS-1", "Gas monitor 1", "gas_monitor", "CR-110"),
]
NOT_CLEANED = {"INC-2"}
# Unit, tag, limits, deadband, delay in seconds, priority, minutes to respond, what it means, what to do.
ALARMS: list[tuple[str, str, dict[str, Decimal], str, int, str, int, str, str]] = [
    (
        "LN2-1",
        "temperature",
        {"high": Decimal(-150)},
        "5",
        60,
        "p1",
        10,
        "Frozen products warm above their storage limit within the hour.",
        "Close the lid, fill nitrogen; if it still rises, move every rack to the reserve vessel, scan both.",
    ),
    (
        "INC-1",
        "temperature",
        {"high": Decimal("38.5")},
        "0.3",
        120,
        "p1",
        10,
        "Cells above 38.5 °C stop growing within 20 min.",
        "Move the vessel to the other incubator, scan both; call the engineer.",
    ),
    (
        "INC-2",
        "temperature",
        {"high": Decimal("38.5")},
        "0.3",
        120,
        "p2",
        60,
        "Nothing is in it now, but it cannot take a vessel.",
        "Open the door for a minute, look at the set-point; call the engineer when it comes again.",
    ),
    (
        "BRX-1",
        "temperature",
        {"high": Decimal("38.5")},
        "0.3",
        120,
        "p1",
        10,
        "Cells above 38.5 °C stop growing within 20 min.",
        "Look at heater and set-point on the unit; hold the batch when it does not fall in 5 min.",
    ),
    (
        "GAS-1",
        "oxygen",
        {"low": Decimal("19.5")},
        "0.3",
        10,
        "p1",
        10,
        "Nitrogen takes the place of air: who goes in may faint without a warning.",
        "Leave the room and keep others out; ventilate; call the engineer. Go in with a breathing apparatus only.",
    ),
]


def load(stage: Stage) -> None:
    rooms = {code: _room(stage, code, name, grade) for code, name, grade in ROOMS}
    units = {
        code: _made_fit(stage, _unit(stage, rooms[room], code, name, class_code))
        for code, name, class_code, room in UNITS
    }
    for code, tag, limits, deadband, delay, priority, minutes, consequence, response in ALARMS:
        services.define_alarm(
            actor=stage.people["ravi"],
            unit=units[code],
            tag=tag,
            low=limits.get("low"),
            high=limits.get("high"),
            deadband=Decimal(deadband),
            delay_seconds=delay,
            priority=priority,
            consequence=consequence,
            response=response,
            respond_minutes=minutes,
        )
    _alarm_in_the_night(stage, units["INC-2"])


def _alarm_in_the_night(stage: Stage, unit: Unit) -> None:
    """The empty incubator overheated for six minutes, six hours ago; Olga saw to it."""
    start, step = clock.now(stage.site) - timedelta(hours=6), timedelta(seconds=30)
    values = [37.0] * 4 + [38.9] * 12 + [37.2] * 10
    rows = [
        (unit.pk, Reading("temperature", value, start + number * step, start + number * step))
        for number, value in enumerate(values)
    ]
    take_in(Bundle(uuid4(), rows))
    alarm = Alarm.objects.select_related("unit__site").get(unit=unit)
    words = "Door was ajar. Closed it; 37.2 °C after five minutes."
    services.acknowledge_alarm(actor=stage.people["olga"], alarm=alarm, comment=words)


def _room(stage: Stage, code: str, name: str, grade: str) -> Room:
    room = services.add_room(actor=stage.people["sven"], site=stage.site, code=code, name=name, grade=grade)
    checker = stage.signer("vera", "checked")
    services.clean_room(actor=stage.people["olga"], room=room, procedure="SOP-CLN-001", checker=checker)
    return room


def _unit(stage: Stage, room: Room, code: str, name: str, class_code: str) -> Unit:
    return services.add_unit(
        actor=stage.people["sven"],
        site=stage.site,
        room=room,
        code=code,
        name=name,
        class_code=class_code,
        area="Manufacturing" if room.grade in "BC" else "Storage",
        process_cell="Cell therapy 1",
        adapter="simulator",
        address=stage.site.code,
    )


def _made_fit(stage: Stage, unit: Unit) -> Unit:
    sven, olga, now = stage.people["sven"], stage.people["olga"], clock.now(stage.site)
    services.qualify_unit(actor=sven, unit=unit, until=now + VALID, report=f"PQ-{unit.code}")
    if unit.page.calibrated:
        services.record_calibration(
            actor=sven,
            unit=unit,
            checker=stage.signer("vera", "checked"),
            certificate=f"CAL-{unit.code}",
            due_at=now + VALID,
        )
    if unit.code not in NOT_CLEANED:
        services.record_cleaning(
            actor=olga,
            unit=unit,
            checker=stage.signer("vera", "checked"),
            procedure="SOP-CLN-002",
            due_at=now + VALID,
        )
    return unit
