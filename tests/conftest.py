import gc

import pytest

pytest_plugins = ["tests.database", "tests.trace", "tests.checks", "tests.given.people", "tests.given.demonstration"]
LONG = {"journeys", "pages"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first: a worker takes whole files, and none should be left with a long one at the end."""
    items.sort(key=lambda item: item.path.parent.name not in LONG)


def pytest_configure() -> None:
    """Nothing a test run imports is ever garbage, and there is a lot of it to look through."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
