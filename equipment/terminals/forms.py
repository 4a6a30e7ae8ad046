"""What the page of terminals asks for. Fields only; every rule is in the services."""

from typing import Any

from django import forms

from equipment.models import Room
from equipment.terminals.models import Terminal
from equipment.terminals.queries import RIGHT, rooms_to_choose
from mes.accounts.models import Site, User
from mes.choices import offer

EVERY_ROOM = "Every room of the site"


class TerminalForm(forms.Form):
    site = forms.ModelChoiceField(Site.objects.none(), label="Site", empty_label=None)
    code = forms.CharField(label="Code", max_length=20, help_text="As it stands on the device, for example T-04.")
    name = forms.CharField(label="Name", max_length=120)
    kind = forms.ChoiceField(label="Kind", choices=Terminal.Kind.choices)
    room = forms.ModelChoiceField(Room.objects.none(), label="Room", required=False, empty_label=EVERY_ROOM)

    def __init__(self, *args: Any, administrator: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sites = Site.objects.filter(id__in=administrator.sites_for(RIGHT)).order_by("code")
        offer(self, "site", sites)
        offer(self, "room", rooms_to_choose(administrator))


class MoveForm(forms.Form):
    room = forms.ModelChoiceField(Room.objects.none(), label="Room", required=False, empty_label=EVERY_ROOM)

    def __init__(self, *args: Any, site: Site, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "room", Room.objects.filter(site=site))


class RetireForm(forms.Form):
    reason = forms.CharField(label="Reason", max_length=400)
