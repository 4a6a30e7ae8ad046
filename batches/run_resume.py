"""The card that whoever comes back to a step reads first: where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from batches.models import HandOver, Step
from batches.states import State
from mes import clock
from mes.accounts.models import User
from mes.phrases import Phrase
from mes.records import current

Json = dict[str, Any]
JUST_NOW = timedelta(minutes=1)


def resume_of(step: Step, user: User, shown: Json) -> Json | None:
    """Its lines in words, and a key by which the tablet knows that it was read; None where nobody comes back."""
    back_at = current.request.get().back_at
    if back_at is None or step.status != State.RUNNING or step.started_at is None:
        return None
    if step.started_at >= clock.to_process(step.site, back_at):
        return None
    return {"key": f"{step.id} {back_at.isoformat()}", "lines": list(_lines(step, user, shown, back_at))}


def _lines(step: Step, user: User, shown: Json, back_at: datetime) -> Iterator[str]:
    place = {"position": shown["position"], "of": shown["of"]}
    if step.performer is None or step.performer_id == user.pk:
        yield Phrase("You were at step {position} of {of}.", **place)
    else:
        yield Phrase("{person} began step {position} of {of}.", person=step.performer, **place)
    if shown["scan"]["done"]:
        last = shown["scan"]["done"][-1]
        at = clock.on_the_wall(step.site, datetime.fromisoformat(last["at"]))
        yield Phrase("{label} scanned {at} by {person}.", label=last["label"], at=at, person=last["by"])
    yield from _note(step, user, back_at)


def _note(step: Step, user: User, back_at: datetime) -> Iterator[str]:
    """What the one who handed over wanted to be known, where that was how this person came."""
    found = HandOver.objects.filter(batch=step.batch_id, taken_by=user, at__range=(back_at - JUST_NOW, back_at))
    last = found.exclude(note="").select_related("given_by").last()
    if last is not None:
        yield Phrase("Note from {person}: {note}", person=last.given_by, note=Phrase(last.note))
