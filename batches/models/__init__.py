"""The batch, its procedural elements, and what was recorded in each step."""

from batches.models.batch import Batch
from batches.models.calls import SupervisorCall
from batches.models.deviations import BatchException, Deviation, ExceptionKind, Severity
from batches.models.dispositions import MaterialDisposition
from batches.models.documents import BatchDocument, DocumentContent
from batches.models.elements import Operation, Step, UnitProcedure
from batches.models.facts import (
    CalculatedValue,
    Decision,
    Entry,
    LineClearance,
    LotChoice,
    MaterialUse,
    Reading,
    StepCommand,
    StepScan,
    StepTransfer,
)
from batches.models.hand_overs import HandOver
from batches.models.paper_forms import PaperForm, PaperFormScan, PaperFormStep
from batches.models.photos import DeviationPhoto, StepPhoto
from batches.models.redlines import Redline
from batches.models.units import UnitBinding

__all__ = [
    "Batch",
    "BatchDocument",
    "BatchException",
    "CalculatedValue",
    "Decision",
    "Deviation",
    "DeviationPhoto",
    "DocumentContent",
    "Entry",
    "ExceptionKind",
    "HandOver",
    "LineClearance",
    "LotChoice",
    "MaterialDisposition",
    "MaterialUse",
    "Operation",
    "PaperForm",
    "PaperFormScan",
    "PaperFormStep",
    "Reading",
    "Redline",
    "Severity",
    "Step",
    "StepCommand",
    "StepPhoto",
    "StepScan",
    "StepTransfer",
    "SupervisorCall",
    "UnitBinding",
    "UnitProcedure",
]
