"""Ticks: certificates that were asked for are made."""

from uuid import UUID

from celery import shared_task
from django.db import transaction

from mes.accounts.queries import system_user
from mes.errors import NotFound
from qc_release.models import Certificate
from qc_release.services import issue_certificate, look_after_files
from qc_release.states import CertificateState

AT_ONCE = 5


@shared_task(name="qc_release.tasks.tick")
def tick() -> None:
    """Make what is due. A row another worker holds is skipped; one that is not sealed yet waits for the next tick."""
    for certificate_id in _due():
        try:
            issue_certificate(
                Certificate.objects.select_related("file__batch__site", "disposition").get(pk=certificate_id)
            )
        except NotFound:
            continue


@shared_task(name="qc_release.tasks.match_files")
def match_files() -> None:
    """What instruments have dropped finds its sample, or waits for a person."""
    look_after_files(actor=system_user("gateway"))


@transaction.atomic
def _due() -> list[UUID]:
    rows = Certificate.objects.filter(status=CertificateState.REQUESTED).order_by("requested_at")
    return list(rows.select_for_update(skip_locked=True).values_list("id", flat=True)[:AT_ONCE])
