from celery import shared_task

from materials import services
from mes.accounts.models import Site
from mes.accounts.queries import system_user


@shared_task(name="materials.tasks.expire_due")
def expire_due() -> None:
    """Every released lot past its date is marked; use is refused by the clock even before."""
    dispatcher = system_user("dispatcher")
    for site in Site.objects.all():
        services.expire_due(actor=dispatcher, site=site)
