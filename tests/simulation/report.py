"""What a campaign of lives was, for people: docs/validation/simulation.md."""

from __future__ import annotations

import platform
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

PROPERTY = "simulated life"
_HEAD = """# Simulated lives

Written by `make simulate LIVES={lives} SEED={seed}` at commit {commit}, on {machine}.
What is simulated and compared is told in [performance.md](../performance.md#simulated-lives).

| | |
|---|---|
| lives | {lives} |
| **lives in which engine and model differ** | **{differ}** |
| acts, each followed by a comparison | {acts} |
| of them refused, by both for the same reason | {refused} |
| of them killed between two statements | {killed} |
| planted faults | {mutants} |
| **planted faults not caught** | **{missed}** |
"""


@dataclass(eq=False)
class Campaign:
    """Sees every report in the process that prints, whichever worker ran the test."""

    seed: int
    lives: int = 0
    differ: int = 0
    refused: int = 0
    killed: int = 0
    mutants: int = 0
    missed: int = 0
    acts: Counter[str] = field(default_factory=Counter)
    ends: Counter[str] = field(default_factory=Counter)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when != "call":
            return
        if "test_lives.py" in report.nodeid:
            self._add_life(report)
        elif "test_mutants.py" in report.nodeid:
            self.mutants += 1
            self.missed += report.failed

    def _add_life(self, report: pytest.TestReport) -> None:
        self.lives += 1
        self.differ += report.failed
        for name, told in report.user_properties:
            if name == PROPERTY and isinstance(told, dict):
                self.refused += told["refused"]
                self.killed += told["killed"]
                self.acts.update(told["counts"])
                self.ends[told["ended"]] += 1

    def written(self) -> str:
        return "\n".join(
            [self._head(), *_table("act", self.acts), *_table("state at the end of the life", self.ends), ""]
        )

    def _head(self) -> str:
        done = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=False)
        return _HEAD.format(
            **vars(self) | {"acts": self.acts.total()},
            commit=done.stdout.strip(),
            machine=f"{platform.system()} {platform.machine()}",
        )


def _table(title: str, counted: Counter[str]) -> Iterator[str]:
    yield f"\n| {title} | number |\n|---|---|"
    yield from (f"| {name} | {number} |" for name, number in counted.most_common())
