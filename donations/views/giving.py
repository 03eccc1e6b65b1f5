"""Giving, from the form to the thanks."""

import functools
import uuid
from urllib.parse import urlsplit

import structlog
from csp.decorators import csp_update
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
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
from donations.models import Campaign, Gift, GivingSettings, ReceiptIssuer
from donations.services import accounts, booking, campaigns, giving, letters, shield
from donations.views.till import collection_key

log = structlog.get_logger(__name__)
THANKS_A_MINUTE = 60
CLOSED = "Les dons par carte sont suspendus un moment."
WRONG_EMAIL = (
    "Le service de paiement refuse cette adresse\u00a0: corrigez-la, ou donnez-en une autre."
)
NO_ANSWER = "Le service de paiement ne répond pas. Réessayez dans un instant."
REFUSED = (
    "Le service de paiement refuse ce don, et réessayer n’y changera rien. Écrivez-nous\u00a0: "
)
# Browsers hold `form-action` against the redirect that follows a form, too.
PAYMENT_PAGES = urlsplit(settings.STRIPE_API_BASE or "https://checkout.stripe.com")
SITE_NAME = urlsplit(settings.SITE_URL).netloc
PAYMENT_ORIGIN = f"{PAYMENT_PAGES.scheme}://{PAYMENT_PAGES.netloc}"


@csp_update({"form-action": [PAYMENT_ORIGIN]})
@public_form
def give(request: HttpRequest) -> HttpResponse:
    """`/don`: the form; its POST leads to Stripe's payment page.

    `?emission=<slug>` remembers where the giver came from, `?collecte=<key>` which special
    collection was asked for; `?montant=12,50` and `?rythme=monthly` prefill the form,
    `?annule=<gift>` is where a cancelled payment page comes back to, with what was chosen.
    """
    if request.method != "POST" and request.headers.get("HX-Target") == "frais":
        typed = request.GET.get("amount", "")
        return render(
            request, "donations/give.html#fee", {"fee_cents": fee_cover_cents(_cents(typed))}
        )
    is_sent = request.method == "POST"
    if is_sent and shield.too_many_forms(client_address(request)):
        return _refused(shield.Refusal.ADDRESS)
    till = GivingSettings.load()
    allowed = shield.limits(till)
    if is_sent and till.is_open:
        return _take(request, GiftForm(request.POST, allowed=allowed), till)
    dropped = _dropped_gift(request)
    broadcast = _broadcast(request, dropped)
    form = GiftForm(initial=_prefilled(request, dropped, allowed), allowed=allowed)
    status = 503 if is_sent else 200
    return _form_page(request, form, broadcast, till, status=status, cancelled=dropped is not None)


def _take(request: HttpRequest, form: GiftForm, till: GivingSettings) -> HttpResponse:
    """A form that was sent: to Stripe's page, back for corrections, or a short refusal."""
    refusal: shield.Refusal | None
    if form.is_valid():
        refusal = shield.refusal(
            address=client_address(request),
            email=form.cleaned_data["email"],
            allowed=form.allowed,
        )
    else:
        flooded = shield.too_many_wrong_forms(form.allowed)
        refusal = shield.Refusal.WRONG_FORMS if flooded else None
    if refusal is not None:
        return _refused(refusal, form.allowed)
    broadcast = _broadcast(request, _dropped_gift(request))
    if form.is_valid():
        return _to_checkout(request, form, broadcast, till)
    return _form_page(request, form, broadcast, till, status=422)


@functools.cache
def _refused_page(refusal: shield.Refusal, allowed: shield.Limits | None) -> str:
    """Machines read it by the thousand: it asks nothing of the database, and is made once."""
    context = {"refusal": refusal.value, "allowed": allowed}
    return render_to_string("donations/refused.html", context)


def _refused(refusal: shield.Refusal, allowed: shield.Limits | None = None) -> HttpResponse:
    retry = {"Retry-After": str(shield.TEN_MINUTES)}
    return HttpResponse(_refused_page(refusal, allowed), status=429, headers=retry)


def _dropped_gift(request: HttpRequest) -> Gift | None:
    """The gift whose payment page was left. None once money is there or on its way."""
    try:
        pk = uuid.UUID(request.GET.get("annule", ""))
    except ValueError:
        return None
    paid = [Gift.Status.SUCCEEDED, Gift.Status.PROCESSING]
    return Gift.objects.select_related("broadcast").exclude(status__in=paid).filter(pk=pk).first()


def _broadcast(request: HttpRequest, dropped: Gift | None) -> Broadcast | None:
    slug = request.POST.get("emission") or request.GET.get("emission") or ""
    if slug and "\x00" not in slug:  # of an address, the middleware has refused it already
        return Broadcast.objects.public().filter(slug=slug[:200]).first()
    kept = dropped.broadcast if dropped else None
    return kept if kept and kept.is_public else None


def _collection(request: HttpRequest) -> Campaign | None:
    """The special collection that `?collecte=<key>` asks for, or a dropped gift was meant for."""
    typed = request.POST.get("collecte") or request.GET.get("collecte") or ""
    dropped = None if typed else _dropped_gift(request)
    key = collection_key(typed) or (dropped.collection_id if dropped else None)
    return campaigns.running_collection(key) if key else None


def _presets_cents(allowed: shield.Limits) -> list[int]:
    return [cents for cents in settings.GIFT_PRESETS_CENTS if cents >= allowed.minimum_cents]


def _proposed_cents(allowed: shield.Limits) -> int:
    """What stands in the form at first: the second preset, if there are two."""
    return max(settings.GIFT_PRESETS_CENTS[:2][-1], allowed.minimum_cents)


def _prefilled(
    request: HttpRequest, dropped: Gift | None, allowed: shield.Limits
) -> dict[str, str | bool]:
    try:
        cents = money.parse_euros(request.GET.get("montant", ""))
    except ValueError:
        cents = dropped.amount_cents if dropped else _proposed_cents(allowed)
    asked = request.GET.get("rythme") or (dropped.kind if dropped else "")
    return {
        "amount": money.typed(max(cents, allowed.minimum_cents) if allowed.is_raised else cents),
        "cover_fee": bool(dropped and dropped.fee_cover_cents),
        "rhythm": asked if asked in Gift.Kind.values else Gift.Kind.ONCE,
    }


def _cents(typed: str) -> int:
    """A typed amount in cents; 0 for what cannot be read or given."""
    try:
        cents = money.parse_euros(typed)
    except ValueError:
        return 0
    return cents if cents <= settings.GIFT_MAXIMUM_CENTS else 0


def _form_page(
    request: HttpRequest,
    form: GiftForm,
    broadcast: Broadcast | None,
    till: GivingSettings,
    *,
    status: int = 200,
    trouble: str = "",
    cancelled: bool = False,
) -> HttpResponse:
    cents = _cents(str(form["amount"].value() or ""))
    collection = _collection(request)
    context = {
        "form": form,
        "broadcast": broadcast,
        "collection": collection,
        "closed_message": "" if till.is_open else till.closed_message or CLOSED,
        "fundraising": campaigns.shown_fundraising(
            collection_id=collection.pk if collection else None
        ),
        "expected": accounts.expected_in_public(),
        "monthly": form["rhythm"].value() == Gift.Kind.MONTHLY,
        "takes_debits": till.sepa_debit,
        "presets": [
            {"cents": preset, "typed": money.typed(preset), "chosen": preset == cents}
            for preset in _presets_cents(form.allowed)
        ],
        "fee_cents": fee_cover_cents(cents),
        "cancelled": cancelled,
        "trouble": trouble,
        "minimum_cents": form.allowed.minimum_cents,
        "is_shielded": form.allowed.is_raised,
        "statement": settings.STRIPE_STATEMENT,
        "statement_prefix": settings.STRIPE_STATEMENT_PREFIX,
        "tax_receipt_entity": ReceiptIssuer.entitled_name(),
        "contact": settings.CONTACT_EMAIL,
        "site_name": SITE_NAME,
    }
    return render(request, "donations/give.html", context, status=status)


def _to_checkout(
    request: HttpRequest, form: GiftForm, broadcast: Broadcast | None, till: GivingSettings
) -> HttpResponse:
    data = form.cleaned_data
    gift = giving.start_gift(
        amount_cents=data["amount"],
        fee_cover_cents=data["fee_cover_cents"],
        email=data["email"],
        broadcast=broadcast,
        collection=_collection(request),
        public_name=data["public_name"] if data["show_name"] else "",
        message=data["message"],
        monthly=data["monthly"],
    )
    try:
        address = giving.open_checkout(gift)
    except ExternalServiceError as error:
        log.warning("checkout_not_opened", gift=str(gift.pk), reason=str(error))
        if error.wrong_email:
            form.add_error("email", WRONG_EMAIL)
            return _form_page(request, form, broadcast, till, status=422)
        trouble = f"{REFUSED}{settings.CONTACT_EMAIL}." if error.permanent else NO_ANSWER
        return _form_page(request, form, broadcast, till, status=503, trouble=trouble)
    if shield.watch():
        tasks.follow_up()
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
        # Pages that wait poll every three seconds; nobody makes us ask Stripe faster.
        loops = too_many(scope="thanks", key=session, limit=THANKS_A_MINUTE, seconds=60)
        gift = giving.fulfil(session, may_ask=not loops) if session else None
    except (ExternalServiceError, booking.BookingError) as error:
        log.warning("thanks_not_confirmed", reason=str(error))
        unreachable = True
        known = Gift.objects.select_related("broadcast", "subscription")
        gift = known.filter(checkout_session_id=session).first()
    if gift is not None:
        tasks.follow_up()
    state: str = giving.THANKS_STATES[gift.status] if gift else "unknown"
    if unreachable and state in {"pending", "processing"}:
        state = "unreachable"
    if request.headers.get("HX-Request") and request.GET.get("etat") == state:
        # Nothing new for a page that waits: it stays as it is, focus and all.
        return HttpResponse(status=204)
    broadcast = gift.broadcast if gift else None
    effect = giving.effect_of(gift) if gift else None
    is_shown = (
        gift is not None and gift.campaign is not None and campaigns.is_running(gift.campaign)
    )
    context = {
        "gift": gift,
        "state": state,
        "effect": effect,
        # The giver sees the bar moved, even before the worker has computed it.
        "fundraising": effect.fundraising if effect and is_shown else campaigns.shown_fundraising(),
        "broadcast": broadcast if broadcast and broadcast.is_public else None,
        "subscription": gift.subscription if gift else None,
        "statement": letters.statement_of(gift) if gift else "",
        "tax_receipt_entity": ReceiptIssuer.entitled_name(),
        "contact": settings.CONTACT_EMAIL,
        "site_name": SITE_NAME,
    }
    template = (
        "donations/thanks.html#state"
        if request.headers.get("HX-Request")
        else "donations/thanks.html"
    )
    return render(request, template, context, status=200 if gift else 404)
