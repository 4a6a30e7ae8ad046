"""What people write on the pages of a batch. The services judge it."""

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


def _field(form: forms.Form, name: str) -> forms.ModelChoiceField[Any]:
    return cast(forms.ModelChoiceField[Any], form.fields[name])


class InvestigationForm(forms.Form):
    investigation = forms.CharField(label="What happened and why", widget=forms.Textarea(attrs={"rows": 4}))
    impact = forms.CharField(label="What it means for this batch", widget=forms.Textarea(attrs={"rows": 3}))
    other_batches = forms.CharField(label="Other batches it may touch", widget=forms.Textarea(attrs={"rows": 2}))
    conclusion = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}))


class FollowUpForm(forms.Form):
    follow_up = forms.CharField(label="What was done about it", widget=forms.Textarea(attrs={"rows": 3}))
