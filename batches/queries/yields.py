"""What a batch yields, as a part of what it should in theory (211.103)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from batches.models import Batch, Step
from batches.recorded import recorded_in
from mes.quantities import Quantity, convert, parse_decimal
from recipes.document import Output


@dataclass(frozen=True)
class Yield:
    """An actual yield with its percent of theoretical; between `low` and `high` percent no investigation is due."""

    name: str
    actual: Decimal
    theoretical: Decimal
    unit: str
    low: Decimal
    high: Decimal

    @property
    def percent(self) -> Decimal:
        """As people read it; what is judged is the exact number."""
        return self._exact.quantize(Decimal("0.1"), ROUND_HALF_EVEN)

    @property
    def is_within(self) -> bool:
        return self.low <= self._exact <= self.high

    @property
    def _exact(self) -> Decimal:
        return 100 * self.actual / self.theoretical

    def __str__(self) -> str:
        limits = f"limits {self.low:f} to {self.high:f} %"
        return f"{self.name}: {self.percent} % of the theoretical {self.theoretical:f} {self.unit}, {limits}"


def yield_of(output: Output, actual: Quantity) -> Yield:
    return Yield(
        name=output.name,
        actual=convert(actual, output.unit).value,
        theoretical=output.theoretical,
        unit=output.unit,
        low=output.low_percent,
        high=output.high_percent,
    )


def outputs_of(batch: Batch) -> list[Output]:
    """What the copy of the recipe that this batch follows says about its yields; the rest of it stays where it is."""
    return read_outputs(Batch.objects.values_list("control_recipe__formula__outputs", flat=True).get(pk=batch.pk))


def read_outputs(stored: Iterable[dict[str, Any]]) -> list[Output]:
    """The same from a copy of the recipe that is there already."""
    return [Output.model_validate(each) for each in stored]


def yields_of(outputs: Iterable[Output], steps: Iterable[Step]) -> Iterator[Yield]:
    """The yields that can be told now, from what is recorded in the steps of the batch."""
    recorded = {step.key: recorded_in(step) for step in steps}
    for output in outputs:
        key, _, name = (output.actual or "").partition(".")
        found = recorded.get(key)
        row = (found.values().get(name) or found.results().get(name)) if found else None
        if row is not None:
            yield yield_of(output, Quantity(parse_decimal(row["value"]), row["unit"]))
