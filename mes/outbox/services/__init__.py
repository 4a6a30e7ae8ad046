"""Everything that changes the outbox."""

from mes.outbox.services.announcing import announce, send_test
from mes.outbox.services.dead_letters import send_again, set_aside
from mes.outbox.services.delivery import deliver_next
from mes.outbox.services.subscriptions import end_subscription, subscribe

__all__ = ["announce", "deliver_next", "end_subscription", "send_again", "send_test", "set_aside", "subscribe"]
