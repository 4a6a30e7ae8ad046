"""The forms of the alarm pages. What is right is decided by the services; a form only reads."""

from django import forms
from django.db.models import QuerySet

from equipment.alarms.models import OWNERS, Priority
from equipment.classes import EQUIPMENT_CLASSES
from equipment.models import AlarmDefinition, Unit
from mes.choices import offer

TIMES = (("15", "15 minutes"), ("60", "1 hour"), ("240", "4 hours"), ("480", "8 hours"))


class AcknowledgeForm(forms.Form):
    comment = forms.CharField(
        label="Comment",
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="What you found and what you do.",
    )


class ShelveForm(forms.Form):
    minutes = forms.TypedChoiceField(label="Quiet for", choices=TIMES, coerce=int, widget=forms.RadioSelect)
    reason = forms.CharField(label="Reason", max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))


class DefinitionForm(forms.Form):
    """What an engineer says about an alarm. The response may be left empty here: the service says why it must not."""

    low = forms.DecimalField(label="Low limit", required=False, max_digits=16, decimal_places=6)
    high = forms.DecimalField(label="High limit", required=False, max_digits=16, decimal_places=6)
    deadband = forms.DecimalField(
        label="Deadband",
        min_value=0,
        initial=0,
        max_digits=16,
        decimal_places=6,
        help_text="The value is back to normal when it is this far inside the limit.",
    )
    delay_seconds = forms.IntegerField(
        label="Delay", min_value=0, max_value=86_400, initial=10, help_text="Seconds, for coming and for going."
    )
    priority = forms.ChoiceField(
        label="Priority",
        choices=Priority.choices,
        help_text="A prompt asks and never sounds. An event is only recorded.",
    )
    consequence = forms.CharField(
        label="What it means", max_length=300, help_text="What happens when nobody responds, and how soon."
    )
    response = forms.CharField(
        label="What to do", max_length=300, required=False, help_text="Without a response it is no alarm, but an event."
    )
    respond_minutes = forms.IntegerField(
        label="Time to respond",
        min_value=1,
        initial=10,
        help_text="Minutes: up to 10 for priority 1, 60 for priority 2, a shift (720) for the others.",
    )
    owner = forms.ChoiceField(label="Who answers for it", choices=OWNERS)
    comment_required = forms.BooleanField(label="Whoever acknowledges writes a comment", required=False)


class NewDefinitionForm(DefinitionForm):
    unit = forms.ModelChoiceField(queryset=Unit.objects.none(), label="Unit")
    tag = forms.ChoiceField(label="Value")
    field_order = ("unit", "tag")

    def __init__(self, *args: object, units: QuerySet[Unit], **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]
        offer(self, "unit", units)
        tags = {tag.name: tag.label for page in EQUIPMENT_CLASSES.values() for tag in page.tags}
        self.fields["tag"].choices = sorted(tags.items(), key=lambda each: each[1])  # type: ignore[attr-defined]


class ChangeDefinitionForm(DefinitionForm):
    reason = forms.CharField(label="Reason for the change", max_length=1000)

    @classmethod
    def of(cls, definition: AlarmDefinition, data: object = None) -> "ChangeDefinitionForm":
        initial = {name: getattr(definition, name) for name in cls.base_fields if name != "reason"}
        for name in ("low", "high", "deadband"):
            if initial[name] is not None:
                initial[name] = f"{initial[name].normalize():f}"  # 36, as it was typed, not 36.000000
        return cls(data, initial=initial)  # type: ignore[arg-type]


class WithdrawForm(forms.Form):
    reason = forms.CharField(label="Reason", max_length=1000)
