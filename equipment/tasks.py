from datetime import timedelta

from celery import shared_task

from equipment.readings import ensure_partition
from mes import clock
from mes.accounts.models import Site


@shared_task(name="equipment.tasks.upkeep")
def upkeep() -> None:
    """The partitions of this month and the next are there before their first reading, by every site's own clock."""
    for site in Site.objects.all():
        now = clock.now(site)
        ensure_partition(now)
        ensure_partition(now + timedelta(days=31))
