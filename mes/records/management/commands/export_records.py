"""`manage.py export_records FILE`: everything an outsider needs to verify the records with tools/verify.py."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import connection
from psycopg import sql

from mes.records.keys import public_key_hex
from mes.records.models import Checkpoint, Leaf
from mes.records.registry import recorded_models
from mes.records.rows import TEXT, rows_of
from mes.records.sealing import checkpoint_lines, seal_now
from mes.records.verification import stray_events

AT_ONCE = 500


class Command(BaseCommand):
    help = "Write the sealed records as JSON lines: key, leaves with their rows, live rows, checkpoints."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        seal_now()
        path: Path = options["file"]
        path.parent.mkdir(parents=True, exist_ok=True)
        count = 0
        with path.open("w", encoding="utf-8") as file:
            for line in _lines():
                file.write(json.dumps(line, ensure_ascii=False) + "\n")
                count += 1
        self.stdout.write(f"{count} lines written to {path}. Verify them with: python tools/verify.py {path}")


def _lines() -> Iterator[dict[str, Any]]:
    yield {"type": "key", "public": public_key_hex()}
    start = 0
    while leaves := list(Leaf.objects.filter(index__gte=start).order_by("index")[:AT_ONCE]):
        yield from _leaf_lines(leaves)
        start = leaves[-1].index + 1
    yield from _live_lines()
    for key in stray_events():
        yield {"type": "stray", "key": key}
    for head in Checkpoint.objects.order_by("size"):
        yield {"type": "checkpoint", **checkpoint_lines(head)}


def _leaf_lines(leaves: list[Leaf]) -> Iterator[dict[str, Any]]:
    rows: dict[Any, list[list[str]]] = {leaf.event_id: [] for leaf in leaves}
    for row in rows_of([leaf.event_id for leaf in leaves], body=TEXT):
        rows[row.event_id].append([row.table, row.key, row.body])
    for leaf in leaves:
        yield {"type": "leaf", "index": leaf.index, "content": leaf.content, "rows": rows[leaf.event_id]}


def _live_lines() -> Iterator[dict[str, Any]]:
    for model in recorded_models():
        table, history = model._meta.db_table, model.history.model._meta.db_table
        statement = sql.SQL("SELECT id::text, to_jsonb(t)::text FROM {} t ORDER BY id").format(sql.Identifier(table))
        with connection.cursor() as cursor:
            cursor.execute(statement)
            for key, body in cursor.fetchall():
                yield {"type": "live", "table": table, "history": history, "key": key, "body": body}
