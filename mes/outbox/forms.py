"""What the pages of the outbox ask for. The services judge it."""

from typing import Any

from django import forms

from mes.accounts.models import Site, User
from mes.choices import offer
from mes.outbox.kinds import known_kinds
from mes.outbox.models import Channel
from mes.outbox.states import RIGHT


def _choices() -> list[tuple[str, str]]:
    return [(kind.code, kind.title) for kind in known_kinds().values()]


class SubscriptionForm(forms.Form):
    site = forms.ModelChoiceField(Site.objects.none(), label="Site", empty_label=None)
    channel = forms.ChoiceField(label="Way", choices=Channel.choices)
    name = forms.CharField(label="Name of the receiver", max_length=100)
    address = forms.CharField(
        label="Address",
        max_length=500,
        help_text="A URL with https for a webhook; an e-mail address for e-mail.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "off"}),
    )
    party = forms.CharField(
        label="Only for this clinic",
        max_length=120,
        required=False,
        help_text="Its name as on the orders. Empty: for all of them.",
    )
    kinds = forms.MultipleChoiceField(label="What it is told", choices=_choices, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, administrator: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sites = Site.objects.filter(id__in=administrator.sites_for(RIGHT)).order_by("code")
        offer(self, "site", sites)


class ReasonForm(forms.Form):
    reason = forms.CharField(label="Reason", max_length=400)
