"""The forms in which a recipe document is handed in."""

from collections.abc import Sequence
from typing import Any, cast

from django import forms

from mes.accounts.models import Site, User


class SourceForm(forms.Form):
    """A file is kept byte for byte; a pasted text as the browser sends it, with plain line ends."""

    file = forms.FileField(label="Recipe file", required=False, help_text="YAML, at most 500 kB", max_length=200)
    text = forms.CharField(
        label="Or paste the text", required=False, strip=False, widget=forms.Textarea(attrs={"rows": 18})
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        data["source"] = self._source(data)
        return data

    def _source(self, data: dict[str, Any]) -> str:
        if data.get("file") is None:
            text = str(data.get("text", ""))
            if not text:
                self.add_error("file", "Choose a file or paste the text.")
            return text.replace("\r\n", "\n")
        try:
            return str(data["file"].read().decode("utf-8"))
        except UnicodeDecodeError:
            self.add_error("file", "The file is not UTF-8 text.")
            return ""


class ImportForm(SourceForm):
    """A new recipe for a site."""

    site = forms.ModelChoiceField(queryset=Site.objects.none(), to_field_name="code", empty_label=None)
    field_order = ("site", "file", "text")

    def __init__(self, *args: Any, user: User, **options: Any) -> None:
        super().__init__(*args, **options)
        chosen: forms.ModelChoiceField[Site] = self.fields["site"]  # type: ignore[assignment]
        chosen.queryset = Site.objects.filter(id__in=user.sites_for("recipes.draft"))


class ReviseForm(SourceForm):
    """The next version of a recipe."""

    change_control = forms.CharField(
        label="Change control", max_length=60, help_text="The id under which the change was agreed"
    )
    field_order = ("change_control", "file", "text")


class TrainingForm(forms.Form):
    """A training that the reader gave to one of `people`."""

    trained = forms.ChoiceField(label="Person")
    valid_days = forms.IntegerField(min_value=1, required=False, label="Valid for days", help_text="Empty: no end.")

    def __init__(self, people: Sequence[User], *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._people = {str(person.pk): person for person in people}
        chosen = cast(forms.ChoiceField, self.fields["trained"])
        chosen.choices = [(key, person.printed_name) for key, person in self._people.items()]

    def person(self) -> User:
        return self._people[self.cleaned_data["trained"]]
