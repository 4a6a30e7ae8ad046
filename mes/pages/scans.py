"""Form fields that take what a scanner typed."""

from typing import Any

from django import forms

PREFIX = "~"  # scanners are set up to type it first: see the administrator guide


def scanned(text: str) -> str:
    """A code without the scanner's prefix and the blanks around it."""
    return text.strip().removeprefix(PREFIX).strip()


class ScanField(forms.CharField):
    """One scanned code. static/js/scan_fields.js fills it wherever the cursor is; typing it works as well."""

    def widget_attrs(self, widget: forms.Widget) -> Any:
        return {
            **super().widget_attrs(widget),
            "data-takes-scan": "one",
            "autocomplete": "off",
            "spellcheck": "false",
        }

    def to_python(self, value: Any) -> Any:
        return scanned(super().to_python(value) or "")


class ScansField(ScanField):
    """Scanned codes, one to a line: a scanner ends each with Enter, so the field works without JavaScript.

    Cleans to a list of codes.
    """

    widget = forms.Textarea(attrs={"rows": 3, "autofocus": True})

    def widget_attrs(self, widget: forms.Widget) -> Any:
        return {**super().widget_attrs(widget), "data-takes-scan": "many"}

    def clean(self, value: Any) -> list[str]:
        return [code for line in super().clean(value).splitlines() if (code := scanned(line))]
