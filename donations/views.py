"""Giving, from the form to the thanks; and the fundraising as a fragment that pages poll."""

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from auposte import money
from auposte.external import ExternalServiceError
from auposte.http import client_address, public_form
from auposte.throttle import too_many
from broadcasts.models import Broadcast
from donations import tasks
from donations.fees import fee_cover_cents
from donations.forms import GiftForm
from donations.models import Gift, GivingSettings
from donations.services import booking, campaigns, giving

log = structlog.get_logger(__name__)
TEN_MINUTES = 600
SESSIONS_PER_EMAIL = 10


@public_form
def give(request: HttpRequest) -> HttpResponse:
    """`/don`: the form; its POST leads to Stripe's payment page.

    `?emission=<slug>` remembers where the giver came from, `?montant=12,50` prefills the amount,
    `?annule=<gift>` is where a cancelled payment page comes back to.
    """
    till = GivingSettings.load()
    broadcast = _broadcast(request)
    if request.method == "POST" and till.is_open:
        form = GiftForm(request.POST)
        if form.is_valid():
            return _to_checkout(request, form, broadcast)
        return _form_page(request, form, broadcast, till, status=422)
    form = GiftForm(initial=_prefilled(request))
    if request.method == "POST":
        return _form_page(request, form, broadcast, till, status=503)
    return _form_page(request, form, broadcast, till)


def _broadcast(request: HttpRequest) -> Broadcast | None:
    slug = request.POST.get("emission") or request.GET.get("emission") or ""
    return Broadcast.objects.public().filter(slug=slug[:200]).first() if slug else None


def _prefilled(request: HttpRequest) -> dict[str, str]:
    try:
        cents = money.parse_euros(request.GET.get("montant", ""))
    except ValueError:
        cents = settings.GIFT_PRESETS_CENTS[1]
    return {"amount": _typed(cents)}


def _typed(cents: int) -> str:
    """An amount as one would type it: `10`, `12,50`."""
    whole, rest = divmod(cents, 100)
    return f"{whole},{rest:02d}" if rest else str(whole)


def _form_page(
    request: HttpRequest,
    form: GiftForm,
    broadcast: Broadcast | None,
    till: GivingSettings,
    *,
    status: int = 200,
    trouble: str = "",
) -> HttpResponse:
    typed = str(form["amount"].value() or "")
    try:
        cents = money.parse_euros(typed)
    except ValueError:
        cents = 0
    context = {
        "form": form,
        "broadcast": broadcast,
        "closed_message": "" if till.is_open else till.closed_message,
        "presets": [
            {"cents": preset, "typed": _typed(preset), "chosen": preset == cents}
            for preset in settings.GIFT_PRESETS_CENTS
        ],
        "fee_cents": fee_cover_cents(cents) if cents <= settings.GIFT_MAXIMUM_CENTS else 0,
        "cancelled": "annule" in request.GET and request.method != "POST",
        "trouble": trouble,
        "minimum_cents": settings.GIFT_MINIMUM_CENTS,
        "tax_receipt_entity": settings.TAX_RECEIPT_ENTITY,
    }
    # The fee's amount follows what is being typed.
    only_fee = request.headers.get("HX-Target") == "frais" and request.method != "POST"
    template = "donations/give.html#fee" if only_fee else "donations/give.html"
    return render(request, template, context, status=status)


def _to_checkout(request: HttpRequest, form: GiftForm, broadcast: Broadcast | None) -> HttpResponse:
    data = form.cleaned_data
    if too_many(
        scope="checkout",
        key=client_address(request),
        limit=settings.GIFT_SESSIONS_PER_TEN_MINUTES,
        seconds=TEN_MINUTES,
    ) or too_many(
        scope="checkout-email", key=data["email"], limit=SESSIONS_PER_EMAIL, seconds=TEN_MINUTES
    ):
        return _form_page(
            request,
            form,
            broadcast,
            GivingSettings.load(),
            status=429,
            trouble="Trop d’essais depuis cette adresse. Revenez dans dix minutes.",
        )
    gift = giving.start_gift(
        amount_cents=data["amount"],
        fee_cover_cents=data["fee_cover_cents"],
        email=data["email"],
        broadcast=broadcast,
        public_name=data["public_name"] if data["show_name"] else "",
        message=data["message"],
    )
    try:
        address = giving.open_checkout(gift)
    except ExternalServiceError as error:
        log.warning("checkout_not_opened", gift=str(gift.pk), reason=str(error))
        return _form_page(
            request,
            form,
            broadcast,
            GivingSettings.load(),
            status=503,
            trouble="Le service de paiement ne répond pas. Réessayez dans un instant.",
        )
    response = HttpResponseRedirect(address)
    response.status_code = 303
    return response


@never_cache
@require_safe
def thanks(request: HttpRequest) -> HttpResponse:
    """`/don/merci?session=cs_…`: confirms the payment itself, then says what the gift did."""
    session = request.GET.get("session", "")[:255]
    gift, unreachable = None, False
    try:
        gift = giving.fulfil(session) if session else None
    except (ExternalServiceError, booking.BookingError) as error:
        log.warning("thanks_not_confirmed", reason=str(error))
        unreachable = True
        gift = Gift.objects.select_related("broadcast").filter(checkout_session_id=session).first()
    if gift is not None:
        tasks.announce(
            booking.Booking(
                gift_id=str(gift.pk),
                status=Gift.Status(gift.status),
                campaign_id=gift.campaign_id,
            )
        )
    broadcast = gift.broadcast if gift else None
    context = {
        "gift": gift,
        "state": giving.THANKS_STATES[gift.status] if gift else "unknown",
        "unreachable": unreachable,
        "effect": giving.effect_of(gift) if gift else None,
        "broadcast": broadcast if broadcast and broadcast.is_public else None,
        "statement": settings.STRIPE_STATEMENT_SUFFIX,
        "tax_receipt_entity": settings.TAX_RECEIPT_ENTITY,
    }
    template = (
        "donations/thanks.html#state"
        if request.headers.get("HX-Request")
        else ("donations/thanks.html")
    )
    return render(request, template, context, status=200 if gift else 404)


@require_safe
def till(request: HttpRequest) -> HttpResponse:
    """`/fragments/collecte`: the fundraising as it stands, for pages that stay open."""
    response = render(
        request, "donations/till.html", {"fundraising": campaigns.shown_fundraising()}
    )
    response["Cache-Control"] = "no-cache"
    return response
