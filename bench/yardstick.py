"""The same rows without us: what one completed step leaves, written again by plain psycopg.

The tables keep their columns, indexes and checks; they have no foreign key, no trigger and no history of their own.
What the history triggers write counts as a row like any other.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from mes.ids import uuid7

Row = Mapping[str, Any]

TABLES = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY relname"
COLUMNS = """
SELECT attname FROM pg_attribute
WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
"""
NOW = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint"


@dataclass(frozen=True)
class Written:
    """A row that the act inserted, or changed."""

    table: str
    row: Row
    inserted: bool


class Yardstick:
    def __init__(self, superuser: psycopg.Connection, work: Callable[[], object]) -> None:
        """Do the work once and learn what it wrote."""
        (before,) = superuser.execute(NOW).fetchone() or (0,)
        known = _identities(superuser)
        work()
        self.written = [
            Written(table, row, inserted="history_id" in row or (table, row.get("id")) not in known)
            for table in _tables(superuser)
            for row in _since(superuser, table, before)
        ]
        self._connection = superuser
        self._prepare_tables()

    def write(self) -> None:
        """One transaction: lock what is changed, change it, insert the rest under new ids."""
        keys = (row.get("history_id", row.get("id")) for _, row in self._inserted())
        new = {key: uuid7() for key in keys if isinstance(key, UUID)}
        with self._connection.transaction():
            for each in self.written:
                if not each.inserted:
                    self._change(each)
            for table, row in self._inserted():
                self._insert(
                    table, {name: _renamed(value, new) for name, value in row.items() if not _counted(name, value)}
                )

    def describe(self) -> list[str]:
        return [f"{'insert' if each.inserted else 'update'} {each.table}" for each in self.written]

    def _inserted(self) -> list[tuple[str, Row]]:
        return [(each.table, each.row) for each in self.written if each.inserted]

    def _prepare_tables(self) -> None:
        self._connection.execute("CREATE SCHEMA yardstick")
        for table in dict.fromkeys(each.table for each in self.written):
            name = sql.Identifier(table)
            self._connection.execute(sql.SQL("CREATE TABLE yardstick.{0} (LIKE public.{0} INCLUDING ALL)").format(name))
        for each in self.written:
            if not each.inserted:
                self._insert(each.table, each.row)

    def _change(self, each: Written) -> None:
        table, row = sql.Identifier(each.table), {k: v for k, v in each.row.items() if k != "id"}
        self._connection.execute(
            sql.SQL("SELECT 1 FROM yardstick.{} WHERE id = %s FOR UPDATE").format(table), [each.row["id"]]
        )
        assignments = sql.SQL(", ").join(sql.SQL("{} = %s").format(sql.Identifier(name)) for name in row)
        self._connection.execute(
            sql.SQL("UPDATE yardstick.{} SET {} WHERE id = %s").format(table, assignments),
            [*map(_adapted, row.values()), each.row["id"]],
        )

    def _insert(self, table: str, row: Row) -> None:
        names = sql.SQL(", ").join(map(sql.Identifier, row))
        values = sql.SQL(", ").join([sql.Placeholder()] * len(row))
        self._connection.execute(
            sql.SQL("INSERT INTO yardstick.{} ({}) VALUES ({})").format(sql.Identifier(table), names, values),
            [*map(_adapted, row.values())],
        )


def _tables(superuser: psycopg.Connection) -> list[str]:
    return [name for (name,) in superuser.execute(TABLES)]


def _since(superuser: psycopg.Connection, table: str, transaction: int) -> list[Row]:
    columns = [name for (name,) in superuser.execute(COLUMNS, [f"public.{table}"])]
    query = sql.SQL("SELECT {} FROM public.{} WHERE xmin::text::bigint >= %s").format(
        sql.SQL(", ").join(map(sql.Identifier, columns)), sql.Identifier(table)
    )
    with superuser.cursor(row_factory=dict_row) as cursor:
        return list(cursor.execute(query, [transaction]))


def _identities(superuser: psycopg.Connection) -> set[tuple[str, Any]]:
    return {(table, row.get("id")) for table in _tables(superuser) for row in _since(superuser, table, 0)}


def _counted(name: str, value: Any) -> bool:
    """A key that the table counts up by itself."""
    return name in {"id", "history_id"} and isinstance(value, int)


def _renamed(value: Any, new: Mapping[Any, Any]) -> Any:
    return new.get(value, value) if isinstance(value, UUID) else value


def _adapted(value: Any) -> Any:
    return Jsonb(value) if isinstance(value, dict | list) else value
