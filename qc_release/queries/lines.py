"""The specification of a batch line by line, with everything that was found for each line."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Sum

from chain_of_identity.models import Container
from qc_release.document import Patient, Test
from qc_release.limits import Verdict
from qc_release.models import ReleaseFile, Result
from qc_release.states import ResultState

COUNTING = (ResultState.ENTERED, ResultState.CHECKED)


@dataclass(frozen=True)
class TestLine:
    """One test of the specification and all its results, oldest first. A failing one counts until it is invalidated."""

    __test__ = False  # pytest, this is no test

    test: Test
    results: tuple[Result, ...]

    @property
    def counting(self) -> list[Result]:
        return [result for result in self.results if result.status in COUNTING]

    @property
    def latest(self) -> Result | None:
        return self.counting[-1] if self.counting else None

    @property
    def failing(self) -> list[Result]:
        return [result for result in self.counting if result.verdict == Verdict.FAIL]

    @property
    def unchecked(self) -> list[Result]:
        return [result for result in self.results if result.status == ResultState.ENTERED]

    @property
    def is_open(self) -> bool:
        """No result yet, or only an interim one."""
        return self.latest is None or self.latest.verdict == Verdict.PENDING

    @property
    def verdict(self) -> Verdict:
        if self.failing:
            return Verdict.FAIL
        return Verdict.PENDING if self.latest is None else Verdict(self.latest.verdict)


def lines_of(file: ReleaseFile) -> list[TestLine]:
    """Every line of the specification the batch is judged by, in its order."""
    return lines_of_many([file])[file.batch_id]


def lines_of_many(files: Iterable[ReleaseFile]) -> dict[UUID, list[TestLine]]:
    """The lines of many batches, by batch; one query however many results."""
    by_batch = {file.batch_id: file for file in files}
    found: dict[tuple[UUID, str], list[Result]] = {}
    results = Result.objects.filter(sample__batch__in=by_batch).order_by("id")
    for result in results.select_related("sample__site", "method", "analyst", "checked_by"):
        found.setdefault((result.sample.batch_id, result.key), []).append(result)
    return {
        batch_id: [
            TestLine(test, tuple(found.get((batch_id, test.key), ())))
            for test in file.specification_version.content.tests
        ]
        for batch_id, file in by_batch.items()
    }


def patient_of(file: ReleaseFile) -> Patient:
    """What limits may depend on: the weight in the order and the product volume that was filled."""
    return patients_of([file])[file.batch_id]


def patients_of(files: Iterable[ReleaseFile]) -> dict[UUID, Patient]:
    """The same for many batches, by batch."""
    by_batch = {file.batch_id: file for file in files}
    filled = Container.objects.filter(batch_id__in=by_batch, holds=Container.Holds.PRODUCT).order_by()
    volumes = dict(filled.values_list("batch_id").annotate(total=Sum("volume_ml")))
    return {
        batch_id: Patient(
            weight_kg=file.batch.order.weight_kg,
            volume_ml=volumes.get(batch_id),
            hours=file.specification_version.content.infusion_hours,
        )
        for batch_id, file in by_batch.items()
    }
