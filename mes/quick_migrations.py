"""Make a new database in seconds instead of a minute.

Django keeps a live class of every model while it migrates. For each added model, constraint or index it makes anew all
classes that are in any way related, and as every record names a person, a site and an event, that is all of them. But
nothing refers to a new model yet, and no class looks different for another's constraint: the one class is enough. As
after every delayed change of Django's own, RunPython sees all of them fresh.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

from django.db.migrations.state import ProjectState


def render_only_what_changed() -> None:
    """For this process; called where the schema is migrated (manage.py, tests)."""
    for name in ("add_model", "_append_option"):
        setattr(ProjectState, name, _alone(getattr(ProjectState, name)))


def _alone(change: Callable[..., None]) -> Callable[..., None]:
    @wraps(change)
    def changed(state: ProjectState, *arguments: Any) -> None:
        with _related_to_nobody(state):
            change(state, *arguments)

    return changed


@contextmanager
def _related_to_nobody(state: ProjectState) -> Iterator[None]:
    def itself(app_label: str, model_name: str, delay: bool) -> set[tuple[str, str]]:
        return {(app_label, model_name.lower())}

    vars(state)["_find_reload_model"] = itself
    state.is_delayed = True
    try:
        yield
    finally:
        del vars(state)["_find_reload_model"]
