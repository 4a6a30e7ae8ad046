from django import forms


class RoomCleaningForm(forms.Form):
    procedure = forms.CharField(
        max_length=120, label="Cleaning procedure", help_text="Its number, for example SOP-012."
    )


class CleaningForm(RoomCleaningForm):
    days = forms.IntegerField(
        min_value=1, max_value=365, initial=7, label="Clean for", help_text="Days until the next cleaning is due."
    )
