"""Rooms, units, who used them, who cleaned and calibrated them, what they were told, what they measured."""

from equipment.alarms.models import Alarm, AlarmDefinition, AlarmProgress
from equipment.files.models import FileReading, InstrumentFile, InstrumentRun
from equipment.models.checks import Check, CheckReport
from equipment.models.commands import Command
from equipment.models.places import CLASS_CHOICES, Grade, Room, Unit
from equipment.models.readings import Reading, ReadingBatch
from equipment.models.use import Calibration, Cleaning, Occupancy
from equipment.terminals.models import Terminal

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
    "FileReading",
    "Grade",
    "InstrumentFile",
    "InstrumentRun",
    "Occupancy",
    "Reading",
    "ReadingBatch",
    "Room",
    "Terminal",
    "Unit",
]
