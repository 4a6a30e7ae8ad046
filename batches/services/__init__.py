"""Every change of a batch. One verb, one act, one event; the caller names the actor."""

from batches.services.commands import command_batch, command_step, hold_by_rule
from batches.services.decisions import decide
from batches.services.deviations import (
    approve_deviation,
    close_deviation,
    investigate,
    open_deviation,
)
from batches.services.documents import render_document, request_record
from batches.services.due import advance_batch, advance_due
from batches.services.early_end import decide_on_material
from batches.services.entries import correct_entry, record_entry
from batches.services.exceptions import decide_exception
from batches.services.materials import add_material
from batches.services.planning import cancel_plan, issue_batch, plan_batch, replan_batch
from batches.services.scans import scan_for_step
from batches.services.steps import complete_step, start_step, verify_step
from batches.services.transfers import draw_sample, transfer_material
from batches.services.units import bind_unit, send_command

__all__ = [
    "add_material",
    "advance_batch",
    "advance_due",
    "approve_deviation",
    "bind_unit",
    "cancel_plan",
    "close_deviation",
    "command_batch",
    "command_step",
    "complete_step",
    "correct_entry",
    "decide",
    "decide_exception",
    "decide_on_material",
    "draw_sample",
    "hold_by_rule",
    "investigate",
    "issue_batch",
    "open_deviation",
    "plan_batch",
    "record_entry",
    "render_document",
    "replan_batch",
    "request_record",
    "scan_for_step",
    "send_command",
    "start_step",
    "transfer_material",
    "verify_step",
]
