"""The planner's forms. Times are typed in the site's own zone."""

from __future__ import annotations

from typing import Any, cast

from django import forms

from mes.accounts.models import Site
from scheduling.models import Suite
from scheduling.states import SlotStatus

LOCAL = "%Y-%m-%dT%H:%M"


class PlaceForm(forms.Form):
    """A place and a time."""

    suite = forms.ModelChoiceField(queryset=Suite.objects.none(), empty_label=None)
    start = forms.DateTimeField(
        label="Start",
        input_formats=[LOCAL],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=LOCAL),
    )

    def __init__(self, *args: Any, site: Site, **options: Any) -> None:
        super().__init__(*args, **options)
        suites = cast("forms.ModelChoiceField[Suite]", self.fields["suite"])
        suites.queryset = Suite.objects.filter(site=site).select_related("site")
        suites.to_field_name = "code"
        self.fields["start"].help_text = f"Time in {site.timezone}"


class MoveForm(PlaceForm):
    reason = forms.CharField(help_text="The clinic reads it.")


class ListForm(forms.Form):
    """What the list is narrowed by."""

    status = forms.ChoiceField(choices=[("", "All"), *SlotStatus.choices], required=False)
    suite = forms.CharField(required=False)
    before = forms.UUIDField(required=False, widget=forms.HiddenInput)
