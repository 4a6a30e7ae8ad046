"""Are the records what was sealed? Every finding names the row.

Three independent things are compared: the rows as they are now, the leaves of the Merkle log, and the signed heads,
of which copies lie outside the database (the witness file, every certificate and batch record).
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.conf import settings
from django.db import connection
from psycopg import sql

from mes.clock import iso
from mes.records.keys import public_key_hex
from mes.records.merkle import Frontier, leaf_hash
from mes.records.models import Checkpoint, Leaf, Signature
from mes.records.queries import seal_holds
from mes.records.registry import recorded_models
from mes.records.rows import rows_of, sources
from mes.records.sealing import signed_text

AT_ONCE = 2000
HISTORY_COLUMNS = ["history_id", "history_date", "history_type", "history_change_reason", "history_user_id"]


@dataclass(frozen=True)
class Finding:
    """Something that is not as it was sealed: what kind, which row, in words."""

    kind: str
    table: str
    key: str
    message: str


@dataclass(frozen=True)
class Verdict:
    """What was read and what was found. The records hold when nothing was found."""

    events: int
    rows: int
    checkpoints: int
    findings: list[Finding]

    @property
    def holds(self) -> bool:
        return not self.findings

    def as_dict(self) -> dict[str, Any]:
        return {"holds": self.holds, **asdict(self)}


def verify() -> Verdict:
    """Read every record and compare. Findings: altered, deleted, inserted, reordered, truncated, live."""
    walk = _Walk()
    findings = [*walk.leaves(), *_heads(walk), *_behind_the_seal(), *_orphans(), *_live_rows(), *_signatures()]
    return Verdict(walk.events, walk.rows, Checkpoint.objects.count(), findings)


class _Walk:
    """One pass over the leaves, with the roots met on the way."""

    def __init__(self) -> None:
        self.events = self.rows = 0
        self.frontier = Frontier()
        self.roots: dict[int, str] = {}
        self.sizes = set(Checkpoint.objects.values_list("size", flat=True))

    def leaves(self) -> Iterator[Finding]:
        start = 0
        while batch := list(Leaf.objects.filter(index__gte=start).order_by("index")[:AT_ONCE]):
            yield from self._batch(batch)
            start = batch[-1].index + 1

    def _batch(self, leaves: list[Leaf]) -> Iterator[Finding]:
        now: dict[UUID, dict[str, str]] = {leaf.event_id: {} for leaf in leaves}
        for row in rows_of(list(now)):
            now[row.event_id][f"{row.table} {row.key}"] = row.body
            self.rows += 1
        for leaf in leaves:
            yield from self._leaf(leaf, now[leaf.event_id])

    def _leaf(self, leaf: Leaf, rows: dict[str, str]) -> Iterator[Finding]:
        if leaf.index != self.frontier.size:
            yield Finding("deleted", "records_leaf", str(self.frontier.size), "leaves are missing before this one")
            self.frontier.size = leaf.index
        first, *lines = leaf.content.split("\n")
        if first != f"leaf {leaf.index}":
            yield Finding("reordered", "records_leaf", str(leaf.index), f"this place holds “{first}”")
        digest = leaf_hash(leaf.content.encode())
        if digest.hex() != leaf.hash:
            yield Finding("altered", "records_leaf", str(leaf.index), "the leaf does not hash to what it says")
        yield from _differences(lines, rows)
        self.events += 1
        self.frontier.append(digest)
        if self.frontier.size in self.sizes:
            self.roots[self.frontier.size] = self.frontier.root().hex()


def _differences(lines: list[str], rows: dict[str, str]) -> Iterator[Finding]:
    sealed = dict(line.rsplit(" ", 1) for line in lines)
    for name in sealed.keys() | rows.keys():
        table, key = name.split(" ", 1)
        if name not in rows:
            yield Finding("deleted", table, key, "the row was sealed and is gone")
        elif name not in sealed:
            yield Finding("inserted", table, key, "the row was put behind a sealed event")
        elif sealed[name] != rows[name]:
            yield Finding("altered", table, key, "the row is not what was sealed")


def _heads(walk: _Walk) -> Iterator[Finding]:
    previous = ""
    for head in Checkpoint.objects.order_by("size"):
        yield from _head(head, previous, walk.roots.get(head.size))
        previous = head.root
    yield from _witnesses()


def _head(head: Checkpoint, previous: str, root: str | None) -> Iterator[Finding]:
    name = str(head.size)
    if root is None:
        yield Finding("truncated", "records_checkpoint", name, f"signed for {head.size} leaves; the log has fewer")
    elif root != head.root:
        yield Finding("altered", "records_checkpoint", name, "the leaves up to here do not have the signed root")
    if head.previous != previous:
        yield Finding("reordered", "records_checkpoint", name, "it does not follow the checkpoint before it")
    if not _signature_holds(head):
        yield Finding("altered", "records_checkpoint", name, "its signature does not hold under the site's key")


def _signature_holds(head: Checkpoint) -> bool:
    text = signed_text(head.size, head.root, head.previous, head.horizon, iso(head.at))
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key_hex())).verify(bytes.fromhex(head.signature), text)
    except (InvalidSignature, ValueError):
        return False
    return True


def _witnesses() -> Iterator[Finding]:
    path: Path = settings.SEAL_WITNESS_FILE
    if not path.exists():
        return
    heads = dict(Checkpoint.objects.values_list("size", "root"))
    for line in path.read_text(encoding="utf-8").splitlines():
        seen = json.loads(line)
        if heads.get(seen["size"]) != seen["root"]:
            message = f"the witness saw {seen['size']} leaves at {seen['at']}; the log no longer reaches that head"
            yield Finding("truncated", "records_checkpoint", str(seen["size"]), message)


def stray_events() -> list[str]:
    """Ids of events that claim a transaction the seal has passed, but have no leaf: put in afterwards."""
    head = Checkpoint.objects.order_by("-size").first()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT e.id::text FROM records_event e LEFT JOIN records_leaf l ON l.event_id = e.id"
            " WHERE l.event_id IS NULL AND e.txid < %s",
            [head.horizon if head else 0],
        )
        return [key for (key,) in cursor.fetchall()]


def _behind_the_seal() -> Iterator[Finding]:
    for key in stray_events():
        yield Finding("inserted", "records_event", key, "the event is older than the seal and has no leaf")


def _orphans() -> Iterator[Finding]:
    """Rows that name an event which does not exist."""
    for source in sources():
        if source.table == "records_event":
            continue
        statement = sql.SQL(
            "SELECT t.{key}::text FROM {table} t LEFT JOIN records_event e ON e.id = t.{event} WHERE e.id IS NULL"
        ).format(key=sql.Identifier(source.key), table=sql.Identifier(source.table), event=sql.Identifier(source.event))
        with connection.cursor() as cursor:
            cursor.execute(statement)
            for (key,) in cursor.fetchall():
                yield Finding("inserted", source.table, key, "the row names an event that does not exist")


_LIVE = """
    SELECT coalesce(l.id, h.id)::text, l.id IS NULL, h.id IS NULL
    FROM {live} l
    FULL JOIN (SELECT DISTINCT ON (id) * FROM {history} ORDER BY id, history_id DESC) h ON h.id = l.id
    WHERE to_jsonb(l) IS DISTINCT FROM to_jsonb(h) - %(columns)s::text[]
"""


def _live_rows() -> Iterator[Finding]:
    """Live rows that differ from the last row of their history: changed behind its back."""
    columns = [*HISTORY_COLUMNS, "history_event_id"]
    for model in recorded_models():
        live = model._meta.db_table
        history = model.history.model._meta.db_table
        statement = sql.SQL(_LIVE).format(live=sql.Identifier(live), history=sql.Identifier(history))
        with connection.cursor() as cursor:
            cursor.execute(statement, {"columns": columns})
            for key, gone, unknown in cursor.fetchall():
                yield Finding("live", live, key, _how_it_differs(gone, unknown))


def _how_it_differs(gone: bool, unknown: bool) -> str:
    if gone:
        return "the row has a history and is gone"
    return "the row has no history" if unknown else "the row differs from the last row of its history"


def _signatures() -> Iterator[Finding]:
    for signature in Signature.objects.iterator(chunk_size=AT_ONCE):
        if not seal_holds(signature):
            yield Finding(
                "altered", "records_signature", str(signature.id), "the signature was made for something else"
            )
