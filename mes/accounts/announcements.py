"""What is told about accounts."""

from mes.outbox.kinds import Kind

LOCKED = Kind("account.locked", "Account locked")

KINDS = (LOCKED,)
