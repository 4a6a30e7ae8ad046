import gc
import os
import sys

import pytest

from tools import catalogues

pytest_plugins = ["tests.database", "tests.trace", "tests.checks", "tests.given.people", "tests.given.demonstration"]
LONG = {"faults", "histories", "hosts", "journeys", "pages", "simulation"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first: a worker takes whole files, and none should be left with a long one at the end."""
    items.sort(key=lambda item: item.path.parent.name not in LONG)


def pytest_configure(config: pytest.Config) -> None:
    """The words are compiled before the workers start. And nothing a test run imports is ever garbage.

    What Python compiles is kept, whatever the environment says: every worker reads all tests, and more than a hundred
    processes of ours are started.
    """
    sys.dont_write_bytecode = False
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    if not hasattr(config, "workerinput"):
        catalogues.compile_all()
    gc.freeze()
