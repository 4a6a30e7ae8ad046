"""`make simulate` runs these tests with more lives: how many, from which seed, or one of them again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.simulation.mutants import MUTANTS, Mutant
from tests.simulation.report import Campaign
from tests.simulation.world import LIVES_PER_WORLD

USUAL = 4
QUICK, AT_HAND = 27, 25  # acts until a planted fault is noticed, and the seed of its world: those are in every run
CAMPAIGN = pytest.StashKey[Campaign]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--lives", type=int, default=USUAL, help="how many batch lives are simulated")
    parser.addoption("--life", type=int, help="simulate only the life of this number")
    parser.addoption("--seed", type=int, default=1, help="what the lives are drawn from")
    parser.addoption("--lives-report", type=Path, metavar="FILE", help="write what was lived as Markdown")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[CAMPAIGN] = campaign = Campaign(config.getoption("--seed", 1))
    config.pluginmanager.register(campaign)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for each life and each planted fault. Those of one world go to one worker, which furnishes it once."""
    only = metafunc.config.getoption("--life", None)
    lives = range(metafunc.config.getoption("--lives", USUAL)) if only is None else [only]
    if "number" in metafunc.fixturenames:
        metafunc.parametrize("number", [_in_world(number, f"{number // LIVES_PER_WORLD}") for number in lives])
    if "mutant" in metafunc.fixturenames:
        mutants = [each for each in MUTANTS if _is_quick(each) or len(lives) > USUAL]
        metafunc.parametrize(
            "mutant", [_in_world(each, f"of mutants {each.noticed.seed}") for each in mutants], ids=str
        )


def _is_quick(mutant: Mutant) -> bool:
    return mutant.noticed.seed == AT_HAND and mutant.noticed.acts <= QUICK


def _in_world(value: object, world: str) -> Any:
    return pytest.param(value, marks=pytest.mark.xdist_group(f"world {world}"))


@pytest.fixture(scope="session")
def seed(pytestconfig: pytest.Config) -> int:
    return int(pytestconfig.getoption("--seed", 1))


def pytest_terminal_summary(config: pytest.Config) -> None:
    file: Path | None = config.getoption("--lives-report", None)
    if file is not None and not hasattr(config, "workerinput"):
        file.write_text(config.stash[CAMPAIGN].written(), encoding="utf-8")
