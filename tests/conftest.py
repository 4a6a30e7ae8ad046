import pytest

pytest_plugins = ["tests.database", "tests.trace", "tests.given.people"]
LONG = {"journeys", "pages"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first: a worker takes whole files, and none should be left with a long one at the end."""
    items.sort(key=lambda item: item.path.parent.name not in LONG)
