"""Reads of identity and custody: who may see what, what a code is, why a gate stays closed, the whole chain."""

from chain_of_identity.queries.chain import ChainReport, chain_report
from chain_of_identity.queries.gates import (
    reasons_not_givable,
    reasons_not_manufacturable,
    reasons_not_ready,
    reasons_not_receivable,
    reasons_not_supplied,
)
from chain_of_identity.queries.journey import Journey, journey
from chain_of_identity.queries.label_accounts import (
    LabelAccount,
    Reconciliation,
    reasons_labels_open,
    reconcile,
    reconciliations,
)
from chain_of_identity.queries.lookups import (
    Identified,
    clinic_notices_visible_to,
    container_by_label,
    containers_of_batch,
    handovers_visible_to,
    how_ended,
    identify,
    parties_of,
    visible_to,
)

__all__ = [
    "ChainReport",
    "Identified",
    "Journey",
    "LabelAccount",
    "Reconciliation",
    "chain_report",
    "clinic_notices_visible_to",
    "container_by_label",
    "containers_of_batch",
    "handovers_visible_to",
    "how_ended",
    "identify",
    "journey",
    "parties_of",
    "reasons_labels_open",
    "reasons_not_givable",
    "reasons_not_manufacturable",
    "reasons_not_ready",
    "reasons_not_receivable",
    "reasons_not_supplied",
    "reconcile",
    "reconciliations",
    "visible_to",
]
