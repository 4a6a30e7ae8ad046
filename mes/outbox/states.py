"""The lives of messages and of those who subscribe to them."""

from django.db.models import TextChoices

from mes.state_machine import StateMachine, Transition

RIGHT = "outbox.manage"


class MessageState(TextChoices):
    WAITING = "waiting", "Waiting"
    SENT = "sent", "Sent"
    DEAD = "dead", "Not delivered"
    SET_ASIDE = "set_aside", "Set aside"


# These keep their place in the line of their subject: nothing overtakes them.
IN_LINE = (MessageState.WAITING, MessageState.DEAD)

MESSAGE = StateMachine(
    Transition("deliver", (MessageState.WAITING,), MessageState.SENT),
    Transition("give_up", (MessageState.WAITING,), MessageState.DEAD, needs_reason=True),
    Transition("send_again", (MessageState.DEAD,), MessageState.WAITING, RIGHT, needs_reason=True),
    Transition("set_aside", IN_LINE, MessageState.SET_ASIDE, RIGHT, needs_reason=True),
    initial=MessageState.WAITING,
)


class SubscriptionState(TextChoices):
    ACTIVE = "active", "Active"
    ENDED = "ended", "Ended"


SUBSCRIPTION = StateMachine(
    Transition("end", (SubscriptionState.ACTIVE,), SubscriptionState.ENDED, RIGHT, needs_reason=True),
    initial=SubscriptionState.ACTIVE,
)
