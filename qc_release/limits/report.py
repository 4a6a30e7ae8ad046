"""Declared only: the value is recorded and printed, and no limit applies."""

from typing import Literal

from qc_release.limits.judgement import Given, Judgement, LimitError, LimitModel, Value, Verdict
from qc_release.limits.measured import Measured


class Report(LimitModel):
    kind: Literal["report"]
    numeric: bool = True

    def judge(self, value: Value, given: Given) -> Judgement:
        judged = f"{Measured.read(value, given)} {given.unit}".strip() if self.numeric else _text(value)
        return Judgement(Verdict.REPORTED, "Reported; the specification sets no limit.", self.describe(given), judged)

    def describe(self, given: Given) -> str:
        return "report"


def _text(value: Value) -> str:
    if not isinstance(value, str):
        raise LimitError("This test has one value, not several.")
    return value.strip()
