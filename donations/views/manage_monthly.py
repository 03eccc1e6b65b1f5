"""A donor's monthly gifts: stopped in two clicks, changed, or its card changed at Stripe."""

import uuid

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from auposte.external import ExternalServiceError
from auposte.money import typed
from donations import tasks
from donations.donor_session import FORM, donor_page
from donations.fees import fee_cover_cents
from donations.forms import AmountForm
from donations.models import Donor, Subscription
from donations.services import monthly
from donations.views.manage import back_home, page, see_other


def _running(donor: Donor, pk: uuid.UUID) -> Subscription:
    """Their own monthly gift, still running. Http404 for anybody else's."""
    found = donor.subscriptions.running().filter(pk=pk).first()
    if found is None:
        raise Http404("Aucun don mensuel en cours à cette adresse.")
    return found


@donor_page(*FORM)
def stop(request: HttpRequest, donor: Donor, pk: uuid.UUID) -> HttpResponse:
    """One click shows this page, the second stops the gift. A third finds it stopped."""
    if request.method == "POST":
        mine = donor.subscriptions.filter(pk=pk).first()
        if mine is None:
            raise Http404("Aucun don mensuel à cette adresse.")
        try:
            monthly.stop(mine, by="donor")
        except ExternalServiceError:
            return back_home("stripe")
        tasks.follow_up()
        return back_home("arrete")
    return page(request, "stop", subscription=_running(donor, pk))


@donor_page(*FORM)
def amount(request: HttpRequest, donor: Donor, pk: uuid.UUID) -> HttpResponse:
    """Another amount from the next month on."""
    subscription = _running(donor, pk)
    if request.method == "POST":
        form = AmountForm(request.POST)
        if form.is_valid():
            try:
                monthly.change_amount(
                    subscription,
                    amount_cents=form.cleaned_data["amount"],
                    cover_fee=form.cleaned_data["cover_fee"],
                    by="donor",
                )
            except ExternalServiceError:
                return back_home("stripe")
            tasks.follow_up()
            return back_home("montant")
    else:
        form = AmountForm(
            initial={
                "amount": typed(subscription.amount_cents),
                "cover_fee": bool(subscription.fee_cover_cents),
            }
        )
    return page(
        request,
        "amount",
        form=form,
        subscription=subscription,
        fee_cents=fee_cover_cents(subscription.amount_cents),
        status=422 if form.errors else 200,
    )


@donor_page("POST")
def portal(request: HttpRequest, donor: Donor, pk: uuid.UUID) -> HttpResponse:
    """To Stripe's own page, where a card is changed: an address made for this click."""
    subscription = _running(donor, pk)
    try:
        address = monthly.portal_address(
            subscription, f"{settings.SITE_URL}{reverse('donations:manage')}"
        )
    except ExternalServiceError:
        address = None
    return see_other(address) if address else back_home("stripe")
