"""Rooms, units, who used them, who cleaned and calibrated them, what they were told, what they measured."""

from equipment.alarms.models import Alarm, AlarmDefinition, AlarmProgress
from equipment.files import models as files  # noqa: F401 (tables of this room)
from equipment.models.checks import Check, CheckReport
from equipment.models.commands import Command
from equipment.models.places import CLASS_CHOICES, Grade, Room, Unit
from equipment.models.readings import Reading, ReadingBatch
from equipment.models.use import Calibration, Cleaning, Occupancy
from equipment.terminals import models as terminals  # noqa: F401 (tables of this room)

__all__ = [
    "CLASS_CHOICES",
    "Alarm",
    "AlarmDefinition",
    "AlarmProgress",
    "Calibration",
    "Check",
    "CheckReport",
    "Cleaning",
    "Command",
    "Grade",
    "Occupancy",
    "Reading",
    "ReadingBatch",
    "Room",
    "Unit",
]
