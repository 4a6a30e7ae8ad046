from celery import shared_task

from mes.accounts.models import Site
from mes.accounts.queries import system_user
from recipes import services


@shared_task(name="recipes.tasks.make_effective")
def make_effective() -> None:
    """Every approved version whose date has come; batches follow the dates even before."""
    dispatcher = system_user("dispatcher")
    for site in Site.objects.all():
        services.make_effective(actor=dispatcher, site=site)
