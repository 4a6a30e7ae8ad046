"""Choices of a form that depend on who asks."""

from typing import Any

from django.db.models import QuerySet
from django.forms import BaseForm, ModelChoiceField


def offer(form: BaseForm, name: str, rows: QuerySet[Any]) -> None:
    """Let a field of the form choose among these rows; TypeError where it does not choose among rows at all."""
    field = form.fields[name]
    if not isinstance(field, ModelChoiceField):
        raise TypeError(f"{name} does not choose among rows.")
    field.queryset = rows
