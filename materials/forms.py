"""The form in which a delivery is typed in."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any, cast
from zoneinfo import ZoneInfo

from django import forms

from materials.models import Material, MaterialKind
from mes.accounts.models import User
from mes.pages.scans import ScanField
from mes.quantities import Quantity


class MaterialChoice(forms.ModelChoiceField[Material]):
    def label_from_instance(self, obj: Material) -> str:
        return f"{obj.code} · {obj.name}"


class ReceiveForm(forms.Form):
    material = MaterialChoice(queryset=Material.objects.none(), empty_label="Choose a material")
    number = forms.CharField(label="Lot number", max_length=60, help_text="As printed on the container")
    barcode = ScanField(
        label="Label",
        max_length=100,
        required=False,
        help_text="Scan the label. Without one, Baton makes it from code and lot number.",
    )
    quantity = forms.DecimalField(label="Quantity received", min_value=0)
    unit = forms.CharField(max_length=30, required=False, help_text="Empty means the material's own unit")
    expires_on = forms.DateField(
        label="Expiry date",
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="Usable to the end of this day",
    )
    titre = forms.DecimalField(
        label="Titre (TU/mL)", min_value=0, required=False, help_text="For a vector, from its certificate"
    )

    def __init__(self, *args: Any, user: User, **options: Any) -> None:
        super().__init__(*args, **options)
        sites = user.sites_for("materials.receive")
        chosen = cast(MaterialChoice, self.fields["material"])
        chosen.queryset = Material.objects.filter(site_id__in=sites).select_related("site")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        material = data.get("material")
        if material and material.kind == MaterialKind.VECTOR and data.get("titre") is None:
            self.add_error("titre", "A vector is received with its titre: doses are computed from it.")
        return data

    def delivery(self) -> dict[str, Any]:
        """What was typed, as the service takes it."""
        data = self.cleaned_data
        material: Material = data["material"]
        titre = data["titre"]
        end_of_day = datetime.combine(data["expires_on"], time.max.replace(microsecond=0))
        return {
            "material": material,
            "number": data["number"],
            "barcode": data["barcode"],
            "quantity": Quantity(data["quantity"], data["unit"] or material.unit),
            "expires_at": end_of_day.replace(tzinfo=ZoneInfo(material.site.timezone)),
            "attributes": {"titre_tu_per_ml": Quantity(titre, "TU/mL")} if titre is not None else {},
        }
