"""What waits: the signature policy for whoever has not accepted it; locked people and old badges for administrators."""

from uuid import UUID

from django.urls import reverse

from mes.accounts.models import User
from mes.accounts.queries import FAILURES, locked_among, overdue_badges, people_of, policy_in_force
from mes.pages.panels import Panel, Rank, Task
from mes.phrases import Phrase
from mes.records.models import SecurityEvent

SHOWN = 5


def panels(user: User) -> list[Panel]:
    """The policy to accept, accounts that only an administrator opens again (R-029), badges to be tested (R-040)."""
    sites = user.sites_for("accounts.manage")
    if not sites:
        return _policy_to_accept(user)
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
        ),
        _badges_to_test(sites),
    ]


def _policy_to_accept(user: User) -> list[Panel]:
    policy = policy_in_force()
    if policy is None or user.acceptances.filter(policy=policy).exists() or not user.site_ids():
        return []
    task = Task(
        title=Phrase("Signature policy, version {number}", number=policy.number),
        url=reverse("accounts:accept_policy"),
        detail="You sign nothing before you have accepted it",
        action="Read and accept",
        rank=Rank.DUE,
        state="waiting",
        state_words="Not accepted",
    )
    return [Panel(title="Before you sign", tasks=[task])]


def _badges_to_test(sites: set[UUID]) -> Panel:
    due = overdue_badges(sites)
    tasks = [
        Task(
            title=person.printed_name,
            url=reverse("accounts:account", args=[person.id]),
            detail=Phrase("Badge {badge}", badge=person.badge),
            action="Open account",
            rank=Rank.DUE,
            state="due",
            state_words="Test overdue",
        )
        for person in due[:SHOWN]
    ]
    return Panel("Badges to test", tasks, "Every badge was tested.", reverse("accounts:badges"), "All of them")


def _task(person: User) -> Task:
    return Task(
        title=person.printed_name,
        url=reverse("accounts:account", args=[person.id]),
        detail=Phrase("{username}: too many failed attempts to sign in or to sign", username=person.username),
        action="Open account",
        rank=Rank.DUE,
        state="blocked",
        state_words="Locked",
    )
