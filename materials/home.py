"""Lots that wait for somebody."""

from __future__ import annotations

from django.urls import reverse

from materials.models import Lot
from materials.queries import lots_visible_to
from materials.states import LotStatus
from mes.accounts.models import User
from mes.pages.panels import Panel, Task

SHOWN = 5


def panels(user: User) -> list[Panel]:
    """Lots in quarantine, for who may release them and did not receive them."""
    sites = user.sites_for("materials.release")
    if not sites:
        return []
    waiting = lots_visible_to(user).filter(site_id__in=sites, status=LotStatus.QUARANTINED)
    return [
        Panel(
            title="Lots in quarantine",
            tasks=[_task(lot) for lot in waiting.exclude(received_by=user).order_by("id")[:SHOWN]],
            empty="No lot waits for release.",
            url=f"{reverse('materials:lots')}?status={LotStatus.QUARANTINED}",
            more="All lots in quarantine",
        )
    ]


def _task(lot: Lot) -> Task:
    return Task(
        title=str(lot),
        url=reverse("materials:lot", args=[lot.pk]),
        detail=f"{lot.material.name}, received by {lot.received_by.printed_name}",
        action="Release or reject",
        state=lot.status,
        state_words=lot.get_status_display(),
    )
