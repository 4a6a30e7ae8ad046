from django.apps import AppConfig


class QcReleaseConfig(AppConfig):
    name = "qc_release"
    verbose_name = "QC and release"
