from celery import shared_task

from mes.records.sealing import seal_now


@shared_task(name="mes.records.tasks.seal")
def seal() -> None:
    seal_now()
