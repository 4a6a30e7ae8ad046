"""What the tablets promised, against what the server has."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from batches.models import Entry, Step, StepScan
from mes.records.models import Event
from tests.pages.histories.plan import COMPLETE, SCAN
from tests.pages.histories.tablet import Tablet, Told


def differences(step: UUID, tablets: list[Tablet]) -> list[str]:
    """Empty when nothing was lost, doubled, out of order, out of context or refused without being shown."""
    entries = list(Entry.objects.filter(step_id=step).order_by("at"))
    found = [*_doubled(entries), *_strange(entries, tablets), *_counted(step, tablets)]
    for tablet in tablets:
        found += [*_lost(entries, tablet), *_out_of_order(entries, tablet), *_refused_wrongly(step, entries, tablet)]
        found += [
            *tablet.stays,
            *tablet.out_of_context,
            *tablet.taken_wrongly,
            *_recorded_all_the_same(tablet),
            *_taken_in_silence(tablet),
        ]
    return found


def _doubled(entries: list[Entry]) -> Iterator[str]:
    names = [entry.name for entry in entries]
    yield from (f"doubled: {name}" for name in sorted(set(names)) if names.count(name) > 1)


def _strange(entries: list[Entry], tablets: list[Tablet]) -> Iterator[str]:
    known = {(tap.id, tap.name, tap.value) for tablet in tablets for tap in tablet.taps}
    yield from (
        f"nobody tapped {each.name} {each.value}" for each in entries if (each.id, each.name, each.value) not in known
    )


def _counted(step: UUID, tablets: list[Tablet]) -> Iterator[str]:
    """Scans and completions carry no id of the tablet: the server has as many as calls that it carried out."""
    done = [tap.name for tablet in tablets for tap in tablet.taps if tap.is_done]
    completed = Event.objects.filter(action="batches.complete_step", subject_id=step).count()
    for name, number in ((SCAN, StepScan.objects.filter(step_id=step).count()), (COMPLETE, completed)):
        if done.count(name) != number:
            yield f"{name}: {number} in the record, {done.count(name)} carried out"


def _lost(entries: list[Entry], tablet: Tablet) -> Iterator[str]:
    recorded = {entry.id for entry in entries}
    somewhere = recorded | tablet.shown.keys() | tablet.withdrawn
    yield from (
        f"lost: {tap.name} {tap.value}"
        for tap in tablet.taps
        if tap.promised and tap.id not in somewhere and not (_has_no_id(tap) and tap.is_done)
    )


def _has_no_id(tap: Told) -> bool:
    return tap.name in (SCAN, COMPLETE)


def _recorded_all_the_same(tablet: Tablet) -> Iterator[str]:
    yield from (
        f"should not be recorded: {tap.name} {tap.value}"
        for tap in tablet.taps
        if tap.id in tablet.withdrawn and tap.is_done
    )


def _taken_in_silence(tablet: Tablet) -> Iterator[str]:
    """What the tablet said it does not take is in no record either."""
    yield from (f"recorded though it was not taken: {tap.name} {tap.value}" for tap in tablet.not_taken if tap.is_done)


def _out_of_order(entries: list[Entry], tablet: Tablet) -> Iterator[str]:
    order = {tap.id: place for place, tap in enumerate(tablet.taps)}
    places = [order[entry.id] for entry in entries if entry.id in order]
    if places != sorted(places):
        yield f"out of order: {places}"


def _refused_wrongly(step: UUID, entries: list[Entry], tablet: Tablet) -> Iterator[str]:
    """Conflicts here: the name has its value from another tap, the step is complete, or its label was not scanned."""
    by_name = {entry.name: entry.id for entry in entries}
    for place, tap in enumerate(tablet.taps):
        if tap.id not in tablet.shown:
            continue
        code = tablet.shown[tap.id]
        is_scanned = any(each.name == SCAN and each.is_done for each in tablet.taps[:place])
        is_right = {
            "already_recorded": by_name.get(tap.name, tap.id) != tap.id,
            "wrong_state": Step.objects.get(pk=step).status == "COMPLETE",
            "incomplete": not is_scanned,
            "identity_not_scanned": not is_scanned,
        }
        if not is_right.get(code):
            yield f"refused without a conflict ({code}): {tap.name} {tap.value}"
