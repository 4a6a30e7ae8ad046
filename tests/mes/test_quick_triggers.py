"""The short way of registering triggers takes all of them, and refuses what the long one refuses."""

from typing import Any

import pgtrigger
import pytest
from django.apps import apps
from pgtrigger import registry

from mes.accounts.models import Site
from mes.quick_triggers.apps import names_kept

A_TABLE: Any = Site  # django-pgtrigger's types ask for a model and mean its class


def test_every_trigger_of_every_model_is_registered() -> None:
    said = {trigger.get_uri(model) for model in apps.get_models() for trigger in getattr(model._meta, "triggers", [])}
    assert said == set(registry._registry)
    assert len(registry._registry.pg_function_names) == len(said)


def test_a_name_is_not_given_twice_at_a_table() -> None:
    taken = A_TABLE._meta.triggers[0].name
    other = pgtrigger.Protect(name=taken, operation=pgtrigger.Delete)
    with names_kept(), pytest.raises(KeyError, match="already used"):
        other.register(A_TABLE)


def test_a_new_trigger_is_found_and_gone_again() -> None:
    new = pgtrigger.Protect(name="only_here", operation=pgtrigger.Delete)
    with names_kept(), new.register(A_TABLE):
        assert (A_TABLE, new) in pgtrigger.registered()
    assert (A_TABLE, new) not in pgtrigger.registered()
