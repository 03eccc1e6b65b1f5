"""What Stripe says of monthly giving, as plain values. Integer cents of euro; moments in UTC."""

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Invoice:
    """One month's claim on a monthly gift, and how its payment stands.

    `subscription_id` (ours), `gift_id` and `fee_cover_cents` are what we had written in the
    subscription's metadata when the invoice was made. `is_first`: the one of the checkout.
    """

    invoice_id: str
    status: str
    is_first: bool
    subscription_ref: str
    subscription_id: str | None
    gift_id: str | None
    total_cents: int
    fee_cover_cents: int
    created: dt.datetime
    paid_at: dt.datetime | None
    attempts: int
    next_attempt_at: dt.datetime | None
    hosted_url: str
    intent_status: str | None = None

    @property
    def is_paid(self) -> bool:
        return self.status == "paid"

    @property
    def awaits_the_bank(self) -> bool:
        """The bank wants the giver to confirm."""
        return self.status == "open" and self.intent_status == "requires_action"

    @property
    def is_refused(self) -> bool:
        """Its money was asked for and did not come; another attempt may follow."""
        under_way = {"processing", "requires_action", "requires_capture", "succeeded"}
        return self.status == "open" and self.attempts > 0 and self.intent_status not in under_way

    @property
    def is_given_up(self) -> bool:
        return self.status in {"void", "uncollectible"}


@dataclass(frozen=True, kw_only=True)
class SubscriptionFacts:
    """A monthly gift as Stripe told it, asked at `read_at` (by our clock).

    `total_cents` is what the next invoice will claim, `fee_cover_cents` the share of it that
    covers fees. `means` is "card", "sepa_debit" or "". `ended_by` and `changed_by` are what our
    own calls left there: "donor", "treasurer:<account>"; empty when others did it.
    """

    subscription_ref: str
    subscription_id: str | None
    livemode: bool
    status: str
    customer_id: str
    email: str
    means: str
    last_four: str
    total_cents: int
    fee_cover_cents: int
    prices: tuple[str, ...]
    changed_by: str
    started_at: dt.datetime
    period_end: dt.datetime | None
    ends_with_period: bool
    ended_at: dt.datetime | None
    end_reason: str
    ended_by: str
    latest: Invoice | None
    read_at: dt.datetime
