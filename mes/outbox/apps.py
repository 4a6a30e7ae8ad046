from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "mes.outbox"
    label = "outbox"
