"""The trends of the units a batch works in, drawn for its page."""

from __future__ import annotations

from datetime import datetime, timedelta

from batches.models import Batch, Step, UnitBinding
from equipment.drawn_trend import Lane, Mark, draw
from equipment.trends import trends
from mes import clock

# What a look at a culture asks for first, in this order; a class shows those it measures.
TAGS = ("temperature", "ph", "do", "co2", "viable_density", "viability")
MOST_LANES = 4
POINTS = 300


def lanes_of(batch: Batch) -> list[Lane]:
    """One variable per lane, of the unit bound last that measures any of them; empty before that."""
    for binding in _bindings(batch):
        tags = _tags_of(binding)
        if tags:
            return _drawn(batch, binding, tags)
    return []


def _bindings(batch: Batch) -> list[UnitBinding]:
    found = UnitBinding.objects.filter(batch=batch).select_related("unit__site")
    return list(found.order_by("until", "-since"))


def _tags_of(binding: UnitBinding) -> list[str]:
    measured = {tag.name for tag in binding.unit.page.tags}
    return [tag for tag in TAGS if tag in measured][:MOST_LANES]


def _drawn(batch: Batch, binding: UnitBinding, tags: list[str]) -> list[Lane]:
    end = max(binding.until or clock.now(batch.site), binding.since + timedelta(minutes=1))
    found = trends(binding.unit, tags, binding.since, end, POINTS)
    marks = _marks(batch, binding.since, end)
    return [draw(found[tag], zone=batch.site.timezone, marks=marks) for tag in tags]


def _marks(batch: Batch, start: datetime, end: datetime) -> list[Mark]:
    """Steps that began in this time, each with a way to it."""
    begun = Step.objects.filter(batch=batch, started_at__gte=start, started_at__lt=end)
    return [
        Mark(step.started_at, "step", step.key, f"/steps/{step.id}/")
        for step in begun.order_by("started_at")
        if step.started_at
    ]
