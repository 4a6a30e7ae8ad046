"""Results: entered and signed by the analyst, judged here, checked by a second analyst. None is ever overwritten."""

from datetime import datetime
from decimal import Decimal

from equipment.files.models import InstrumentRun
from mes import clock
from mes.accounts.models import User
from mes.accounts.queries import require
from mes.errors import InvalidInput, NotPermitted
from mes.records.services import act, sign
from mes.records.signing import Signer
from qc_release.document import Patient, Test
from qc_release.errors import MethodNotApproved, NoAssignableCause, ResultExists, RetestRefused
from qc_release.limits import Value, Verdict
from qc_release.models import Method, Purpose, ReleaseFile, Result, Sample
from qc_release.queries import TestLine, lines_of, patient_of
from qc_release.queries.bench import laboratory_error, measured_by
from qc_release.services.investigations import investigation_of, open_investigation
from qc_release.services.notices import notify_of_late_failure
from qc_release.services.samples import require_whole
from qc_release.services.shared import locked_file, require_own
from qc_release.states import RESULT, MethodState


def record_result(
    *,
    actor: User,
    sample: Sample,
    test_id: str,
    value: Value,
    unit: str = "",
    amount: Decimal | None,
    amount_unit: str,
    raw_data: str,
    calculation: str = "",
    tested_at: datetime | None = None,
    signer: Signer,
) -> Result:
    """Enter and sign a result. The verdict is computed from the specification version the batch is judged by.

    A failing result opens its investigation in the same act (R-152). InvalidInput without raw data, amount or a whole
    sample record; MethodNotApproved; ResultExists or RetestRefused when the test has a result that counts.
    """
    require_own(signer, actor)
    return enter_result(
        actor=actor,
        sample=sample,
        test_id=test_id,
        value=value,
        unit=unit,
        amount=amount,
        amount_unit=amount_unit,
        raw_data=raw_data,
        calculation=calculation,
        tested_at=tested_at,
        signer=signer,
    )


def enter_result(
    *,
    actor: User,
    sample: Sample,
    test_id: str,
    value: Value,
    unit: str,
    amount: Decimal | None,
    amount_unit: str,
    raw_data: str,
    calculation: str = "",
    tested_at: datetime | None,
    run: InstrumentRun | None = None,
    signer: Signer | None,
) -> Result:
    """The same for a person who signs, and for the run of an instrument file that nobody typed and nobody signs."""
    site = sample.site
    require(actor, "qc.result", site)
    require_whole(sample)
    tested_amount = _require_raw_data(raw_data, amount, amount_unit)
    test = sample.specification_version.content.test(sample.stage, test_id)
    method = _approved_method(sample, test)
    with act(actor, "qc_release.record_result", site=site, subject=sample, batch=sample.batch_id) as event:
        file = locked_file(sample.batch.release_file)
        patient = patient_of(file)
        judgement = test.judge(value, unit=unit, patient=patient)
        result = Result.objects.create(
            sample=sample,
            test_id=test_id,
            number=sample.results.filter(test_id=test_id).count() + 1,
            purpose=_purpose(_line(file, test)),
            method=method,
            value=value,
            unit=unit or test.unit,
            amount=tested_amount,
            amount_unit=amount_unit,
            raw_data=raw_data,
            run=run,
            calculation=calculation,
            tested_at=_tested_at(sample, tested_at),
            analyst=actor,
            given=_frozen(patient),
            limit=test.describe(patient),
            judged=judgement.judged,
            reasoning=judgement.reason,
            verdict=judgement.verdict,
        )
        if signer is not None:
            sign(event, signer, subject=result, meaning="performed")
        event.data |= {"result": str(result.id), "test": test.key, "verdict": result.verdict}
        if result.verdict == Verdict.FAIL:
            open_investigation(actor=actor, result=result)
            notify_of_late_failure(actor=actor, file=file, result=result)
    return result


def check_result(*, actor: User, result: Result, signer: Signer) -> Result:
    """The second analyst reviewed the original records and agrees (R-150). Never the tester."""
    require_own(signer, actor)
    with act(actor, "qc_release.check_result", site=result.site, subject=result, batch=result.sample.batch_id) as event:
        result = _locked(result)
        _note_checker(result, actor)
        RESULT.move(result, "check", event=event, signers=[signer])
        sign(event, signer, subject=result, meaning="checked")
    return result


def return_result(*, actor: User, result: Result, reason: str, signer: Signer) -> Result:
    """The second analyst found an error in the record: the test is entered again, and this row stays."""
    require_own(signer, actor)
    batch_id = result.sample.batch_id
    with act(
        actor, "qc_release.return_result", site=result.site, subject=result, batch=batch_id, reason=reason
    ) as event:
        result = _locked(result)
        _note_checker(result, actor)
        RESULT.move(result, "return", event=event, signers=[signer])
        sign(event, signer, subject=result, meaning="checked")
    return result


def invalidate_result(*, actor: User, result: Result, reason: str, signer: Signer) -> Result:
    """Take a result out of judgement. Only a closed investigation that found a laboratory error allows it (R-153)."""
    require_own(signer, actor)
    batch_id = result.sample.batch_id
    with act(
        actor, "qc_release.invalidate_result", site=result.site, subject=result, batch=batch_id, reason=reason
    ) as event:
        result = _locked(result)
        investigation = laboratory_error(result)
        if investigation is None:
            raise NoAssignableCause("Quality has approved no laboratory error for this result.", result=str(result))
        RESULT.move(result, "invalidate", event=event, signers=[signer])
        sign(event, signer, subject=result, meaning="approved")
        event.data |= {"investigation": investigation.number}
    return result


def _require_raw_data(raw_data: str, amount: Decimal | None, amount_unit: str) -> Decimal:
    """The amount that was tested. 21 CFR 211.194(a)(3)-(6): a result without raw data is none."""
    if not raw_data.strip():
        raise InvalidInput("Name the raw data: worksheet, file or instrument run.", field="raw_data")
    if amount is None or amount <= 0 or not amount_unit.strip():
        raise InvalidInput("Write how much of the sample was tested, with its unit.", field="amount")
    return amount


def _approved_method(sample: Sample, test: Test) -> Method:
    """The method and version the specification names, approved at this site."""
    found = Method.objects.filter(site=sample.site, code=test.method.code, number=test.method.version).first()
    if found is None or found.status != MethodState.APPROVED:
        words = f"{test.method.code} version {test.method.version} is not an approved method at {sample.site}."
        raise MethodNotApproved(words, method=test.method.code, number=test.method.version)
    return found


def _tested_at(sample: Sample, tested_at: datetime | None) -> datetime:
    at = tested_at or clock.now(sample.site)
    if sample.taken_at is not None and at < sample.taken_at:
        raise InvalidInput("A sample is not tested before it was taken.", field="tested_at")
    return at


def _frozen(patient: Patient) -> dict[str, str | None]:
    """The figures of the patient that the limit was computed with, kept with the result."""
    return {name: None if value is None else str(value) for name, value in patient}


def _line(file: ReleaseFile, test: Test) -> TestLine:
    return next(line for line in lines_of(file) if line.test.key == test.key)


def _purpose(line: TestLine) -> Purpose:
    """Why this test is done again, or the refusal to test until it passes."""
    if line.failing:
        _require_planned_retest(line)
        return Purpose.RETEST
    if line.latest is None:
        return Purpose.CORRECTION if line.results else Purpose.FIRST
    if line.is_open:
        return Purpose.FINAL
    raise ResultExists(f"{line.test.name} has a result that counts.", test=line.test.key)


def _require_planned_retest(line: TestLine) -> None:
    """The number of retests is fixed before the first one (R-154)."""
    planned = investigation_of(line.failing[0])
    done = sum(result.purpose == Purpose.RETEST for result in line.results)
    allowed = (planned.retests_planned or 0) if planned else 0
    if done >= allowed:
        words = f"{line.test.name}: {done} retests done, {allowed} planned in the investigation."
        raise RetestRefused(words, test=line.test.key, planned=allowed, done=done)


def _note_checker(result: Result, actor: User) -> None:
    """Before the move: the database knows no checked result without a checker, and never the analyst as one."""
    if actor.id == result.analyst_id or measured_by(actor, result.run):
        raise NotPermitted("Nobody checks their own result.", rule="not_own_work")
    result.checked_by, result.checked_at = actor, clock.now(result.site)
    result.save(update_fields=["checked_by", "checked_at"])


def _locked(result: Result) -> Result:
    rows = Result.objects.select_related(
        "sample__site", "sample__batch", "sample__specification_version__specification", "method", "analyst", "run"
    )
    return rows.select_for_update(of=("self",)).get(pk=result.pk)
