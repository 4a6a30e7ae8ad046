"""`make histories` runs these tests with thousands of histories."""

from __future__ import annotations

import pytest

from tests.pages.histories.planted import PLANTED

TOGETHER = 20  # histories in one batch, one step each
USUAL = 20


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--histories", type=int, default=USUAL, help="how many histories two tablets live")
    parser.addoption("--history-seed", type=int, default=1, help="what the histories are drawn from")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    number = metafunc.config.getoption("--histories", USUAL)
    if "first" in metafunc.fixturenames:
        metafunc.parametrize("first", range(0, number, TOGETHER))
    if "fault" in metafunc.fixturenames:
        metafunc.parametrize("fault", [each for each in PLANTED if each.is_quick or number > USUAL], ids=str)


@pytest.fixture
def seed(pytestconfig: pytest.Config) -> int:
    return int(pytestconfig.getoption("--history-seed", 1))
