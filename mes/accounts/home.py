"""What waits for an administrator: people who are locked out."""

from django.urls import reverse

from mes.accounts.models import User
from mes.accounts.queries import FAILURES, locked_among, people_of
from mes.pages.panels import Panel, Rank, Task
from mes.records.models import SecurityEvent


def panels(user: User) -> list[Panel]:
    """Accounts that only an administrator opens again (R-029)."""
    sites = user.sites_for("accounts.manage")
    if not sites:
        return []
    failed = SecurityEvent.objects.filter(kind__in=FAILURES).values("user_id")
    people = people_of(sites).filter(id__in=failed, is_active=True).order_by("username")
    locked = locked_among([person.id for person in people])
    return [
        Panel(
            title="Locked accounts",
            tasks=[_task(person) for person in people if person.id in locked],
            empty="Nobody is locked out.",
            url=reverse("accounts:list"),
            more="All accounts",
        )
    ]


def _task(person: User) -> Task:
    return Task(
        title=person.printed_name,
        url=reverse("accounts:account", args=[person.id]),
        detail=f"{person.username}: too many failed attempts to sign in or to sign",
        action="Open account",
        rank=Rank.DUE,
        state="blocked",
        state_words="Locked",
    )
