"""Reads of batches: who may see what, gates, the run screen, the whole record."""

from batches.queries.completeness import missing_facts
from batches.queries.gates import (
    reasons_not_startable,
    reasons_step_blocked,
    reasons_unsettled,
)
from batches.queries.missing import reasons_incomplete
from batches.queries.paper_forms import forms_out, forms_visible_to, reasons_forms_out
from batches.queries.record import BatchRecord, record_of
from batches.queries.review import (
    completeness,
    critical_values,
    deviations_of,
    exceptions_of,
    open_exceptions,
    performers_of,
    photos_of_step,
    reasons_deviations,
    reasons_exceptions,
    reasons_line_in_use,
    reasons_signatures,
    reasons_steps_open,
    reasons_training,
)
from batches.queries.run import run_screen
from batches.queries.timeline import timeline
from batches.queries.visible import (
    deviations_visible_to,
    documents_visible_to,
    exceptions_visible_to,
    id_of_number,
    numbers_of,
    photos_visible_to,
    steps_to_act_on,
    steps_visible_to,
    visible_to,
)
from batches.queries.work import next_actions

__all__ = [
    "BatchRecord",
    "completeness",
    "critical_values",
    "deviations_of",
    "deviations_visible_to",
    "documents_visible_to",
    "exceptions_of",
    "exceptions_visible_to",
    "forms_out",
    "forms_visible_to",
    "id_of_number",
    "missing_facts",
    "next_actions",
    "numbers_of",
    "open_exceptions",
    "performers_of",
    "photos_of_step",
    "photos_visible_to",
    "reasons_deviations",
    "reasons_exceptions",
    "reasons_forms_out",
    "reasons_incomplete",
    "reasons_line_in_use",
    "reasons_not_startable",
    "reasons_signatures",
    "reasons_step_blocked",
    "reasons_steps_open",
    "reasons_training",
    "reasons_unsettled",
    "record_of",
    "run_screen",
    "steps_to_act_on",
    "steps_visible_to",
    "timeline",
    "visible_to",
]
