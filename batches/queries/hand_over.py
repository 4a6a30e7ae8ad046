"""What the next operator has to know about a batch, and why somebody cannot take it over."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from batches.models import Batch, BatchException, Entry, HandOver, Reading, Severity, Step
from batches.queries.exception_words import words_of
from batches.queries.gates import reasons_not_trained
from batches.queries.work import HOLD
from batches.states import ExceptionState, State
from mes import clock
from mes.accounts.models import User
from mes.accounts.queries import reasons_may_not_sign
from mes.errors import Reason
from mes.phrases import Phrase
from mes.quantities import amount

LATEST = 3
BLIND = "verified_blind"


@dataclass(frozen=True)
class Standing:
    """Lines in words: the timers that run, the exceptions that are open, what was recorded last.

    A tablet has room for a few lines: the gravest exceptions come first, and of these the newest.
    """

    timers: list[str]
    exceptions: list[str]
    entries: list[str]


def standing(batch: Batch) -> Standing:
    """How the batch stands now. Five queries at most, however much there is."""
    running = Step.objects.filter(batch=batch, status=State.RUNNING, kind=HOLD, not_before__isnull=False)
    exceptions = BatchException.objects.filter(batch=batch, status=ExceptionState.OPEN).select_related("step")
    by_weight = sorted(exceptions.order_by("-raised_at", "-id"), key=_mildness)
    words = words_of(by_weight)
    return Standing(
        timers=[_timer(batch, each, each.not_before) for each in running.order_by("position") if each.not_before],
        exceptions=[_exception(each, words[each.pk]) for each in by_weight],
        entries=[_entry(batch, each) for each in _latest(batch)],
    )


def _timer(batch: Batch, step: Step, ends: datetime) -> str:
    left = max(ends - clock.now(batch.site), timedelta(0))
    at = clock.on_the_wall(batch.site, ends)
    if not left:
        return Phrase("{step}: time is up since {at}", step=step, at=at)
    return Phrase("{step}: {left} left, until {at}", step=step, left=_length(left), at=at)


def _length(left: timedelta) -> str:
    """12:40, or 1 h 05 from an hour on: as the ring says it."""
    minutes, seconds = divmod(int(left.total_seconds()), 60)
    return f"{minutes // 60} h {minutes % 60:02}" if minutes >= 60 else f"{minutes:02}:{seconds:02}"


def _mildness(found: BatchException) -> int:
    return -Severity.values.index(found.severity)


def _exception(found: BatchException, words: str) -> str:
    return Phrase("{step}: {words}", step=found.step.key, words=words) if found.step else words


def _latest(batch: Batch) -> QuerySet[Entry]:
    found = Entry.objects.filter(step__batch=batch, reading=Reading.FIRST).select_related("step", "by")
    return found.order_by("-at", "-id")[:LATEST]


def _entry(batch: Batch, entry: Entry) -> str:
    """What somebody may have to read blind is not told before."""
    spec = next((spec for spec in entry.step.says.entries if spec.id == entry.name), None)
    value = Phrase(entry.value) if spec and spec.type == "yes_no" else amount(entry.value, entry.unit)
    return Phrase(
        "{step} {label}: {value} · {person}, {at}",
        step=entry.step.key,
        label=spec.name if spec else entry.name,
        value="…" if entry.step.says.signature == BLIND else value,
        person=entry.by.printed_name,
        at=clock.on_the_wall(batch.site, entry.done_at),
    )


def reasons_not_taken(step: Step, giving: User, taking: User, unsent: Collection[str]) -> list[Reason]:
    """Why this person cannot take the batch; `unsent` names those whose entries are only on this tablet."""
    if giving.pk == taking.pk:
        return [Reason("same_person", Phrase("Somebody else takes it over, not {person}.", person=giving), "")]
    return [*_no_right(step, taking), *_not_ready(step, taking), *_unsent(taking, unsent)]


def _no_right(step: Step, taking: User) -> Iterator[Reason]:
    if not taking.may("batches.execute", step.site):
        words = Phrase("{person} has no right to work on batches at {site}.", person=taking, site=step.site)
        yield Reason("no_right", words, "batches.execute")


def _not_ready(step: Step, taking: User) -> list[Reason]:
    return [*reasons_not_trained(step.batch, taking, clock.now(step.site)), *reasons_may_not_sign(taking)]


def _unsent(taking: User, unsent: Collection[str]) -> Iterator[Reason]:
    others = sorted(set(unsent) - {taking.username})
    if others:
        words = Phrase("Entries of {names} are only on this tablet. They are sent first.", names=", ".join(others))
        yield Reason("unsent_entries", words, others[0])


def hand_overs_of(batch: Batch) -> QuerySet[HandOver]:
    return HandOver.objects.filter(batch=batch).select_related("step", "given_by", "taken_by").order_by("at", "id")
