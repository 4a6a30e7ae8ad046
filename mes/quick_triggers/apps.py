"""Stands in the place of `pgtrigger` in INSTALLED_APPS."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pgtrigger import registry
from pgtrigger.apps import PGTriggerConfig


class QuickTriggers(PGTriggerConfig):
    default = True

    def ready(self) -> None:
        with names_kept():
            super().ready()  # type: ignore[no-untyped-call]


@contextmanager
def names_kept() -> Iterator[None]:
    """Inside, the registry writes the names down as they come, and finds them there."""
    triggers = registry._registry
    plain = type(triggers)
    functions, tables = triggers.pg_function_names, triggers.by_db_table

    class Filling(plain):  # type: ignore[valid-type, misc]
        pg_function_names, by_db_table = functions, tables

        def __setitem__(self, uri: str, taken: Any) -> None:
            super().__setitem__(uri, taken)
            model, trigger = taken
            functions.add(trigger.get_pgid(model))
            tables[model._meta.db_table, trigger.name] = trigger

    triggers.__class__ = Filling
    try:
        yield
    finally:
        triggers.__class__ = plain
