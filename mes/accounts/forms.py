"""What the pages about accounts ask for. Fields only; every rule is in the services."""

from typing import Any

from django import forms

from mes.accounts.models import Site, User
from mes.accounts.rights import Role

TEMPORARY = "At least 12 characters. It works until the person signs in and chooses their own; it never signs."


def temporary_password() -> forms.CharField:
    return forms.CharField(
        label="Temporary password",
        strip=False,
        help_text=TEMPORARY,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


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
        self.fields["site"].queryset = sites  # type: ignore[attr-defined]


class ReasonForm(forms.Form):
    reason = forms.CharField(label="Reason", max_length=400)


class ResetForm(forms.Form):
    password = temporary_password()
    reason = forms.CharField(label="Reason", max_length=400, help_text="How you know that it is this person.")
