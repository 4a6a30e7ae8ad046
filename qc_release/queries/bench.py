"""What waits at the QC bench: tubes to receive, tests to do, results to check, investigations to conclude."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from chain_of_identity.models import Container
from equipment.files.models import InstrumentRun
from mes.accounts.models import User
from qc_release.document import Patient
from qc_release.models import Cause, Investigation, Result, Sample
from qc_release.queries.lines import TestLine, lines_of_many, patients_of
from qc_release.queries.lookups import files_of, investigations_visible_to, results_visible_to, samples_visible_to
from qc_release.states import INVESTIGATION, RESULT, InvestigationState, ResultState


@dataclass(frozen=True)
class WaitingTest:
    """A test that has no final result yet, with the limit as it applies to this patient."""

    id: str
    name: str
    unit: str
    limit: str
    method: str
    may_be_pending: bool
    choices: tuple[str, ...]
    parts: tuple[tuple[str, str, str], ...]


def waiting_tests(sample: Sample) -> list[WaitingTest]:
    """The tests of the sample's stage that a result can be entered for."""
    return waiting_tests_of([sample])[sample.id]


def waiting_tests_of(samples: Iterable[Sample]) -> dict[UUID, list[WaitingTest]]:
    """The same for many samples, by id; as many queries as for one."""
    kept = list(samples)
    files = files_of({sample.batch_id for sample in kept})
    lines, patients = lines_of_many(files.values()), patients_of(files.values())
    return {sample.id: _waiting(sample.stage, lines[sample.batch_id], patients[sample.batch_id]) for sample in kept}


def _waiting(stage: str, lines: list[TestLine], patient: Patient) -> list[WaitingTest]:
    return [
        WaitingTest(
            id=line.test.id,
            name=line.test.name,
            unit=line.test.unit,
            limit=line.test.describe(patient),
            method=f"{line.test.method.code} version {line.test.method.version}",
            may_be_pending=line.test.may_be_pending,
            choices=_choices(line),
            parts=tuple((part.id, part.name, part.unit) for part in getattr(line.test.limit, "of", ())),
        )
        for line in lines
        if line.test.stage == stage and _can_be_tested(line)
    ]


def _can_be_tested(line: TestLine) -> bool:
    return line.is_open or bool(line.failing)


def _choices(line: TestLine) -> tuple[str, ...]:
    limit = line.test.limit
    if limit.kind == "category":
        return tuple(limit.choices)
    if limit.kind == "negative":
        return (limit.negative, limit.to_date, limit.positive)
    return ()


def tubes_to_receive(user: User) -> QuerySet[Container]:
    """Samples drawn in a batch that the laboratory has not registered yet."""
    found = Container.objects.filter(order__site_id__in=user.sites_for("qc.sample"), batch_id__isnull=False)
    found = found.filter(holds=Container.Holds.SAMPLE, laboratory_sample__isnull=True)
    return found.select_related("order__site").order_by("made_at")


def samples_to_test(user: User) -> list[Sample]:
    """Registered samples with a test that waits."""
    samples = list(samples_visible_to(user).order_by("-id")[:AT_MOST])
    waiting = waiting_tests_of(samples)
    return [sample for sample in samples if waiting[sample.id]]


AT_MOST = 50


def results_to_check(user: User) -> QuerySet[Result]:
    """Results that wait for their second analyst; `may_check` says whether that can be this person."""
    return results_visible_to(user).filter(status=ResultState.ENTERED).select_related("run").order_by("id")


def may_check(person: User, result: Result) -> bool:
    moves = {cell.name for cell in RESULT.available(result, person)}
    return "check" in moves and not measured_by(person, result.run)


def laboratory_error(result: Result) -> Investigation | None:
    """The closed investigation that found a laboratory error: nothing else takes a result out of judgement (R-153)."""
    closed = Investigation.objects.filter(result=result, status=InvestigationState.CLOSED)
    return closed.filter(cause=Cause.LABORATORY).first()


def may_invalidate(person: User, result: Result) -> bool:
    moves = {cell.name for cell in RESULT.available(result, person)}
    return "invalidate" in moves and laboratory_error(result) is not None


def may_plan_retests(person: User, investigation: Investigation) -> bool:
    """Once, by quality, while the investigation is open (R-154)."""
    is_open = investigation.status == InvestigationState.OPEN and investigation.retests_planned is None
    return is_open and person.may("qc.review", investigation.site)


def measured_by(person: User, run: InstrumentRun | None) -> bool:
    """Does the instrument's file name this person as its operator?"""
    named = run.operator.strip().casefold() if run is not None else ""
    return named in {person.username.casefold(), person.printed_name.casefold()}


def open_investigations(user: User) -> QuerySet[Investigation]:
    return investigations_visible_to(user).exclude(status=InvestigationState.CLOSED).order_by("id")


def investigations_to_close(user: User) -> list[Investigation]:
    """Concluded ones that this person may approve."""
    concluded = open_investigations(user).filter(status=InvestigationState.CONCLUDED)
    return [each for each in concluded if "close" in {cell.name for cell in INVESTIGATION.available(each, user)}]
