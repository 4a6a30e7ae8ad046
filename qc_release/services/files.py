"""Runs of instrument files become results: by themselves where the scanned sample waits for them, else by a person."""

from collections.abc import Mapping
from contextlib import suppress
from decimal import Decimal
from typing import Any

from django.db import IntegrityError

from equipment.errors import UnitUnfit
from equipment.files.models import InstrumentFile, InstrumentRun
from equipment.queries import reasons_not_to_measure
from mes import clock
from mes.accounts.models import User
from mes.accounts.queries import require
from mes.errors import InvalidInput, MesError
from mes.records.services import act
from mes.records.signing import Signer
from qc_release.errors import NotMatched
from qc_release.models import FileMatch, Sample
from qc_release.queries.files import (
    answers_of,
    awaited_by_a_sample,
    measured,
    sample_of,
    told_before,
    unlooked_quarantined,
    unlooked_runs,
    warnings_of,
)
from qc_release.services.results import enter_result
from qc_release.services.shared import require_own
from qc_release.states import FILE_MATCH, FileMatchState

AT_ONCE = 50


def look_after_files(*, actor: User) -> None:
    """Match what has come. Whoever else is doing so at this moment and was faster has done it."""
    for run in unlooked_runs()[:AT_ONCE]:
        with suppress(IntegrityError):
            _look_at(actor, run)
    for file in unlooked_quarantined()[:AT_ONCE]:
        with suppress(IntegrityError):
            _wait(actor, file, None, file.reading.quarantine)
    for match in awaited_by_a_sample()[:AT_ONCE]:
        _look_again(actor, match)


def match_file(
    *,
    actor: User,
    match: FileMatch,
    sample: Sample,
    answers: Mapping[str, str],
    units: Mapping[str, str] | None = None,
    amount: Decimal | None,
    amount_unit: str,
    reason: str = "",
    signer: Signer,
) -> FileMatch:
    """Enter values of a run as results of a sample, signed by whoever matches them: `answers` is measurement by test.

    A unit is taken from the file; `units` (by measurement) says it only where the file names none. A sample with
    another label than the run has needs a reason. InvalidInput, NotMatched, UnitUnfit, or what refuses a result.
    """
    require(actor, "qc.result", match.site)
    require_own(signer, actor)
    if sample.site_id != match.site_id or match.run is None:
        raise NotMatched("Only a run that was read can be matched, to a sample of its site.", match=str(match.id))
    if not answers:
        raise InvalidInput("Choose at least one value and the test it answers.", field="answers")
    if match.run.sample_id != sample.code and not reason.strip():
        words = f"The file says “{match.run.sample_id}”, the sample is {sample}. Write why it is the same."
        raise InvalidInput(words, field="reason")
    with act(
        actor, "qc_release.match_file", site=match.site, subject=match, batch=sample.batch_id, reason=reason
    ) as event:
        locked = _locked(match)
        FILE_MATCH.move(locked, "match", event=event, sample=sample, **_settled(locked, actor, reason))
        for test_id, name in answers.items():
            _enter(actor, locked, test_id, name, (amount, amount_unit), units or {}, signer)
        event.data |= {"sample": sample.code, "answers": dict(answers), "sha256": match.file.sha256}
    return locked


def set_file_aside(*, actor: User, match: FileMatch, reason: str) -> FileMatch:
    """This run, or this file that nobody can read, answers no test. It stays in the record with the reason."""
    with act(actor, "qc_release.set_file_aside", site=match.site, subject=match, reason=reason) as event:
        locked = _locked(match)
        FILE_MATCH.move(locked, "set_aside", event=event, **_settled(locked, actor, reason))
    return locked


def _look_at(actor: User, run: InstrumentRun) -> None:
    if told_before(run):
        with act(actor, "qc_release.receive_run", site=run.file.unit.site, subject=run.file) as event:
            FILE_MATCH.move(_received(run.file, run), "repeat", event=event)
        return
    sample = sample_of(run.file.unit.site, run.sample_id)
    try:
        with act(actor, "qc_release.receive_run", site=run.file.unit.site, subject=run.file):
            _match_by_itself(actor, _received(run.file, run), sample)
    except MesError as refusal:
        _wait(actor, run.file, run, _words(refusal), sample)


def _look_again(actor: User, match: FileMatch) -> None:
    """Once, when the sample is there; after that a person decides."""
    sample = sample_of(match.site, match.run.sample_id if match.run else "")
    try:
        with act(actor, "qc_release.match_file_again", site=match.site, subject=match):
            _match_by_itself(actor, _locked(match), sample)
    except MesError as refusal:
        with act(actor, "qc_release.match_file_again", site=match.site, subject=match):
            locked = _locked(match)
            if locked.status != FileMatchState.WAITING:
                return  # another worker has matched it meanwhile
            locked.sample, locked.why = sample, _words(refusal)
            locked.save(update_fields=["sample", "why"])


def _received(
    file: InstrumentFile, run: InstrumentRun | None, why: str = "", sample: Sample | None = None
) -> FileMatch:
    return FileMatch.objects.create(site=file.unit.site, file=file, run=run, why=why, sample=sample)


def _wait(
    actor: User, file: InstrumentFile, run: InstrumentRun | None, why: str, sample: Sample | None = None
) -> FileMatch:
    with act(actor, "qc_release.hold_file", site=file.unit.site, subject=file, data={"why": why}):
        return _received(file, run, why, sample)


def _match_by_itself(actor: User, match: FileMatch, sample: Sample | None) -> None:
    """All tests the specification lets this run answer, or none: NotMatched or another refusal says why."""
    run = match.run
    if run is None or sample is None:
        named = f"named “{run.sample_id}”" if run and run.sample_id else "named in the file"
        raise NotMatched(f"There is no sample {named}.")
    answers = answers_of(run, sample)
    if not answers:
        raise NotMatched(f"No test of {sample} waits for a value of this file.")
    if warnings := "; ".join(warnings_of(run, answers)):
        raise NotMatched(f"The instrument warns: {warnings}.")
    with act(actor, "qc_release.match_file", site=match.site, subject=match, batch=sample.batch_id) as event:
        FILE_MATCH.move(match, "match", event=event, sample=sample, **_settled(match, actor))
        for test_id, name in answers.items():
            _enter(actor, match, test_id, name, _amount_of(sample, test_id), {}, None)
        event.data |= {"sample": sample.code, "answers": answers, "sha256": match.file.sha256}


def _amount_of(sample: Sample, test_id: str) -> tuple[Decimal | None, str]:
    """How much of the sample the method takes, as the specification says."""
    file = sample.specification_version.content.test(sample.stage, test_id).file
    return (file.amount, file.amount_unit) if file else (None, "")


def _enter(
    actor: User,
    match: FileMatch,
    test_id: str,
    name: str,
    amount: tuple[Decimal | None, str],
    units: Mapping[str, str],
    signer: Signer | None,
) -> None:
    run, sample = match.run, match.sample
    if run is None or sample is None:
        raise NotMatched("A run and a sample belong to a match.")
    _require_fit(match.file)
    value = measured(run, name)
    unit = value["unit"] if value["unit"] is not None else units.get(name, "").strip()
    if not unit and sample.specification_version.content.test(sample.stage, test_id).unit:
        raise NotMatched(f"The file names no unit for “{name}”: a person says which it is.", field="units")
    enter_result(
        actor=actor,
        sample=sample,
        test_id=test_id,
        value=value["value"],
        unit=unit,
        amount=amount[0],
        amount_unit=amount[1],
        raw_data=_raw_data(run),
        tested_at=match.file.taken_at,
        run=run,
        signer=signer,
    )


def _require_fit(file: InstrumentFile) -> None:
    reasons = reasons_not_to_measure(file.unit, file.taken_at)
    if reasons:
        raise UnitUnfit.by(reasons, f"{file.unit} was not fit to measure.")


def _raw_data(run: InstrumentRun) -> str:
    """What stands in the result, on every print, and under the signature: the file and its digest."""
    file = run.file
    return f"From instrument file {file.name[:100]} of {file.unit}, run {run.number}, SHA-256 {file.sha256}"


def _settled(match: FileMatch, actor: User, reason: str = "") -> dict[str, Any]:
    return {"settled_by": actor, "settled_at": clock.now(match.site), "reason": reason}


def _locked(match: FileMatch) -> FileMatch:
    rows = FileMatch.objects.select_related("site", "file__unit__site", "file__reading", "run__file__unit__site")
    rows = rows.defer("file__content", "run__file__content").select_for_update(of=("self",))
    return rows.get(pk=match.pk)


def _words(refusal: MesError) -> str:
    reasons = [each["message"] for each in refusal.details.get("reasons", [])]
    return " ".join([refusal.message, *reasons])
