"""Which requirement is proved by which test: read off the run itself, so the matrix cannot say more than the tests do.

`@pytest.mark.req("R-090")` stands on a test that fails when the requirement is broken. `--trace-matrix FILE` prints the
matrix after the run and writes it as Markdown.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

VALIDATION = Path(__file__).resolve().parent.parent / "docs" / "validation"
REQUIREMENTS = VALIDATION / "requirements.json"
CLAIMS = VALIDATION / "claims.txt"
MET, FAILED, NOT_YET = "met", "FAILED", "not yet"


@dataclass(frozen=True)
class Requirement:
    id: str
    group: str
    source: str
    text: str


@dataclass
class Proof:
    """A test, all its parameters taken together."""

    passed: int = 0
    failed: int = 0


@dataclass
class Matrix:
    requirements: dict[str, Requirement]
    mark: str = "req"  # what the tests carry that prove them
    proofs: dict[str, dict[str, Proof]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(Proof)))

    def add(self, report: pytest.TestReport) -> None:
        ids = [str(value) for name, value in report.user_properties if name == self.mark]
        for proof in (self.proofs[requirement][_test_name(report.nodeid)] for requirement in ids):
            proof.passed += report.when == "call" and report.passed
            proof.failed += report.failed

    def state(self, requirement: str) -> str:
        proofs = self.proofs.get(requirement, {}).values()
        if any(proof.failed for proof in proofs):
            return FAILED
        return MET if any(proof.passed for proof in proofs) else NOT_YET

    def count(self, state: str) -> int:
        return sum(self.state(requirement) == state for requirement in self.requirements)

    def summary(self) -> str:
        return (
            f"{self.count(MET)} of {len(self.requirements)} requirements met, "
            f"{self.count(FAILED)} failed, {self.count(NOT_YET)} not yet"
        )

    def broken_claims(self) -> list[str]:
        """What we say is met, and this run does not show."""
        return [claim for claim in CLAIMS.read_text().split() if self.state(claim) != MET]

    def lines(self) -> Iterator[str]:
        for requirement in self.requirements.values():
            tests = len(self.proofs.get(requirement.id, {}))
            yield f"{requirement.id}  {self.state(requirement.id):8} {tests:3} tests  {requirement.text[:90]}"

    def markdown(self) -> str:
        parts = ["# Traceability matrix", f"Made by `make trace` from a run of all tests. {self.summary()}."]
        for group in dict.fromkeys(requirement.group for requirement in self.requirements.values()):
            members = [each for each in self.requirements.values() if each.group == group]
            parts.append(f"## {group}")
            parts.append(
                "\n".join(["| id | state | requirement | proved by |", "|---|---|---|---|", *self._rows(members)])
            )
        return "\n\n".join(parts) + "\n"

    def _rows(self, requirements: Iterable[Requirement]) -> Iterator[str]:
        for each in requirements:
            tests = "<br>".join(f"`{name}`" for name in sorted(self.proofs.get(each.id, {})))
            text = each.text.replace("|", "\\|")
            yield f"| {each.id} | {self.state(each.id)} | {text} ({each.source}) | {tests} |"


MATRIX = pytest.StashKey[Matrix]()


@dataclass(frozen=True, eq=False)
class Recorder:
    """Sees every report in the process that prints, whichever worker ran the test."""

    matrix: Matrix

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.matrix.add(report)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--trace-matrix", metavar="FILE", type=Path, help="print the traceability matrix and write it here"
    )

    parser.addoption(
        "--claims", action="store_true", help="fail when a requirement claimed in docs/validation/claims.txt is not met"
    )


def pytest_configure(config: pytest.Config) -> None:
    config.stash[MATRIX] = Matrix(read_requirements())
    config.pluginmanager.register(Recorder(config.stash[MATRIX]))


def pytest_itemcollected(item: pytest.Item) -> None:
    """An id that nobody wrote down proves nothing."""
    known = item.config.stash[MATRIX].requirements
    for requirement in ids(item):
        if requirement not in known:
            raise pytest.Collector.CollectError(f"{item.nodeid} names {requirement}, which is no requirement.")
        item.user_properties.append(("req", requirement))


def pytest_sessionfinish(session: pytest.Session) -> None:
    matrix = session.config.stash[MATRIX]
    is_worker = hasattr(session.config, "workerinput")
    if session.config.getoption("--claims") and not is_worker and matrix.broken_claims() and not session.exitstatus:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    file: Path | None = config.getoption("--trace-matrix")
    matrix = config.stash[MATRIX]
    if config.getoption("--claims"):
        for claim in matrix.broken_claims():
            terminalreporter.write_line(f"{claim} is claimed in {CLAIMS.name} and {matrix.state(claim)}.", red=True)
    if file is None:
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(matrix.markdown())
    terminalreporter.section("requirements")
    for line in (*matrix.lines(), matrix.summary(), f"written to {file}"):
        terminalreporter.write_line(line)


def read_requirements(file: Path = REQUIREMENTS) -> dict[str, Requirement]:
    return {
        row["id"]: Requirement(row["id"], row["group"], row["source"], row["requirement"])
        for row in json.loads(file.read_text(encoding="utf-8"))
    }


def ids(item: pytest.Item, marker: str = "req") -> list[str]:
    return sorted({each for mark in item.iter_markers(marker) for each in mark.args})


def _test_name(node_id: str) -> str:
    return node_id.partition("[")[0]
