"""What this room tells the outside."""

from mes.outbox.kinds import Kind

STARTED = Kind("batch.started", "Manufacture started")
HELD = Kind("batch.held", "Batch held")
RESTARTED = Kind("batch.restarted", "Batch restarted")
STOPPED = Kind("batch.stopped", "Batch stopped")
ABORTED = Kind("batch.aborted", "Batch aborted")
COMPLETE = Kind("batch.complete", "Manufacture complete")

KINDS = (STARTED, HELD, RESTARTED, STOPPED, ABORTED, COMPLETE)
