from celery import shared_task

from mes.accounts.models import Site
from mes.accounts.queries import system_user
from scheduling import services


@shared_task(name="scheduling.tasks.expire_holds")
def expire_holds() -> None:
    """Every hold whose time is over gives its place back."""
    dispatcher = system_user("dispatcher")
    for site in Site.objects.all():
        services.expire_holds(actor=dispatcher, site=site)
