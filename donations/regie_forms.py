"""What the régie's buttons send."""

from django import forms

from donations.models import Gift

FIELDS = (("name", "Nom"), ("message", "Message"))


class DecisionForm(forms.Form):
    """`state` is what to say of the words; `digest` of which ones, as they were read."""

    gift = forms.UUIDField()
    field = forms.ChoiceField(choices=FIELDS)
    state = forms.TypedChoiceField(choices=Gift.Shown.choices, coerce=Gift.Shown)
    digest = forms.CharField(max_length=16)


class DoneForm(forms.Form):
    """What an address says of the last decision, for browsers without JavaScript."""

    fait = forms.UUIDField()
    mot = forms.ChoiceField(choices=FIELDS)
    avant = forms.TypedChoiceField(choices=Gift.Shown.choices, coerce=Gift.Shown)
