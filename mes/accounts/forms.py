"""What the pages about accounts ask for. Fields only; every rule is in the services."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy

from mes.accounts.models import IdentityCheck, Site, User
from mes.accounts.rights import Role
from mes.choices import offer
from mes.records.models import ACCESS_KINDS
from mes.records.signing import MEANINGS

TEMPORARY = "At least 12 characters. It works until the person signs in and chooses their own; it never signs."


def temporary_password() -> forms.CharField:
    return forms.CharField(
        label="Temporary password",
        strip=False,
        help_text=TEMPORARY,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


def _scanned() -> forms.TextInput:
    return forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"})


class AccountForm(forms.Form):
    username = forms.CharField(
        label="User name",
        max_length=150,
        help_text="Stays with this person for good.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "off"}),
    )
    printed_name = forms.CharField(label="Printed name", max_length=150, help_text="As on signatures.")
    badge = forms.CharField(label="Badge", max_length=40, required=False)
    email = forms.EmailField(label="E-mail", required=False)
    password = temporary_password()


class RoleForm(forms.Form):
    site = forms.ModelChoiceField(Site.objects.none(), label="Site", empty_label=None)
    role = forms.ChoiceField(label="Role", choices=Role.choices)

    def __init__(self, *args: Any, administrator: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sites = Site.objects.filter(id__in=administrator.sites_for("accounts.manage")).order_by("code")
        offer(self, "site", sites)


class LanguageForm(forms.Form):
    language = forms.ChoiceField(label="Language", choices=settings.LANGUAGES, help_text="Of this person's pages.")


class ReasonForm(forms.Form):
    reason = forms.CharField(label="Reason", max_length=400)


class ResetForm(forms.Form):
    password = temporary_password()
    reason = forms.CharField(label="Reason", max_length=400, help_text="How you know that it is this person.")


class IdentityForm(forms.Form):
    method = forms.ChoiceField(label="Seen", choices=IdentityCheck.Method.choices)
    checked_on = forms.DateField(label="On", widget=forms.DateInput(attrs={"type": "date"}))


class BadgeForm(forms.Form):
    badge = forms.CharField(label="Badge", max_length=40, help_text="Scan it.", widget=_scanned())
    read_back = forms.CharField(
        label="Badge again", max_length=40, help_text="Scan it once more: its first test.", widget=_scanned()
    )


class BadgeTestForm(forms.Form):
    read = forms.CharField(
        label="What the reader read",
        max_length=40,
        required=False,
        help_text="Scan the badge. Nothing read: leave it empty.",
        widget=_scanned(),
    )
    remark = forms.CharField(label="Remark", max_length=400, required=False)


class PolicyForm(forms.Form):
    text = forms.CharField(
        label="Text of the new version",
        strip=True,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="In force at once: nobody signs before they have accepted it.",
    )


class AccessLogFilter(forms.Form):
    """Which attempts to show. Dates are days in UTC, both included."""

    username = forms.CharField(label="User name", required=False)
    kind = forms.ChoiceField(label="What", required=False, choices=[("", "Everything"), *ACCESS_KINDS.items()])
    since = forms.DateField(label="From", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label="To", required=False, widget=forms.DateInput(attrs={"type": "date"}))


class AcceptanceForm(forms.Form):
    number = forms.IntegerField(widget=forms.HiddenInput())
    password = forms.CharField(
        label=gettext_lazy("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class FullCredentialForm(forms.Form):
    meanings = forms.MultipleChoiceField(
        label="A PIN is not enough for",
        required=False,
        choices=[(each, each.capitalize()) for each in sorted(MEANINGS)],
        widget=forms.CheckboxSelectMultiple,
        help_text="These signatures take the password or a passkey every time. A release does anyway.",
    )


class OnlyTerminalsForm(forms.Form):
    only = forms.TypedChoiceField(
        label="Steps are worked on at",
        choices=[("any", "any browser or program"), ("registered", "registered terminals only")],
        coerce=lambda chosen: chosen == "registered",
        help_text="Register the tablets before you choose the second.",
    )
