"""The Celery application. Messages only say "look now"; the work itself is rows in the database."""

import os
import sys

from celery import Celery, Task
from celery.signals import task_prerun

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mes.settings")

app = Celery("baton", task_cls="mes.beat.messages:Look")
app.config_from_object("django.conf:settings", namespace="CELERY")
# Celery would open a connection for each task, and most of an idle worker's time goes into that. It is kept as long as
# Django keeps any, and looked at before each task: one that was lost is opened anew.
app.conf["CELERY_DB_REUSE_MAX"] = sys.maxsize
app.autodiscover_tasks(
    [
        "mes.records",
        "mes.outbox",
        "materials",
        "equipment",
        "recipes",
        "chain_of_identity",
        "batches",
        "qc_release",
        "scheduling",
    ]
)


@task_prerun.connect
def have_a_connection_that_works(task: "Task[..., object]", **_: object) -> None:
    from django.db import close_old_connections

    if not task.request.is_eager:  # called in the caller's own transaction, it has the caller's connection
        close_old_connections()
