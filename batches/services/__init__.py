"""Every change of a batch. One verb, one act, one event; the caller names the actor."""

from batches.services.calls import answer_call, call_supervisor, escalate_calls, settle_call, withdraw_call
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
from batches.services.entries import correct_entry, record_entry, record_not_applicable
from batches.services.exceptions import decide_exception
from batches.services.hand_over import hand_over
from batches.services.materials import add_material
from batches.services.paper_forms import declare_form_lost, issue_form, return_form
from batches.services.photos import add_photo
from batches.services.planning import cancel_plan, issue_batch, plan_batch, replan_batch
from batches.services.redlines import approve_redline, propose_redline, refuse_redline, withdraw_redline
from batches.services.scans import cannot_scan_for_step, scan_for_step
from batches.services.silence import hold_where_silent
from batches.services.steps import complete_step, start_step, verify_step
from batches.services.taking_over import take_over_step
from batches.services.transfers import draw_sample, transfer_material
from batches.services.units import bind_unit, send_command

__all__ = [
    "add_material",
    "add_photo",
    "advance_batch",
    "advance_due",
    "answer_call",
    "approve_deviation",
    "approve_redline",
    "bind_unit",
    "call_supervisor",
    "cancel_plan",
    "cannot_scan_for_step",
    "close_deviation",
    "command_batch",
    "command_step",
    "complete_step",
    "correct_entry",
    "decide",
    "decide_exception",
    "decide_on_material",
    "declare_form_lost",
    "draw_sample",
    "escalate_calls",
    "hand_over",
    "hold_by_rule",
    "hold_where_silent",
    "investigate",
    "issue_batch",
    "issue_form",
    "open_deviation",
    "plan_batch",
    "propose_redline",
    "record_entry",
    "record_not_applicable",
    "refuse_redline",
    "render_document",
    "replan_batch",
    "request_record",
    "return_form",
    "scan_for_step",
    "send_command",
    "settle_call",
    "start_step",
    "take_over_step",
    "transfer_material",
    "verify_step",
    "withdraw_call",
    "withdraw_redline",
]
