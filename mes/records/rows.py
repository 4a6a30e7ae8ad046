"""The rows behind an event, as the seal and the verifier read them: table, key, and the row's text or its SHA-256.

The text of a row is `to_jsonb(row)::text` in a UTC session: sorted keys, one form for each value.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db import connection, models
from psycopg import sql

from mes.records.models import Event, Signature
from mes.records.registry import append_only_models, recorded_models

NOT_ABOUT_AN_EVENT = {"records_securityevent", "records_leaf", "records_checkpoint"}


@dataclass(frozen=True)
class Row:
    """One row of the record. `body` is its text, or its SHA-256 where only digests were asked for."""

    event_id: UUID
    table: str
    key: str
    body: str


@dataclass(frozen=True)
class Source:
    """A table that holds words of events, and its columns for the event and the key."""

    table: str
    event: str
    key: str


def sources() -> list[Source]:
    """Every table a seal covers: events, signatures, append-only facts and histories."""
    facts = [
        Source(model._meta.db_table, "event_id", "id")
        for model in append_only_models()
        if model._meta.db_table not in NOT_ABOUT_AN_EVENT and model not in (Event, Signature)
    ]
    histories = [Source(_table_of(model), "history_event_id", "history_id") for model in recorded_models()]
    own = [Source("records_event", "id", "id"), Source("records_signature", "event_id", "id")]
    return sorted([*own, *facts, *histories], key=lambda source: source.table)


def _table_of(model: type[models.Model]) -> str:
    return str(model.history.model._meta.db_table)  # type: ignore[attr-defined]


TEXT = "to_jsonb(t)::text"
DIGEST = "encode(sha256(convert_to(to_jsonb(t)::text, 'UTF8')), 'hex')"


def rows_of(event_ids: list[UUID], *, body: str = DIGEST) -> Iterator[Row]:
    """The rows of these events in every table, in one statement."""
    select = "SELECT t.{event}, {name}, t.{key}::text, " + body + " FROM {table} t WHERE t.{event} = ANY(%(ids)s)"
    parts = [
        sql.SQL(select).format(
            event=sql.Identifier(source.event),
            name=sql.Literal(source.table),
            key=sql.Identifier(source.key),
            table=sql.Identifier(source.table),
        )
        for source in sources()
    ]
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(" UNION ALL ").join(parts), {"ids": event_ids})
        for found in cursor.fetchall():
            yield Row(*found)


def content_of(index: int, rows: list[Row]) -> str:
    """The text of a leaf: its place, then one line for each row: table, key, SHA-256."""
    lines = sorted(f"{row.table} {row.key} {row.body}" for row in rows)
    return "\n".join([f"leaf {index}", *lines])
