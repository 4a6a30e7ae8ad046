"""Calls for a supervisor: who waits, since when, where, and who comes."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from batches.models import Batch, Step, SupervisorCall
from batches.queries.visible import VIEW
from batches.states import UNSETTLED_CALLS
from mes.accounts.models import User

ANSWER = "batches.answer_call"


def calls_visible_to(user: User) -> QuerySet[SupervisorCall]:
    found = SupervisorCall.objects.filter(batch__site_id__in=user.sites_for(VIEW))
    return _with_people(found)


def calls_of(batch: Batch) -> QuerySet[SupervisorCall]:
    return _with_people(SupervisorCall.objects.filter(batch=batch))


def calls_waiting(user: User) -> QuerySet[SupervisorCall]:
    """What is not settled at the sites this person sees; the longest wait first."""
    return calls_visible_to(user).filter(status__in=UNSETTLED_CALLS)


def calls_to_answer(user: User) -> QuerySet[SupervisorCall]:
    """The same at the sites where this person comes when called."""
    return calls_waiting(user).filter(batch__site_id__in=user.sites_for(ANSWER))


def unsettled_call_of(step: Step) -> SupervisorCall | None:
    return _with_people(SupervisorCall.objects.filter(step=step, status__in=UNSETTLED_CALLS)).first()


def call_at(step: Step) -> dict[str, Any] | None:
    """What the run screen says of it; None where nobody is called."""
    call = unsettled_call_of(step)
    return None if call is None else {"id": str(call.id), "status": call.status, "words": call.words}


def _with_people(found: QuerySet[SupervisorCall]) -> QuerySet[SupervisorCall]:
    people = ("called_by", "answered_by", "settled_by")
    return found.select_related("batch__site", "batch__order", "step", "room", *people).order_by("called_at", "id")
