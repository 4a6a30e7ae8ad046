"""n of m: a test with several parts of which at least `needed` must pass. "a or b" is one of two."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from qc_release.limits.category import Category
from qc_release.limits.judgement import Given, Judgement, LimitError, LimitModel, Value, Verdict
from qc_release.limits.negative import Negative
from qc_release.limits.number import Number


class Part(LimitModel):
    id: str
    name: str
    unit: str = ""
    limit: Annotated[Number | Category | Negative, Field(discriminator="kind")]

    def given(self, given: Given) -> Given:
        """Parts are reported in their own unit."""
        return replace(given, unit=self.unit, reported_unit=self.unit)


class AtLeast(LimitModel):
    kind: Literal["at_least"]
    needed: int = Field(ge=1)
    of: list[Part] = Field(min_length=2)

    @model_validator(mode="after")
    def _can_be_met(self) -> Self:
        if self.needed > len(self.of) or len({part.id for part in self.of}) < len(self.of):
            raise ValueError("needed is at most the number of parts, and every part has its own id")
        return self

    def judge(self, value: Value, given: Given) -> Judgement:
        judged = {part: self._judge_part(part, self._values(value).get(part.id, ""), given) for part in self.of}
        passed = [part.name for part, each in judged.items() if each.verdict == Verdict.PASS]
        waiting = [part.name for part, each in judged.items() if each.verdict == Verdict.PENDING]
        words = "; ".join(f"{part.name}: {each.judged or 'no result'}" for part, each in judged.items())
        reason = f"{len(passed)} of {len(self.of)} parts pass, {self.needed} needed. " + " ".join(
            f"{part.name}: {each.reason}" for part, each in judged.items()
        )
        return Judgement(self._verdict(len(passed), len(waiting)), reason, self.describe(given), words)

    def describe(self, given: Given) -> str:
        parts = [f"{part.name} {part.limit.describe(part.given(given))}" for part in self.of]
        if self.needed == 1:
            return " or ".join(parts)
        return f"at least {self.needed} of: " + "; ".join(parts)

    def _verdict(self, passed: int, waiting: int) -> Verdict:
        if passed >= self.needed:
            return Verdict.PASS
        return Verdict.PENDING if passed + waiting >= self.needed else Verdict.FAIL

    def _judge_part(self, part: Part, value: str, given: Given) -> Judgement:
        if not value:
            return Judgement(Verdict.PENDING, "no result.", "")
        return part.limit.judge(value, part.given(given))

    def _values(self, value: Value) -> Mapping[str, str]:
        if not isinstance(value, Mapping):
            raise LimitError("This test has several parts; give a value by part.", parts=[part.id for part in self.of])
        if unknown := set(value) - {part.id for part in self.of}:
            raise LimitError(
                f"This test has no part {', '.join(sorted(unknown))}.", parts=[part.id for part in self.of]
            )
        return value
