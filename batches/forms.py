"""What people write on the pages of a batch. The services judge it."""

from django import forms

from batches.states import Command


class CommandForm(forms.Form):
    command = forms.ChoiceField(choices=Command.choices)
    reason = forms.CharField(widget=forms.Textarea(attrs={"rows": 2}), required=False)


class DecisionForm(forms.Form):
    decision = forms.CharField(label="What you decide, and why", widget=forms.Textarea(attrs={"rows": 3}))


class InvestigationForm(forms.Form):
    investigation = forms.CharField(label="What happened and why", widget=forms.Textarea(attrs={"rows": 4}))
    impact = forms.CharField(label="What it means for this batch", widget=forms.Textarea(attrs={"rows": 3}))
    other_batches = forms.CharField(label="Other batches it may touch", widget=forms.Textarea(attrs={"rows": 2}))
    conclusion = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}))


class FollowUpForm(forms.Form):
    follow_up = forms.CharField(label="What was done about it", widget=forms.Textarea(attrs={"rows": 3}))
