"""What waits for an administrator: people who are locked out."""

from django.urls import reverse

from mes.accounts.models import User
from mes.accounts.queries import FAILURES, is_locked, people_of
from mes.pages.panels import Panel, Rank, Task
from mes.records.models import SecurityEvent


def panels(user: User) -> list[Panel]:
    """Accounts that only an administrator opens again (R-029)."""
    sites = user.sites_for("accounts.manage")
    if not sites:
        return []
    failed = SecurityEvent.objects.filter(kind__in=FAILURES).values("user_id")
    people = people_of(sites).filter(id__in=failed, is_active=True).order_by("username")
    return [
        Panel(
            title="Locked accounts",
            tasks=[_task(person) for person in people if is_locked(person)],
            empty="Nobody is locked out.",
            url=reverse("pages:records"),
            more="What people did",
        )
    ]


def _task(person: User) -> Task:
    return Task(
        title=person.printed_name,
        url=f"{reverse('pages:records')}?person={person.username}",
        detail=f"{person.username}: too many failed attempts to sign in or to sign",
        action="See what they did",
        rank=Rank.DUE,
        state="blocked",
        state_words="Locked",
    )
