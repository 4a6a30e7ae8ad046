from django.apps import AppConfig
from django.db.models.signals import post_migrate


class RecordsConfig(AppConfig):
    name = "mes.records"
    label = "records"

    def ready(self) -> None:
        from mes.records import checks, grants

        post_migrate.connect(grants.after_migrate, dispatch_uid="baton_grants")
        checks.register_checks()
