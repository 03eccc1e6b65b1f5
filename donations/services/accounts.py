"""What everybody may read of the money: each period's sums, and nothing that shows one gift.

A period's total, its goal and the number of its donors stand on every page as they are. Whatever
is told besides is about at least `FEWEST_PEOPLE` people, and cannot be worked out from what is
told beside it either: a sum and its parts are shown together only when each part is about nobody
or about enough people. Two downloads of different days are another matter: whoever keeps
yesterday's total can subtract it from today's, as anyone can who watches the bar.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from django.db import connection
from django.db.models import BigIntegerField, F, Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce, TruncDate
from django.urls import reverse
from django.utils import timezone

from donations.models import Campaign, Gift, LedgerEntry
from donations.progress import Fundraising, waterfall
from donations.services.campaigns import PARIS, Expected, expected

FEWEST_PEOPLE = 5

Kind = LedgerEntry.Kind
RAISED = Q(kind__in=LedgerEntry.RAISED_KINDS)
REFUNDS, ADJUSTMENTS = Q(kind=Kind.REFUND), Q(kind=Kind.ADJUSTMENT)
DISPUTES = Q(kind__in=[Kind.DISPUTE, Kind.DISPUTE_REVERSAL])
RETURNED = REFUNDS | DISPUTES | ADJUSTMENTS
LATE = Q(paris_day__gt=F("campaign__ends_on"))
PARTS = {
    "raised": RAISED,
    "once": RAISED & Q(gift__kind=Gift.Kind.ONCE),
    "monthly": RAISED & Q(gift__kind=Gift.Kind.MONTHLY),
    "unattached": RAISED & Q(gift=None),
    "gross": Q(kind__in=[Kind.GIFT, Kind.OFFLINE]),
    "returned": RETURNED,
    "refunds": REFUNDS,
    "disputes": DISPUTES,
    "adjustments": ADJUSTMENTS,
    "late": RETURNED & LATE,
    "timely": RETURNED & ~LATE,
    "late_refunds": REFUNDS & LATE,
    "late_disputes": DISPUTES & LATE,
    "late_adjustments": ADJUSTMENTS & LATE,
    "timely_refunds": REFUNDS & ~LATE,
    "timely_disputes": DISPUTES & ~LATE,
    "timely_adjustments": ADJUSTMENTS & ~LATE,
    "fee_cover": Q(kind=Kind.FEE_COVER),
    "fees": Q(kind=Kind.FEE),
}
KINDS = ["refunds", "disputes", "adjustments"]


@dataclass(frozen=True, kw_only=True)
class Part:
    """A signed sum in cents, how many people it is about, and for how many it is positive.

    Somebody whose own part is 0 does not count: all of it went back.
    """

    cents: int = 0
    people: int = 0
    givers: int = 0

    @property
    def hides_everybody(self) -> bool:
        """Whether nobody's own sum can be read from it: it is about nobody, or about enough."""
        return self.people == 0 or self.people >= FEWEST_PEOPLE


@dataclass(frozen=True, kw_only=True)
class Accounts:
    """A campaign as it may be read. `shown` has its total, goal, donors and lines.

    `told` has signed cents by name, those of `FIGURES` that may be told; `raised` is always among
    them. `gross` + `returned` = `raised`; `refunds` + `disputes` + `adjustments` = `returned`,
    of which `late` came after the period's end; `raised` + `fee_cover` + `fees` = `net`, where
    `costs` stands for the two in the middle when they cannot be told apart; `once` + `monthly` +
    `unattached` = `raised`.
    """

    campaign: Campaign
    shown: Fundraising
    told: dict[str, int]

    @property
    def is_brief(self) -> bool:
        """Too few people gave: only the total is told."""
        return self.told.keys() == {"raised"}

    @property
    def withholds(self) -> bool:
        """Something is left out for the sake of those few whom it is about."""
        wanted = {"gross", "refunds", "late", "fees", "net", "once"}
        return not wanted <= self.told.keys()


# In the order of a statement of accounts.
FIGURES = (
    "gross", "returned", "refunds", "disputes", "adjustments", "late", "raised", "fee_cover",
    "fees", "costs", "net", "once", "monthly", "unattached",
)  # fmt: skip


def published_campaigns(at: dt.datetime | None = None) -> QuerySet[Campaign]:
    """Campaigns that have begun in Paris at `at` (aware; default: now), with progress and lines.

    The newest first; two queries, whatever their number.
    """
    today = (at or timezone.now()).astimezone(PARIS).date()
    return (
        Campaign.objects.filter(starts_on__lte=today)
        .select_related("progress")
        .prefetch_related("lines")
    )


def address_of(campaign: Campaign) -> str:
    """Where the campaign's accounts are."""
    if campaign.kind == Campaign.Kind.MONTH:
        return reverse("donations:accounts-month", args=[campaign.starts_on])
    return reverse("donations:accounts-collection", args=[campaign.pk])


def at_a_glance(campaign: Campaign) -> Fundraising:
    """Total, goal, donors and lines by the progress computed ahead, as the bar shows them.

    Without a query for a campaign of `published_campaigns`.
    """
    progress = campaign.progress if hasattr(campaign, "progress") else None
    return waterfall(
        lines=campaign.lines.all(),
        raised_cents=progress.raised_cents if progress else 0,
        donors=progress.donors if progress else 0,
    )


def accounts_of(campaigns: Sequence[Campaign]) -> list[Accounts]:
    """The accounts of these (from `published_campaigns`), by the ledger, in one query."""
    sums = _parts_of(campaigns)
    empty = {name: Part() for name in PARTS}
    return [_accounts(campaign, sums.get(campaign.pk, empty)) for campaign in campaigns]


def _parts_of(campaigns: Iterable[Campaign]) -> dict[int, dict[str, Part]]:
    """Each campaign's parts: summed by person first, to know how many people each is about."""
    by_person = (
        LedgerEntry.objects.filter(campaign__in=[campaign.pk for campaign in campaigns])
        .annotate(paris_day=TruncDate("occurred_at", tzinfo=PARIS), person=F("gift__donor"))
        .order_by()
        .values("campaign_id", "person")
        .annotate(
            **{
                name: Coalesce(
                    Sum("amount_cents", filter=condition), Value(0), output_field=BigIntegerField()
                )
                for name, condition in PARTS.items()
            }
        )
    )
    inner, parameters = by_person.query.sql_with_params()
    columns = ", ".join(
        f"sum({name}), count(person) FILTER (WHERE {name} <> 0),"
        f" count(person) FILTER (WHERE {name} > 0)"
        for name in PARTS
    )
    # The names are ours, the values are parameters.
    outer = f"SELECT campaign_id, {columns} FROM ({inner}) AS by_person GROUP BY campaign_id"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(outer, parameters)
        rows = cursor.fetchall()
    return {
        campaign_id: {
            name: Part(cents=int(cents), people=people, givers=givers)
            for name, cents, people, givers in zip(
                PARTS, values[::3], values[1::3], values[2::3], strict=True
            )
        }
        for campaign_id, *values in rows
    }


def _accounts(campaign: Campaign, parts: dict[str, Part]) -> Accounts:
    raised = parts["raised"]
    shown = waterfall(lines=campaign.lines.all(), raised_cents=raised.cents, donors=raised.givers)
    names = ["raised"]
    if all(part.people == 0 for part in parts.values()) or raised.givers >= FEWEST_PEOPLE:
        names += _tellable(parts)
    cents = {name: part.cents for name, part in parts.items()}
    cents["costs"] = cents["fee_cover"] + cents["fees"]
    cents["net"] = cents["raised"] + cents["costs"]
    told = {name: cents[name] for name in FIGURES if name in names}
    return Accounts(campaign=campaign, shown=shown, told=told)


def _tellable(parts: dict[str, Part]) -> list[str]:
    """Which sums of a period with enough donors may be told beside its total."""

    def all_hidden(*names: str) -> bool:
        return all(parts[name].hides_everybody for name in names)

    names: list[str] = []
    # Whoever knows what came and what is left knows what was returned.
    if all_hidden("gross", "returned"):
        names += ["gross", "returned"]
        by_kind = all_hidden(*KINDS)
        names += KINDS if by_kind else []
        # Told beside the kinds, what came late can be crossed with them.
        crossed = [f"{when}_{kind}" for when in ("late", "timely") for kind in KINDS]
        if all_hidden("late", "timely", *(crossed if by_kind else ())):
            names.append("late")
    # A fee says what was paid; so does what somebody adds to cover it.
    if all_hidden("fees"):
        names.append("net")
        names += ["fee_cover", "fees"] if all_hidden("fee_cover") else ["costs"]
    if all_hidden("once", "monthly"):
        names += ["once", "monthly"]
        if parts["unattached"].cents:
            names.append("unattached")
    return names


def expected_in_public(at: dt.datetime | None = None) -> Expected:
    """What is still to come this month (see `campaigns.expected`), as far as it may be told.

    Sums about too few people are 0, as if nothing were expected.
    """
    found = expected(at)
    if found.people < FEWEST_PEOPLE:
        found = replace(found, count=0, cents=0, people=0)
    if found.processing_people < FEWEST_PEOPLE:
        found = replace(found, processing_cents=0, processing_people=0)
    return found
