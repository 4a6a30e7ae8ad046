from django.apps import AppConfig


class BeatConfig(AppConfig):
    name = "mes.beat"
    label = "beat"
