"""What people write on the pages of a batch. The services judge it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, cast

from django import forms

from batches.models import Batch, BatchException, MaterialDisposition, Severity, Step
from batches.states import Command


class CommandForm(forms.Form):
    command = forms.ChoiceField(choices=Command.choices)
    reason = forms.CharField(widget=forms.Textarea(attrs={"rows": 2}), required=False)
    disposition = forms.ChoiceField(choices=MaterialDisposition.Decision.choices, required=False)


class MaterialForm(forms.Form):
    decision = forms.ChoiceField(choices=MaterialDisposition.Decision.choices)
    reason = forms.CharField(max_length=2000)


class DecisionForm(forms.Form):
    decision = forms.CharField(label="What you decide, and why", widget=forms.Textarea(attrs={"rows": 3}))


class DeviationForm(forms.Form):
    """What `services.open_deviation` takes; `batch` gives the steps and the exceptions there are to choose from."""

    title = forms.CharField(max_length=200, label="What departed from the recipe")
    description = forms.CharField(max_length=4000, label="What happened", widget=forms.Textarea(attrs={"rows": 4}))
    severity = forms.ChoiceField(choices=Severity.choices, initial=Severity.MEDIUM)
    step = forms.ModelChoiceField(Step.objects.none(), required=False, empty_label="The batch as a whole")
    exceptions = forms.ModelMultipleChoiceField(
        BatchException.objects.none(),
        required=False,
        label="Exceptions it explains",
        widget=forms.CheckboxSelectMultiple,
        help_text="Its approval decides them.",
    )
    blocks = forms.BooleanField(required=False, label="The steps after it wait for its approval")

    def __init__(self, batch: Batch, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        _field(self, "step").queryset = batch.steps.order_by("position")
        unexplained = batch.exceptions.filter(deviation=None).select_related("step")
        _field(self, "exceptions").queryset = unexplained
        if not unexplained:
            del self.fields["exceptions"]


class PaperForms(forms.Form):
    """What `services.issue_form` takes."""

    steps = forms.ModelMultipleChoiceField(
        Step.objects.none(), label="Steps printed on it", widget=forms.CheckboxSelectMultiple
    )
    reason = forms.CharField(max_length=500, label="Why work goes on on paper")

    def __init__(self, batch: Batch, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        _field(self, "steps").queryset = Step.objects.open().filter(batch=batch).order_by("position")


class RedlineForm(forms.Form):
    """What `services.propose_redline` takes; `places` are the steps after which something can still be added."""

    after = forms.ModelChoiceField(Step.objects.none(), empty_label=None, label="After which step")
    kind = forms.ChoiceField(
        choices=[
            ("instruction", "Instruction: do something"),
            ("entry", "Entry: record values"),
            ("sample", "Sample: draw a sample"),
            ("signature", "Signature: confirm something"),
        ],
        label="Kind of step",
    )
    title = forms.CharField(max_length=80, help_text="A verb first: Mix once more")
    text = forms.CharField(max_length=300, required=False, label="What to do", widget=forms.Textarea(attrs={"rows": 3}))
    signature = forms.ChoiceField(
        choices=[
            ("performed", "Whoever does it signs"),
            ("verified_observed", "A second person looks on and signs"),
            ("verified_blind", "A second person reads the values again and signs"),
            ("none", "Nobody signs"),
        ],
        label="Signature",
    )
    reason = forms.CharField(max_length=2000, label="Why this batch needs it", widget=forms.Textarea(attrs={"rows": 3}))
    waits = forms.BooleanField(required=False, label="Wait for it: nothing after that point starts before the decision")

    def __init__(self, places: Sequence[Step], *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        _field(self, "after").queryset = Step.objects.filter(pk__in=[each.pk for each in places]).order_by("position")

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if given.get("kind") == "instruction" and not given.get("text"):
            self.add_error("text", "Say what to do.")
        if given.get("kind") == "signature" and given.get("signature") == "none":
            self.add_error("signature", "Somebody signs a step of this kind.")
        return given

    def needs(self, entries: Any, sample: AddedSampleForm) -> bool:
        """Has the kind of step what it asks for? What is missing is said at the field."""
        kind = self.cleaned_data["kind"]
        if kind == "entry" and not any(each.cleaned_data.get("name") for each in entries.forms):
            entries.forms[0].add_error("name", "This step records a value: name it.")
        empty = [name for name in ("code", "tests", "quantity") if not sample.cleaned_data.get(name)]
        for name in empty if kind == "sample" else ():
            sample.add_error(name, "The step draws a sample: fill this in.")
        return bool(entries.is_valid() and sample.is_valid())


class AddedEntryForm(forms.Form):
    """One value of an added step; a line without a name is none."""

    name = forms.CharField(max_length=60, required=False, label="Value to record")
    type = forms.ChoiceField(
        choices=[("number", "Number"), ("yes_no", "Yes or no"), ("text", "Words")],
        required=False,
        label="Kind of value",
    )
    unit = forms.CharField(max_length=40, required=False)
    low = forms.CharField(max_length=20, required=False, label="Not below")
    high = forms.CharField(max_length=20, required=False, label="Not above")
    critical = forms.BooleanField(required=False)

    def clean(self) -> dict[str, Any]:
        low, high = (_number(self.cleaned_data.get(name, "")) for name in ("low", "high"))
        if low is not None and high is not None and low > high:
            self.add_error("high", "This is below the lower limit.")
        return self.cleaned_data

    def entry(self, number: int) -> dict[str, Any] | None:
        """As a recipe writes it."""
        given = {name: value for name, value in self.cleaned_data.items() if value}
        return {"id": f"value_{number}", **given} if given.get("name") else None


AddedEntries = forms.formset_factory(AddedEntryForm, extra=3, max_num=3)


class AddedSampleForm(forms.Form):
    """The sample an added step draws; all empty for any other kind."""

    code = forms.CharField(max_length=32, required=False, label="Sample code", help_text="For instance IPC-X")
    tests = forms.CharField(max_length=200, required=False, help_text="Names of the tests, with commas between")
    quantity = forms.CharField(max_length=20, required=False)
    unit = forms.CharField(max_length=20, required=False, initial="mL")

    def sample(self) -> dict[str, Any]:
        """As a recipe writes it."""
        given: dict[str, str] = self.cleaned_data
        tests = [name.strip() for name in given["tests"].split(",") if name.strip()]
        return {**given, "tests": tests, "stage": "added"}


def _number(text: str) -> Decimal | None:
    """What is no number is refused where the step is read as one of a recipe."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _field(form: forms.Form, name: str) -> forms.ModelChoiceField[Any]:
    return cast(forms.ModelChoiceField[Any], form.fields[name])


class InvestigationForm(forms.Form):
    investigation = forms.CharField(label="What happened and why", widget=forms.Textarea(attrs={"rows": 4}))
    impact = forms.CharField(label="What it means for this batch", widget=forms.Textarea(attrs={"rows": 3}))
    other_batches = forms.CharField(label="Other batches it may touch", widget=forms.Textarea(attrs={"rows": 2}))
    conclusion = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}))


class FollowUpForm(forms.Form):
    follow_up = forms.CharField(label="What was done about it", widget=forms.Textarea(attrs={"rows": 3}))
