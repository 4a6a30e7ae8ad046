from django.apps import AppConfig
from django.conf import settings
from django.db.models.signals import post_migrate


class RecordsConfig(AppConfig):
    name = "mes.records"
    label = "records"

    def ready(self) -> None:
        from mes import server_clock
        from mes.records import checks, grants

        post_migrate.connect(grants.after_migrate, dispatch_uid="baton_grants")
        checks.register_checks()
        if settings.CLOCK_OF_THE_DATABASE:
            server_clock.follow_the_database()
