from contextlib import suppress
from datetime import timedelta

from celery import shared_task
from django.db import IntegrityError

from equipment.archive import archive_old_readings
from equipment.files.models import InstrumentFile
from equipment.readings import ensure_partition
from equipment.services import look_after_alarms, read_file
from equipment.summaries import sum_up
from mes import clock
from mes.accounts.models import Site
from mes.accounts.queries import system_user

AT_ONCE = 20


@shared_task(name="equipment.tasks.upkeep")
def upkeep() -> None:
    """By every site's own clock: partitions are there before their first reading, and what has passed is summed up."""
    for site in Site.objects.all():
        now = clock.now(site)
        ensure_partition(now)
        ensure_partition(now + timedelta(days=31))
        sum_up(site)


@shared_task(name="equipment.tasks.archive_readings", time_limit=6 * 3600)
def archive_readings() -> None:
    """Months of readings that are older than they are kept go to the archive, one after the other."""
    archive_old_readings(actor=system_user("dispatcher"))


@shared_task(name="equipment.tasks.watch_alarms")
def watch_alarms() -> None:
    """Shelves end by themselves, and what nobody acknowledges in time is told to somebody else."""
    look_after_alarms(actor=system_user("dispatcher"))


@shared_task(name="equipment.tasks.read_files")
def read_files() -> None:
    """Read what gateways have kept, oldest first. A worker that dies on the way leaves a file unread, not half read."""
    actor = system_user("gateway")
    for file in InstrumentFile.objects.unread().without_content().select_related("site").order_by("id")[:AT_ONCE]:
        with suppress(IntegrityError):  # another worker was a moment faster, and its reading stands
            read_file(actor=actor, file=file)
