"""Ticks: receivers with post get it. One worker at a time sends to one receiver."""

from uuid import UUID

from celery import shared_task

from mes import server_clock
from mes.outbox.queries import receivers_with_post
from mes.outbox.services import deliver_next

IN_A_ROW = 10  # then others have their turn; the next tick goes on
HANDED_OUT_FOR = 30.0  # seconds; what no worker has taken by then is handed out again


@shared_task(name="mes.outbox.tasks.tick")
def tick() -> None:
    for subscription_id in receivers_with_post(server_clock.now()):
        send.apply_async((str(subscription_id),), expires=HANDED_OUT_FOR)


@shared_task(name="mes.outbox.tasks.send")
def send(subscription_id: str) -> None:
    for _ in range(IN_A_ROW):
        if not deliver_next(UUID(subscription_id)):
            return
