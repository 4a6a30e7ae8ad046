"""What this room tells the outside: every decision on a batch."""

from mes.outbox.kinds import Kind
from qc_release.states import Disposition

DECISIONS = {
    Disposition.RELEASED: Kind("batch.released", "Batch released"),
    Disposition.RELEASED_PENDING: Kind("batch.released_pending", "Batch released, results pending"),
    Disposition.SUPPLIED_OOS: Kind("batch.supplied_oos", "Batch supplied out of specification"),
    Disposition.REJECTED: Kind("batch.rejected", "Batch rejected"),
    Disposition.QUARANTINED: Kind("batch.quarantined", "Batch quarantined"),
}

KINDS = tuple(DECISIONS.values())
