from datetime import timedelta

from celery import shared_task

from equipment.readings import ensure_partition
from equipment.services import look_after_alarms
from mes import clock
from mes.accounts.models import Site
from mes.accounts.queries import system_user


@shared_task(name="equipment.tasks.upkeep")
def upkeep() -> None:
    """The partitions of this month and the next are there before their first reading, by every site's own clock."""
    for site in Site.objects.all():
        now = clock.now(site)
        ensure_partition(now)
        ensure_partition(now + timedelta(days=31))


@shared_task(name="equipment.tasks.watch_alarms")
def watch_alarms() -> None:
    """Shelves end by themselves, and what nobody acknowledges in time is told to somebody else."""
    look_after_alarms(actor=system_user("dispatcher"))
