"""Very many batches, copied from one by SQL. No trigger sees the copies: they are there to be in the way."""

from __future__ import annotations

import psycopg
from psycopg import sql

from batches.models import Batch

# What belongs to a batch, and which of its columns name something that is copied too.
_TABLES = {
    "chain_of_identity_patient": ("id",),
    "chain_of_identity_order": ("id", "patient_id"),
    "batches_batch": ("id", "order_id"),
    "batches_unitprocedure": ("id", "batch_id"),
    "batches_operation": ("id", "batch_id", "unit_procedure_id"),
    "batches_step": ("id", "batch_id", "operation_id"),
    "batches_unitbinding": ("id", "batch_id", "step_id"),
}
# What nothing else may share: a number of the copy in six signs stands for it.
_OWN = {
    "chain_of_identity_patient": {"pseudonym": "'Z' || sign"},
    "chain_of_identity_order": {"coi_id": "left(original.coi_id, 9) || sign"},
    "batches_batch": {
        "number": "left(original.number, 12) || '-' || sign",
        "coi_id": "left(original.coi_id, 9) || sign",
    },
}
_WHOSE = {
    "chain_of_identity_patient": "id = %(patient)s",
    "chain_of_identity_order": "id = %(order)s",
    "batches_batch": "id = %(batch)s",
}
_COPY = """
INSERT INTO {table} SELECT made.* FROM {table} AS original
CROSS JOIN generate_series(%(first)s::int, %(last)s::int) AS copy
CROSS JOIN LATERAL (SELECT 'Z' || lpad(upper(to_hex(copy)), 5, '0') AS sign) AS signs
CROSS JOIN LATERAL jsonb_populate_record(original, jsonb_build_object({changed})) AS made
WHERE original.{whose}
"""


def crowd(superuser: psycopg.Connection, batch: Batch, *, first: int, last: int) -> None:
    """Copies number `first` to `last` of a batch, its order and its patient, in the state they are in."""
    ids = {"batch": batch.pk, "order": batch.order_id, "patient": batch.order.patient_id, "first": first, "last": last}
    with superuser.transaction():
        superuser.execute("SET LOCAL session_replication_role = replica")
        for table in _TABLES:
            superuser.execute(_statement(table), ids)
    for table in _TABLES:
        superuser.execute(sql.SQL("VACUUM ANALYZE {}").format(sql.Identifier(table)))


def _statement(table: str) -> sql.Composed:
    copied = {column: f"md5(original.{column}::text || copy)::uuid" for column in _TABLES[table]}
    changed = copied | _OWN.get(table, {})
    pairs = ", ".join(f"'{column}', {value}" for column, value in changed.items())
    return sql.SQL(_COPY).format(
        table=sql.Identifier(table), changed=sql.SQL(pairs), whose=sql.SQL(_WHOSE.get(table, "batch_id = %(batch)s"))
    )
