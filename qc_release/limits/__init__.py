"""Acceptance limits: one file per kind. A new kind is a copy of one of these files and a line here.

Pure: plain values in, a Judgement out. Nothing here knows a sample, a batch or a database.
"""

from typing import Annotated

from pydantic import Field

from qc_release.limits.at_least import AtLeast
from qc_release.limits.by_weight import ByWeight
from qc_release.limits.category import Category
from qc_release.limits.dose_rate import DoseRate
from qc_release.limits.judgement import Given, Judgement, LimitError, Rounding, Value, Verdict
from qc_release.limits.negative import Negative
from qc_release.limits.number import Number
from qc_release.limits.report import Report

Limit = Annotated[Number | Category | Negative | AtLeast | DoseRate | ByWeight | Report, Field(discriminator="kind")]

__all__ = [
    "AtLeast", "ByWeight", "Category", "DoseRate", "Given", "Judgement", "Limit", "LimitError", "Negative", "Number",
    "Report", "Rounding", "Value", "Verdict", "judge",
]  # fmt: skip


def judge(limit: Limit, value: Value | None, given: Given) -> Judgement:
    """The verdict on a reported value; no value yet is pending. LimitError when the value cannot be read at all."""
    if value is None or value == "":
        return Judgement(Verdict.PENDING, "No result yet.", limit.describe(given))
    return limit.judge(value, given)
