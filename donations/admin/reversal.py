"""Taking an offline gift back, from its own page: a counter-entry, since the ledger keeps all."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse

from auposte.modeladmin import ModelAdmin
from auposte.money import NBSP, euros
from donations.admin import gift_tools
from donations.models import Gift
from donations.services.offline import reverse_offline_gift
from donations.tasks import follow_up


class ReversalForm(forms.Form):
    reason = forms.CharField(
        label="Raison",
        max_length=200,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text="Chèque sans provision, erreur de saisie… Pour la trésorerie seulement.",
    )


def _applies(gift: Gift) -> bool:
    return (
        gift.channel == Gift.Channel.OFFLINE
        and gift.status == Gift.Status.SUCCEEDED
        and gift.refunded_cents < gift.amount_cents
    )


def _reverse(request: HttpRequest, gift: Gift, admin: ModelAdmin) -> HttpResponse:
    """Asks for a reason, then books."""
    form = ReversalForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        return gift_tools.page(
            request, "reverse", admin=admin, gift=gift, form=form, title="Annuler ce don"
        )
    reason = form.cleaned_data["reason"]
    if reverse_offline_gift(gift_id=gift.pk, reason=reason, user=request.user):
        # Without the reason: moderators read this history, and the note has it for the treasury.
        admin.log_change(request, gift, "Don annulé.")
        messages.success(
            request,
            f"Le don est annulé{NBSP}: {euros(gift.amount_cents)} sortent de "
            f"«{NBSP}{gift.campaign}{NBSP}» par une écriture contraire.",
        )
        follow_up()
    else:
        messages.info(request, "Ce don était déjà annulé : rien n’a été compté deux fois.")
    return gift_tools.back_to(gift)


gift_tools.register(
    gift_tools.GiftTool(
        slug="annuler",
        label="Annuler ce don",
        permission="donations.add_gift",
        applies=_applies,
        view=_reverse,
    )
)
