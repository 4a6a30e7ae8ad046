"""What the pages ask for. Fields only; every rule is in the services."""

from typing import Any, cast

from django import forms

from chain_of_identity.models import Cause, Container, Infusion, LabelFate, LabelPrint, Order, Party, Scan
from chain_of_identity.models.custody import NO_DAMAGE
from mes.accounts.models import Site, User
from mes.pages.scans import ScanField, ScansField


class NothingToSay(forms.Form):
    """A button is enough."""


def day_field(label: str) -> forms.DateField:
    return forms.DateField(label=label, help_text="For example 1961-03-07.", input_formats=["%Y-%m-%d"])


class NewOrderForm(forms.Form):
    name = forms.CharField(max_length=120, label="Patient's name", help_text="Kept in the vault; nobody else sees it.")
    birth_date = day_field("Birth date")
    hospital_number = forms.CharField(max_length=40)
    site = forms.ModelChoiceField(Site.objects.none(), to_field_name="code", label="Manufacturing site")
    product_code = forms.CharField(max_length=40, label="Product")
    weight_kg = forms.DecimalField(max_digits=5, decimal_places=2, min_value=0, localize=False, label="Weight in kg")
    physician = forms.CharField(max_length=120)
    clinic = forms.CharField(max_length=120)
    consented = forms.BooleanField(required=False, label="The patient has consented")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["site"].queryset = Site.objects.filter(id__in=user.sites_for("identity.order"))  # type: ignore[attr-defined]
        if user.sites_for("identity.order"):
            self.fields["site"].initial = self.fields["site"].queryset.first()  # type: ignore[attr-defined]


class CollectionForm(forms.Form):
    coi_id = ScanField(label="Scan the kit or wristband", help_text="&/CH…")
    code = ScanField(label="Scan the bag")
    din = ScanField(
        label="Donation number", help_text="Scan it; or type it together with the check character in the box."
    )
    volume_ml = forms.DecimalField(max_digits=9, decimal_places=3, label="Volume in mL")


class GiveForm(forms.Form):
    codes = ScansField(label="Scan the bags", help_text="One line for each bag.")
    to = forms.ChoiceField(choices=Party.choices, initial=Party.COURIER, label="Give to")
    place = forms.CharField(max_length=80, label="Where")
    shipper = ScanField(max_length=40, required=False, label="Scan the shipper")
    seal = forms.CharField(max_length=40, required=False, label="Seal number")
    logger_celsius = forms.DecimalField(max_digits=6, decimal_places=2, required=False, label="Logger in °C")
    condition = forms.CharField(max_length=200, initial=NO_DAMAGE)


class TakeForm(forms.Form):
    codes = ScansField(label="Scan the bags", help_text="Every bag that was offered, one line for each.")
    seal = forms.CharField(max_length=40, required=False, label="Seal number", help_text="As you read it now.")
    place = forms.CharField(max_length=80, label="Where")
    logger_celsius = forms.DecimalField(max_digits=6, decimal_places=2, required=False, label="Logger in °C")
    condition = forms.CharField(max_length=200, initial=NO_DAMAGE)


class DeclineForm(forms.Form):
    reason = forms.CharField(
        max_length=400, label="Why it does not change hands", widget=forms.Textarea(attrs={"rows": 3})
    )


# Steps and label checks are read on the run screen; a wristband is printed anew.
OF_A_BAG = [
    (value, words) for value, words in Scan.Purpose.choices if value not in {"step", "label_check", "wristband"}
]


class CannotScanForm(forms.Form):
    """The label two people read; `order` gives the bags there are."""

    container = forms.ModelChoiceField(Container.objects.none(), to_field_name="label", label="Label")
    purpose = forms.ChoiceField(choices=OF_A_BAG, label="For")
    cause = forms.ChoiceField(choices=Cause.choices, label="What is wrong")
    reason = forms.CharField(max_length=400, label="Why it cannot be scanned", help_text="At least 10 letters.")

    def __init__(self, order: Order, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        cast(forms.ModelChoiceField[Container], self.fields["container"]).queryset = order.containers.all()


class ReceiptForm(forms.Form):
    codes = ScansField(label="Scan the bags", help_text="One line for each bag.")
    identity_ok = forms.BooleanField(required=False, label="Label, order and papers name the same patient")
    shipper_ok = forms.BooleanField(required=False, label="Shipper and seal are intact")
    logger_ok = forms.BooleanField(required=False, label="The logger shows no excursion")
    bag_ok = forms.BooleanField(required=False, label="Bags are intact")
    decision = forms.ChoiceField(choices=[("accept", "Accept"), ("reject", "Reject")], widget=forms.RadioSelect)
    place = forms.CharField(max_length=80, label="Store in")
    note = forms.CharField(max_length=400, required=False, help_text="Needed when something is not right.")


class ShipForm(forms.Form):
    codes = ScansField(label="Scan the bags", help_text="One line for each bag.")
    shipper = ScanField(max_length=40, label="Scan the shipper")
    seal = forms.CharField(max_length=40, label="Seal number")
    logger_celsius = forms.DecimalField(max_digits=6, decimal_places=2, required=False, label="Logger in °C")
    destination = forms.CharField(max_length=120)
    place = forms.CharField(max_length=80, label="Where the courier collects it")


class ThawForm(forms.Form):
    code = ScanField(label="Scan the bag")
    use_within_minutes = forms.IntegerField(min_value=1, label="Give within (minutes)", help_text="See the product.")


class BedsideForm(forms.Form):
    bag = ScanField(label="Scan the bag")
    wristband = ScanField(label="Scan the wristband")
    second_identifier = forms.CharField(max_length=20, help_text="Ask the patient. Do not read it out.")


class InfusionForm(forms.Form):
    volume_ml = forms.DecimalField(max_digits=9, decimal_places=3, label="Volume given in mL")
    outcome = forms.ChoiceField(choices=Infusion.Outcome.choices, widget=forms.RadioSelect)
    note = forms.CharField(max_length=400, required=False, help_text="Needed when the infusion was stopped or late.")


class LabelForm(forms.Form):
    reason = forms.CharField(max_length=200, required=False, help_text="Needed when it was printed before.")


class FateForm(forms.Form):
    """Which of the printed labels of `order` that nobody has accounted for."""

    label_print = forms.ModelChoiceField(LabelPrint.objects.none(), label="Label")
    what = forms.ChoiceField(choices=LabelFate.What.choices, widget=forms.RadioSelect, label="What became of it")
    reason = forms.CharField(max_length=200, label="Why", help_text="For example: torn while it was put on.")

    def __init__(self, order: Order, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        known = LabelPrint.objects.filter(order=order, fate=None).exclude(container=None)
        field = cast(forms.ModelChoiceField[LabelPrint], self.fields["label_print"])
        field.queryset = known.select_related("container", "order__site").order_by("container__label", "copy")
        self.has_labels = known.exists()


class ExplainLabelsForm(forms.Form):
    batch_id = forms.UUIDField(widget=forms.HiddenInput)
    reason = forms.CharField(
        max_length=400, label="Where are they, and how do you know?", widget=forms.Textarea(attrs={"rows": 3})
    )


class RevealForm(forms.Form):
    reason = forms.CharField(max_length=400, label="Why do you need to know who the patient is?")
