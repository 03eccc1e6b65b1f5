"""Subscriptions: monthly gifts at Stripe. https://docs.stripe.com/api/subscriptions"""

import datetime as dt
import hashlib
from typing import Any

from donations.monthly_facts import Invoice, SubscriptionFacts
from donations.stripe_client import invoices
from donations.stripe_client.checkout import EVERY_MONTH, FEE_COVER, GIFT, product
from donations.stripe_client.connection import Json, api, asked, id_of, moment

EXPANDED = ["customer", "default_payment_method", "latest_invoice.payments"]
CHANGED_BY = "changed_by"
# An invoice that goes its way says all that there is to say; of others the intent knows more.
OPEN = "open"


def subscription(subscription_ref: str) -> SubscriptionFacts:
    """A monthly gift as it is now, with its newest invoice. One read, two while that one is open.

    https://docs.stripe.com/api/subscriptions/retrieve
    """
    asked_at = dt.datetime.now(dt.UTC)

    def call() -> SubscriptionFacts:
        params: Any = {"expand": EXPANDED}
        return _facts(api().v1.subscriptions.retrieve(subscription_ref, params).to_dict(), asked_at)

    return asked(call)


def paid_invoices(subscription_ref: str) -> list[str]:
    """Ids of all months that were paid, newest first. https://docs.stripe.com/api/invoices/list"""
    params: Any = {"subscription": subscription_ref, "status": "paid", "limit": 100}
    return asked(
        lambda: [
            found.id for found in api().v1.invoices.list(params).auto_paging_iter() if found.id
        ]
    )


def stop(subscription_ref: str, *, by: str) -> SubscriptionFacts:
    """End a monthly gift now; nothing more is claimed. `by` is found again in its facts.

    https://docs.stripe.com/api/subscriptions/cancel
    """
    asked_at = dt.datetime.now(dt.UTC)

    def call() -> SubscriptionFacts:
        params: Any = {"cancellation_details": {"comment": by}, "expand": EXPANDED}
        return _facts(api().v1.subscriptions.cancel(subscription_ref, params).to_dict(), asked_at)

    return asked(call)


def change_amounts(
    subscription_ref: str, *, amount_cents: int, fee_cover_cents: int, by: str
) -> SubscriptionFacts:
    """Claim other amounts from the next month on; nothing is claimed or given back for this one.

    Two or three requests. The idempotency keys are made of what was there before: the same wish
    twice at the same time is one change. https://docs.stripe.com/api/subscriptions/update
    """
    asked_at = dt.datetime.now(dt.UTC)

    def call() -> SubscriptionFacts:
        params: Any = {"expand": ["items.data.price.product"]}
        before = api().v1.subscriptions.retrieve(subscription_ref, params).to_dict()
        items = before["items"]["data"]
        parts = {_part(item): item for item in items}
        seen = ",".join(sorted(f"{item['id']}={item['price']['id']}" for item in items))
        wish = f"{subscription_ref}:{amount_cents}:{fee_cover_cents}:{seen}"
        key = hashlib.sha256(wish.encode()).hexdigest()
        changed: list[Json] = [
            {"id": parts[GIFT]["id"], "price_data": _price(parts[GIFT], amount_cents)}
        ]
        cover = parts.get(FEE_COVER)
        if cover is not None and fee_cover_cents:
            changed.append({"id": cover["id"], "price_data": _price(cover, fee_cover_cents)})
        elif cover is not None:
            changed.append({"id": cover["id"], "deleted": True})
        elif fee_cover_cents:
            wanted: Any = product(FEE_COVER)
            made = api().v1.products.create(wanted, {"idempotency_key": f"product:{key}"})
            changed.append({"price_data": _price_of(made.id, fee_cover_cents)})
        update: Any = {
            "items": changed,
            "proration_behavior": "none",
            "metadata": {"fee_cover_cents": str(fee_cover_cents), CHANGED_BY: by},
            "expand": EXPANDED,
        }
        answer = api().v1.subscriptions.update(
            subscription_ref, update, {"idempotency_key": f"amounts:{key}"}
        )
        return _facts(answer.to_dict(), asked_at)

    return asked(call)


def portal_address(customer_id: str, *, return_url: str) -> str:
    """A page of Stripe's where this customer changes card; valid for some minutes.

    https://docs.stripe.com/api/customer_portal/sessions/create
    """
    params: Any = {"customer": customer_id, "return_url": return_url, "locale": "fr"}
    return asked(lambda: api().v1.billing_portal.sessions.create(params).url)


def _part(item: Json) -> str:
    """What an item is for; a price made in Stripe's dashboard counts as the gift."""
    metadata = item["price"]["product"].get("metadata") or {}
    return FEE_COVER if metadata.get("part") == FEE_COVER else GIFT


def _price(item: Json, cents: int) -> Json:
    return _price_of(id_of(item["price"]["product"]), cents)


def _price_of(product_id: str, cents: int) -> Json:
    return {
        "currency": "eur",
        "product": product_id,
        "unit_amount": cents,
        "recurring": EVERY_MONTH,
    }


def _facts(raw: Json, asked_at: dt.datetime) -> SubscriptionFacts:
    items = raw["items"]["data"]
    metadata, said = raw.get("metadata") or {}, raw.get("cancellation_details") or {}
    customer, method = raw["customer"], raw.get("default_payment_method")
    method = method if isinstance(method, dict) else {}
    means = str(method.get("type") or "")
    cover = str(metadata.get("fee_cover_cents") or "0")
    ends = [item["current_period_end"] for item in items if item.get("current_period_end")]
    return SubscriptionFacts(
        subscription_ref=raw["id"],
        subscription_id=metadata.get("subscription"),
        livemode=bool(raw["livemode"]),
        status=str(raw["status"]),
        customer_id=id_of(customer),
        email=(customer.get("email") or "") if isinstance(customer, dict) else "",
        means=means,
        last_four=str((method.get(means) or {}).get("last4") or ""),
        total_cents=sum(item["price"]["unit_amount"] * item["quantity"] for item in items),
        fee_cover_cents=int(cover) if cover.isdecimal() else 0,
        prices=tuple(sorted(item["price"]["id"] for item in items)),
        changed_by=str(metadata.get(CHANGED_BY) or ""),
        started_at=moment(raw["start_date"]),
        period_end=moment(min(ends)) if ends else None,
        ends_with_period=bool(raw.get("cancel_at_period_end") or raw.get("cancel_at")),
        ended_at=moment(raw["ended_at"]) if raw.get("ended_at") else None,
        end_reason=str(said.get("reason") or ""),
        ended_by=str(said.get("comment") or ""),
        latest=_latest(raw.get("latest_invoice")),
        read_at=asked_at,
    )


def _latest(claim: Any) -> Invoice | None:
    if not isinstance(claim, dict):
        return None
    status = None
    if claim["status"] == OPEN and (intent_id := invoices.intent_id_of(claim)):
        status = api().v1.payment_intents.retrieve(intent_id).status
    return invoices.read(claim, intent_status=status)
