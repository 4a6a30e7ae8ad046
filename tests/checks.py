"""Which check of the operator's screens is shown by which test: `make ux` runs them all and writes docs/ux/README.md.

`@pytest.mark.ux("OP-05")` stands on a test that fails when the check (docs/ux/checks.json) does.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.trace import NOT_YET, Matrix, Recorder, ids, read_requirements

DOCS = Path(__file__).resolve().parent.parent / "docs"
CHECKED = DOCS / "ux" / "checks.json"
MEASURED = "measured: "  # what the names of properties begin with that a test records
SCREENS = ("film", "run", "sheet", "alarm", "home-alarm", "wall")  # what the names of their pictures begin with


@dataclass
class Checks(Matrix):
    """The same tables as those of the requirements, in other words, and what was measured on the way."""

    measured: dict[str, str] = field(default_factory=dict)

    def add(self, report: pytest.TestReport) -> None:
        super().add(report)
        self.measured |= {name: str(value) for name, value in report.user_properties if name.startswith(MEASURED)}

    def markdown(self) -> str:
        shown = len(self.requirements) - self.count(NOT_YET)
        return "\n".join(
            [
                "# What the operator's screens are checked for",
                f"\nWritten by `make ux`, in Chromium. {shown} of {len(self.requirements)} checks have a test.\n",
                "| id | check | passes with | state | shown by |\n|---|---|---|---|---|",
                *self._checked(),
                "\n## Measured\n",
                "| what | measured |\n|---|---|",
                *(f"| {name.removeprefix(MEASURED)} | {value} |" for name, value in sorted(self.measured.items())),
                "\n## Pictures\n",
                *self._pictures(),
                "",
            ]
        )

    def _checked(self) -> Iterator[str]:
        for each in self.requirements.values():
            tests = "<br>".join(f"`{name}`" for name in sorted(self.proofs.get(each.id, {})))
            yield f"| {each.id} | {each.text} | {each.source} | {self.state(each.id)} | {tests} |"

    def _pictures(self) -> Iterator[str]:
        for each in sorted((DOCS / "pictures").glob("*.png")):
            if each.name.startswith(SCREENS):
                yield f"![{each.stem.replace('-', ' ')}](../pictures/{each.name})"


CHECKS = pytest.StashKey[Checks]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--ux-report", metavar="FILE", type=Path, help="run the checks of the screens only and write this")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[CHECKS] = Checks(read_requirements(CHECKED), mark="ux")
    config.pluginmanager.register(Recorder(config.stash[CHECKS]))


def pytest_itemcollected(item: pytest.Item) -> None:
    """An id that nobody wrote down shows nothing."""
    for check in ids(item, "ux"):
        if check not in item.config.stash[CHECKS].requirements:
            raise pytest.Collector.CollectError(f"{item.nodeid} names {check}, which is no check.")
        item.user_properties.append(("ux", check))


@pytest.fixture(scope="session")
def is_thorough(request: pytest.FixtureRequest) -> bool:
    """`make ux` asks as often as the checks say; `make test` a few times."""
    return bool(request.config.getoption("--ux-report"))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What is timed depends on the machine: that is for `make ux` alone."""
    is_thorough = config.getoption("--ux-report", None)
    items[:] = [item for item in items if (ids(item, "ux") if is_thorough else not item.get_closest_marker("timed"))]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    file: Path | None = config.getoption("--ux-report")
    if file is None:
        return
    file.write_text(config.stash[CHECKS].markdown(), encoding="utf-8")
    terminalreporter.section("measured")
    for name, value in sorted(config.stash[CHECKS].measured.items()):
        terminalreporter.write_line(f"{name.removeprefix(MEASURED)}: {value}")
