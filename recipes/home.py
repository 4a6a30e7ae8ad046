"""Recipe versions that wait for somebody."""

from django.urls import reverse

from mes.accounts.models import User
from mes.pages.panels import Panel, Task
from recipes.models import RecipeVersion
from recipes.queries import versions_visible_to
from recipes.states import IN_WORK, VERSION

NEXT = {"submit": "Hand to review", "review": "Review", "approve": "Approve"}


def panels(user: User) -> list[Panel]:
    """Versions in work that this person can move on."""
    rights = ("recipes.draft", "recipes.review", "recipes.approve")
    if not any(user.sites_for(right) for right in rights):
        return []
    versions = versions_visible_to(user).filter(status__in=IN_WORK).order_by("id")
    tasks = [task for version in versions for task in _tasks(version, user)]
    url = reverse("recipes:list")
    empty = "No recipe waits for you."
    return [Panel(title="Recipes in work", tasks=tasks, empty=empty, url=url, more="All recipes")]


def _tasks(version: RecipeVersion, user: User) -> list[Task]:
    moves = [each.name for each in VERSION.available(version, user) if each.name in NEXT]
    return [
        Task(
            title=str(version),
            url=reverse("recipes:version", args=[version.pk]),
            detail=f"by {version.author.printed_name}",
            action=NEXT[name],
            state=version.status,
            state_words=version.get_status_display(),
        )
        for name in moves
    ]
