"""Forms of the pages every user has."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from mes.accounts.models import User
from mes.accounts.passkeys.proof import Answer
from mes.batch_names import batch_id_of


class PasswordSignIn(forms.Form):
    username = forms.CharField(
        label=_("User name"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": True}),
    )
    password = forms.CharField(
        label=_("Password"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )


class BadgeSignIn(forms.Form):
    badge = forms.CharField(label=_("Badge"), max_length=40)
    pin = forms.CharField(
        label=_("PIN"),
        max_length=6,
        widget=forms.PasswordInput(attrs={"inputmode": "none", "autocomplete": "off"}),  # the page has its own keypad
    )


class PasskeySignIn(forms.Form):
    passkey = forms.CharField(widget=forms.HiddenInput())

    def clean_passkey(self) -> Answer:
        answer = Answer.read(self.cleaned_data["passkey"])
        if answer is None:
            raise forms.ValidationError("No passkey answered.")
        return answer


class PasswordChange(forms.Form):
    old = forms.CharField(
        label=_("Present password"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )
    new = forms.CharField(
        label=_("New password"),
        strip=False,
        help_text=_("At least 12 characters. A sentence is good."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class PinChange(forms.Form):
    password = forms.CharField(
        label=_("Password"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )
    pin = forms.CharField(
        label=_("New PIN"),
        help_text=_("6 digits, not a row and not a repeat. It signs for you: tell nobody."),
        widget=forms.PasswordInput(attrs={"inputmode": "numeric", "autocomplete": "off", "maxlength": 6}),
    )


class RecordsFilter(forms.Form):
    """Which events to show. Dates are days in UTC, both included."""

    person = forms.CharField(label="Person", required=False, help_text="User name")
    batch = forms.CharField(label="Batch", required=False, help_text="Batch number")
    action = forms.CharField(label="Action", required=False, help_text="Its beginning")
    since = forms.DateField(label="From", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label="To", required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def clean_person(self) -> UUID | None:
        name = self.cleaned_data["person"]
        if not name:
            return None
        user = User.objects.filter(username__iexact=name).only("id").first()
        if user is None:
            raise forms.ValidationError(f"Nobody here has the user name “{name}”.")
        return user.id

    def clean_batch(self) -> UUID | None:
        number = self.cleaned_data["batch"]
        if not number:
            return None
        found = batch_id_of(number)
        if found is None:
            raise forms.ValidationError(f"There is no batch “{number}”.")
        return found

    def narrowing(self) -> dict[str, Any]:
        """The keyword arguments of mes.records.queries.events."""
        given = self.cleaned_data
        return {
            "actor_id": given["person"],
            "batch_id": given["batch"],
            "action": given["action"],
            "since": _midnight(given["since"]),
            "until": _midnight(given["until"], days=1),
        }


def _midnight(day: Any, days: int = 0) -> datetime | None:
    return datetime.combine(day + timedelta(days=days), time.min, UTC) if day else None
