"""The specification of a batch line by line, with everything that was found for each line."""

from dataclasses import dataclass
from decimal import Decimal

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
    """Every line of the specification the batch is judged by, in its order; two queries however many results."""
    found: dict[str, list[Result]] = {}
    results = Result.objects.filter(sample__batch=file.batch).order_by("id")
    for result in results.select_related("sample__site", "method", "analyst", "checked_by"):
        found.setdefault(result.key, []).append(result)
    tests = file.specification_version.content.tests
    return [TestLine(test, tuple(found.get(test.key, ()))) for test in tests]


def patient_of(file: ReleaseFile) -> Patient:
    """What limits may depend on: the weight in the order and the product volume that was filled."""
    order = file.batch.order
    filled = order.containers.filter(batch_id=file.batch_id, holds=Container.Holds.PRODUCT)
    volume: Decimal | None = filled.aggregate(total=Sum("volume_ml"))["total"]
    hours = file.specification_version.content.infusion_hours
    return Patient(weight_kg=order.weight_kg, volume_ml=volume, hours=hours)
