"""What waits for an administrator: messages that did not get through."""

from django.urls import reverse

from mes.accounts.models import User
from mes.outbox.queries import messages_visible_to
from mes.outbox.states import RIGHT
from mes.pages.panels import Panel, Rank, Task

SHOWN = 5


def panels(user: User) -> list[Panel]:
    if not user.may_anywhere(RIGHT):
        return []
    dead = messages_visible_to(user).dead().order_by("position")
    count = dead.count()
    address = reverse("outbox:messages")
    tasks = [
        Task(
            title=message.title,
            url=f"{address}?status=dead",
            detail=f"{message.subscription.name}: {message.last_error}",
            action="Open messages",
            rank=Rank.DUE,
            state="failed",
            state_words=message.get_status_display(),
        )
        for message in dead[:SHOWN]
    ]
    title = f"Messages not delivered: {count}" if count else "Messages not delivered"
    return [Panel(title, tasks, "Every message got through, or is on its way.", address, "All messages")]
