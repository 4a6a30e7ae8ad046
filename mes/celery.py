"""The Celery application. Messages only say "look now"; the work itself is rows in the database."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mes.settings")

app = Celery("baton", task_cls="mes.beat.messages:Look")
app.config_from_object("django.conf:settings", namespace="CELERY")
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
