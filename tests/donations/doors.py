"""A newsroom with money of every kind, and the address of every door of the donations in it."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from donations import urls
from donations.models import (
    Campaign,
    Donor,
    DonorAction,
    DonorLink,
    Gift,
    Payout,
    PayoutLine,
    Receipt,
    RefundOrder,
    StripeCustomer,
    StripeEvent,
    Subscription,
)
from donations.receipts import rendering
from donations.services import donor_space
from sandbox.stripe import StripeStandIn
from tests.admin.world import one_of_each, person
from tests.donations.door_table import ROLES
from tests.donations.receipts.world import signature
from tests.donations.steps import deliver, start

OF_A_YEAR = {"year", "start", "csv", "unreached", "to_post"}
OF_NO_ROW = {"changelist", "add", "by_broadcast", "lower", "prepare", "export", "run", "years"}
MONTHLY_ACTS = ("stop", "amount", "portal")
STAFF_BACKEND = "django.contrib.auth.backends.ModelBackend"
NAME, STREET, NOTE = "Zénobie Secrète", "7 impasse Cachée", "Note pour la seule trésorerie"
EMAILS = ("cheque@prive.example", "carte@prive.example", "mensuel@prive.example")
SECRET = "k" * 43


def addresses() -> set[str]:
    """The names of all doors that there are; a nameless one goes by its pattern."""
    found = {f"donations:{one.name}" if one.name else f"/{one.pattern}" for one in urls.urlpatterns}
    for model, desk in admin.site._registry.items():
        if model._meta.app_label == "donations":
            # Without a name: Django's own redirect from `…/1/` to `…/1/change/`, which asks again.
            found |= {f"admin:{one.name}" for one in desk.get_urls() if one.name}
    return found


@dataclass(frozen=True, kw_only=True)
class Newsroom:
    """`rows` has one row of each model; `secrets` is what only the treasury may read.

    `browsers` are those of `ROLES`; `strict` is the owner's where CSRF tokens are checked, too.
    """

    rows: dict[type[Model], Any]
    gifts: dict[str, Gift]
    special: Campaign
    browsers: dict[str, Client]
    strict: Client
    secrets: set[str]

    def address_of(self, name: str) -> str:
        """Where that door is, for the row that it is about."""
        if name.startswith("/"):
            today = timezone.localdate()
            filled = name.replace("<month:month>", f"{today:%Y-%m}")
            return filled.replace("<number:pk>", str(self.special.pk))
        part, _, page = name.removeprefix("admin:donations_").partition("_")
        if name == "admin:donations_gift_annuler":
            return reverse(name, args=[self.gifts["cheque"].pk])
        if part == "receipt" and page in OF_A_YEAR:
            return reverse(name, args=[timezone.localdate().year])
        if name.startswith("admin:"):
            model = next(model for model in self.rows if model._meta.model_name == part)
            row = self.gifts["card"] if model is Gift else self.rows[model]
            return reverse(name, args=[] if page in OF_NO_ROW else [row.pk])
        about = {
            "donations:accounts-month": [timezone.localdate().replace(day=1)],
            "donations:accounts-collection": [self.special.pk],
            "donations:my-name": [self.gifts["card"].pk],
            "donations:my-receipt": [self.rows[Receipt].pk],
            "donations:enter": [SECRET],
            **{f"donations:my-{act}": [self.rows[Subscription].pk] for act in MONTHLY_ACTS},
        }
        return reverse(name, args=about.get(name, []))


def newsroom(stripe: StripeStandIn) -> Newsroom:
    """A cheque, a card's gift, a month's, one that nobody paid; and what comes of such."""
    rows = one_of_each()
    giver = Client()
    card = start(giver, email=EMAILS[1], public_name="Zaza", show_name="on", message="Courage.")
    stripe.pay(card.session)
    monthly = start(giver, email=EMAILS[2], rhythm="monthly")
    stripe.pay(monthly.session)
    waiting = start(giver, email="attente@prive.example")
    deliver(giver, stripe)
    Donor.objects.filter(gifts=rows[Gift]).update(email=EMAILS[0])
    Donor.objects.update(name=NAME, street=STREET, postal_code="75020", city="Paris")
    Gift.objects.update(note=NOTE)
    rows[Subscription] = Subscription.objects.get(gifts=monthly.gift)
    RefundOrder.objects.update(reason=NOTE)
    donor = Donor.objects.get(email=EMAILS[1])
    DonorAction.objects.create(donor=donor, text="Nom affiché changé")
    DonorLink.objects.create(
        donor=donor,
        digest=donor_space.digest_of(SECRET),
        expires_at=timezone.now() + dt.timedelta(minutes=10),
    )
    issuer = rows[Receipt].issuer
    issuer.signature = signature()
    issuer.save()
    rendering.render(str(rows[Receipt].pk))
    gifts = {
        "cheque": Gift.objects.get(pk=rows[Gift].pk),
        "card": Gift.objects.get(pk=card.gift.pk),
        "monthly": Gift.objects.get(pk=monthly.gift.pk),
        "waiting": Gift.objects.get(pk=waiting.gift.pk),
    }
    special = Campaign.objects.create(
        title="Le procès",
        kind=Campaign.Kind.SPECIAL,
        starts_on=timezone.localdate(),
        ends_on=timezone.localdate(),
    )
    browsers, strict = {role: Client() for role in ROLES}, Client(enforce_csrf_checks=True)
    for role in ROLES[1:]:
        browsers[role].force_login(person(role), backend=STAFF_BACKEND)
    strict.force_login(User.objects.get(username="owner"), backend=STAFF_BACKEND)
    return Newsroom(
        rows=rows,
        gifts=gifts,
        special=special,
        browsers=browsers,
        strict=strict,
        secrets=_secrets(),
    )


def _secrets() -> set[str]:
    """What only the treasury may read: who gave, where they live, and Stripe's references."""
    found = {NAME, STREET, NOTE, *EMAILS, "attente@prive.example"}
    columns = {
        Donor: ("email", "name", "street"),
        Gift: ("contact_email", "checkout_session_id", "payment_intent_id", "charge_id",
               "invoice_id", "checkout_url"),
        Payout: ("payout_id",),
        PayoutLine: ("transaction_id", "source_id"),
        StripeCustomer: ("customer_id",),
        StripeEvent: ("id", "object_id"),
        Subscription: ("subscription_id", "customer_id"),
    }  # fmt: skip
    for model, names in columns.items():
        for row in model.objects.values_list(*names):
            found |= {str(value) for value in row if value}
    # « cus_1 » is in nobody's page by chance; a single digit might be.
    return {secret for secret in found if len(secret) > 4}
