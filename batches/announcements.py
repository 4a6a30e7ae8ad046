"""What this room tells the outside."""

from mes.outbox.kinds import Kind

STARTED = Kind("batch.started", "Manufacture started")
HELD = Kind("batch.held", "Batch held")
RESTARTED = Kind("batch.restarted", "Batch restarted")
STOPPED = Kind("batch.stopped", "Batch stopped")
ABORTED = Kind("batch.aborted", "Batch aborted")
COMPLETE = Kind("batch.complete", "Manufacture complete")
CALLED = Kind("batch.supervisor_called", "Supervisor called")
UNANSWERED = Kind("batch.call_unanswered", "Call for a supervisor not answered")

KINDS = (STARTED, HELD, RESTARTED, STOPPED, ABORTED, COMPLETE, CALLED, UNANSWERED)
