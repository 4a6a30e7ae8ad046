"""The whole record of a batch as plain data: what the page, the JSON export and the PDF are made of."""

from __future__ import annotations

from batches.models import Batch
from batches.queries.calls import calls_of
from batches.queries.early_end import notices_of
from batches.queries.hand_over import hand_overs_of
from batches.queries.record.alarms import alarm_line
from batches.queries.record.calls import call_line
from batches.queries.record.early_end import disposition_line, notice_line
from batches.queries.record.exceptions import deviation_record, exception_line
from batches.queries.record.hand_overs import hand_over_line
from batches.queries.record.labels import label_line, labels_explained
from batches.queries.record.lines import BatchRecord, EventLine, YieldLine
from batches.queries.record.paper_forms import paper_forms_of
from batches.queries.record.redlines import redline_line
from batches.queries.record.rows import Rows
from batches.queries.record.steps import step_record
from batches.queries.yields import Yield, read_outputs, yields_of
from chain_of_identity.queries import reconcile
from equipment.alarms.membership import alarms_of_batch
from mes.records.models import Event
from mes.records.queries import events_of_batch

__all__ = ["BatchRecord", "record_of"]


def record_of(batch: Batch) -> BatchRecord:
    """The record in the order of the recipe. The number of queries does not depend on its length."""
    rows = Rows(batch)
    version = batch.recipe_version
    site = batch.site
    labels = reconcile(batch.order, batch.id)
    outputs = read_outputs(batch.control_recipe["formula"]["outputs"])
    return BatchRecord(
        id=str(batch.id),
        number=batch.number,
        site=f"{site.name} ({site.code})",
        timezone=site.timezone,
        clock_scale=str(site.clock_scale.normalize()),
        coi_id=batch.coi_id,
        recipe=version.recipe.code,
        recipe_version=version.number,
        sha256=batch.sha256,
        product=batch.control_recipe["recipe"]["product"]["name"],
        parameters=batch.parameters,
        suite=batch.suite,
        status=batch.status,
        attempt=batch.attempt,
        planned_start=batch.planned_start,
        planned_end=batch.planned_end,
        issued_at=batch.issued_at,
        started_at=batch.started_at,
        ended_at=batch.ended_at,
        signatures=rows.signatures.lines(batch),
        steps=[step_record(rows, step) for step in rows.steps],
        paper_forms=paper_forms_of(batch),
        yields=[_yield_line(each) for each in yields_of(outputs, rows.steps)],
        exceptions=[exception_line(rows, each) for each in rows.exceptions],
        deviations=[deviation_record(rows, each) for each in rows.deviations],
        redlines=[redline_line(rows, each) for each in rows.redlines],
        calls=[call_line(each) for each in calls_of(batch)],
        hand_overs=[hand_over_line(each) for each in hand_overs_of(batch)],
        dispositions=[disposition_line(rows, each) for each in rows.dispositions],
        notices=[notice_line(each) for each in notices_of(batch)],
        labels=[label_line(each) for each in labels.lines],
        labels_explained=[labels_explained(each) for each in labels.explanations],
        alarms=[alarm_line(each) for each in alarms_of_batch(batch.id)],
        events=[_event_line(each) for each in events_of_batch(batch.id)],
    )


def _yield_line(made: Yield) -> YieldLine:
    return YieldLine(
        name=made.name,
        actual=f"{made.actual:f}",
        theoretical=f"{made.theoretical:f}",
        unit=made.unit,
        percent=str(made.percent),
        low=f"{made.low:f}",
        high=f"{made.high:f}",
        is_within=made.is_within,
    )


def _event_line(event: Event) -> EventLine:
    return EventLine(
        id=str(event.id),
        at=event.at,
        process_at=event.process_at,
        actor=event.actor_name,
        role=event.actor_role,
        action=event.action,
        subject=event.subject_label,
        moves=event.moves,
        reason=event.reason,
        software_version=event.software_version,
    )
