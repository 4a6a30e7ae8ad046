"""Sealing: committed events become leaves of a Merkle log; its head is signed and witnessed outside the database.

The hot path knows nothing of this. A sealer takes events whose transaction is older than every running one
(`txid < pg_snapshot_xmin(...)`), so no event can appear later behind the seal.
"""

import json
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from mes import server_clock
from mes.clock import iso
from mes.errors import NotFound
from mes.records.keys import private_key, public_key_hex
from mes.records.merkle import Frontier, inclusion_proof, leaf_hash
from mes.records.models import Checkpoint, Event, Leaf
from mes.records.rows import Row, content_of, rows_of

AT_ONCE = 500
ONE_SEALER = 0x5EA1  # advisory lock: only one sealer appends at a time


def seal_now() -> Checkpoint | None:
    """Seal everything that is committed. Returns the newest checkpoint; None while there is nothing to seal."""
    while _seal_some() == AT_ONCE:
        continue
    return latest_checkpoint()


def latest_checkpoint() -> Checkpoint | None:
    return Checkpoint.objects.order_by("-size").first()


def unsealed_events(batch_id: UUID) -> int:
    """How many events of a batch have no leaf yet."""
    sealed = Leaf.objects.values("event_id")
    return Event.objects.filter(batch_id=batch_id).exclude(id__in=sealed).count()


def proof_for(event_id: UUID) -> dict[str, Any]:
    """The inclusion proof of an event under the newest checkpoint, as certificates carry it; NotFound if unsealed."""
    leaf = Leaf.objects.filter(event_id=event_id).first()
    head = latest_checkpoint()
    if leaf is None or head is None or leaf.index >= head.size:
        raise NotFound("This event is not sealed yet.", event=str(event_id))
    hashes = Leaf.objects.filter(index__lt=head.size).order_by("index").values_list("hash", flat=True)
    path = inclusion_proof([bytes.fromhex(each) for each in hashes], leaf.index)
    return {
        "event": str(event_id),
        "leaf": {"index": leaf.index, "content": leaf.content, "hash": leaf.hash},
        "proof": [each.hex() for each in path],
        "checkpoint": checkpoint_lines(head),
    }


def proof_for_newest(batch_id: UUID) -> dict[str, Any] | None:
    """The inclusion proof of the newest sealed event of a batch; None while none of them is sealed."""
    events = Event.objects.filter(batch_id=batch_id).values("id")
    leaf = Leaf.objects.filter(event_id__in=events).order_by("-index").first()
    return proof_for(leaf.event_id) if leaf else None


def checkpoint_lines(head: Checkpoint) -> dict[str, Any]:
    """A checkpoint as documents and exports carry it."""
    return {
        "size": head.size,
        "root": head.root,
        "previous": head.previous,
        "horizon": head.horizon,
        "at": iso(head.at),
        "key": head.key,
        "signature": head.signature,
    }


def signed_text(size: int, root: str, previous: str, horizon: int, at: str) -> bytes:
    """The bytes a checkpoint's signature covers."""
    return f"baton checkpoint\n{size}\n{root}\n{previous}\n{horizon}\n{at}\n".encode()


@transaction.atomic
def _seal_some() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_SEALER])
    head = latest_checkpoint()
    events, horizon = _sealable(head)
    if not events:
        return 0
    frontier = Frontier(head.size, [bytes.fromhex(peak) for peak in head.frontier]) if head else Frontier()
    leaves = _leaves(events, frontier)
    Leaf.objects.bulk_create(leaves)
    checkpoint = _sign(frontier, head.root if head else "", horizon)
    checkpoint.save(force_insert=True)
    transaction.on_commit(lambda: _witness(checkpoint))
    return len(events)


def _sealable(head: Checkpoint | None) -> tuple[list[UUID], int]:
    """The next committed, unsealed events in commit-safe order, and the horizon up to which nothing can be missing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        xmin: int = cursor.fetchone()[0]
        cursor.execute(
            "SELECT e.id, e.txid FROM records_event e"
            " WHERE e.txid < %s AND e.txid >= %s"
            " AND NOT EXISTS (SELECT 1 FROM records_leaf l WHERE l.event_id = e.id)"
            " ORDER BY e.txid, e.id LIMIT %s",
            [xmin, head.horizon if head else 0, AT_ONCE],
        )
        found = cursor.fetchall()
    horizon = found[-1][1] if len(found) == AT_ONCE else xmin
    return [event_id for event_id, _ in found], horizon


def _leaves(event_ids: list[UUID], frontier: Frontier) -> list[Leaf]:
    rows: dict[UUID, list[Row]] = {event_id: [] for event_id in event_ids}
    for row in rows_of(event_ids):
        rows[row.event_id].append(row)
    leaves = []
    for event_id in event_ids:
        content = content_of(frontier.size, rows[event_id])
        digest = leaf_hash(content.encode())
        leaves.append(Leaf(index=frontier.size, event_id=event_id, content=content, hash=digest.hex()))
        frontier.append(digest)
    return leaves


def _sign(frontier: Frontier, previous: str, horizon: int) -> Checkpoint:
    at = server_clock.now()
    at = at.replace(microsecond=at.microsecond // 1000 * 1000)
    root = frontier.root().hex()
    text = signed_text(frontier.size, root, previous, horizon, iso(at))
    return Checkpoint(
        size=frontier.size,
        root=root,
        previous=previous,
        horizon=horizon,
        frontier=[peak.hex() for peak in frontier.peaks],
        at=at,
        key=public_key_hex(),
        signature=private_key().sign(text).hex(),
    )


def _witness(checkpoint: Checkpoint) -> None:
    """Append the head to a file outside the database: a log whose tail was cut no longer reaches it."""
    path = settings.SEAL_WITNESS_FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(checkpoint_lines(checkpoint)) + "\n")
