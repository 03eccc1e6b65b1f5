"""`/transparence`: the accounts of each month, for everybody to read, take along and check."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import conditional_page, require_safe

from auposte.pages.policy import kept
from donations import charts, statement
from donations.models import Campaign, Crossing
from donations.progress import Fundraising
from donations.services import accounts
from donations.services.accounts import Accounts
from donations.services.campaigns import changes_of, current_campaign, with_savings

MONTHS_DRAWN = 12


class MonthConverter:
    """`2026-10` in an address, the first day of that month in the view."""

    regex = r"[0-9]{4}-(?:0[1-9]|1[0-2])"

    def to_python(self, value: str) -> dt.date:
        return dt.date.fromisoformat(f"{value}-01")  # ValueError for the year 0: no such address

    def to_url(self, value: dt.date) -> str:
        return f"{value:%Y-%m}"


@dataclass(frozen=True, kw_only=True)
class Glance:
    """A campaign in a list: by the progress, as the bar shows it."""

    campaign: Campaign
    shown: Fundraising
    address: str


def _glances(campaigns: Iterable[Campaign]) -> list[Glance]:
    return [
        Glance(
            campaign=campaign,
            shown=accounts.at_a_glance(campaign),
            address=accounts.address_of(campaign),
        )
        for campaign in campaigns
    ]


@kept()
@require_safe
@conditional_page
def overview(request: HttpRequest) -> HttpResponse:
    """`/transparence`: this month, each month before it, the special collections."""
    running = current_campaign()
    campaigns = list(accounts.published_campaigns())
    months = _glances(one for one in campaigns if one.kind == Campaign.Kind.MONTH)
    # Made on the 1st by whoever comes first, it may be newer than the list.
    this_month = next((one for one in campaigns if one == running), running)
    found = accounts.accounts_of([this_month])[0]
    context = {
        **_statement(found),
        "shown": with_savings(found.shown),
        "expected": accounts.expected_in_public(),
        "months": months,
        "collections": _glances(one for one in campaigns if one.kind == Campaign.Kind.SPECIAL),
        "chart": charts.bars(
            [
                (one.campaign.title, one.shown.raised_cents, one.shown.goal_cents)
                for one in months[:MONTHS_DRAWN]
            ]
        ),
        "keys": statement.KEYS,
        "licence": statement.LICENCE,
    }
    return render(request, "donations/transparency.html", context)


@kept()
@require_safe
@conditional_page
def overview_csv(request: HttpRequest) -> HttpResponse:
    """`/transparence.csv`: a row for each campaign."""
    rows = accounts.accounts_of(list(accounts.published_campaigns()))
    return _download(statement.months_csv(rows), "au-poste-comptes.csv")


@kept()
@require_safe
@conditional_page
def overview_json(request: HttpRequest) -> HttpResponse:
    """`/transparence.json`: the same, with the budget lines; the page tells its keys."""
    return _json(accounts.accounts_of(list(accounts.published_campaigns())))


@kept()
@require_safe
@conditional_page
def month(request: HttpRequest, month: dt.date) -> HttpResponse:
    """`/transparence/2026-10`: one month. 404 for one to come or without a campaign."""
    return _page(request, _month(month))


@kept()
@require_safe
@conditional_page
def month_csv(request: HttpRequest, month: dt.date) -> HttpResponse:
    """`/transparence/2026-10.csv`: its figures and its budget lines."""
    return _csv(_month(month), f"au-poste-comptes-{month:%Y-%m}.csv")


@kept()
@require_safe
@conditional_page
def month_json(request: HttpRequest, month: dt.date) -> HttpResponse:
    """`/transparence/2026-10.json`."""
    return _json([_month(month)])


@kept()
@require_safe
@conditional_page
def collection(request: HttpRequest, pk: int) -> HttpResponse:
    """`/transparence/collectes/<pk>`: a special collection, once it has begun."""
    return _page(request, _collection(pk))


@kept()
@require_safe
@conditional_page
def collection_csv(request: HttpRequest, pk: int) -> HttpResponse:
    """`/transparence/collectes/<pk>.csv`."""
    return _csv(_collection(pk), f"au-poste-collecte-{pk}.csv")


@kept()
@require_safe
@conditional_page
def collection_json(request: HttpRequest, pk: int) -> HttpResponse:
    """`/transparence/collectes/<pk>.json`."""
    return _json([_collection(pk)])


def _month(month: dt.date) -> Accounts:
    return _accounts(kind=Campaign.Kind.MONTH, starts_on=month)


def _collection(pk: int) -> Accounts:
    return _accounts(kind=Campaign.Kind.SPECIAL, pk=pk)


def _accounts(**address: Any) -> Accounts:
    campaign = accounts.published_campaigns().filter(**address).first()
    if campaign is None:
        raise Http404("Aucun compte à cette adresse.")
    return accounts.accounts_of([campaign])[0]


def _statement(found: Accounts) -> dict[str, Any]:
    """What the statement of one campaign shows, wherever it stands."""
    return {
        "accounts": found,
        "campaign": found.campaign,
        "shown": found.shown,
        "rows": statement.rows_of(found),
        "split": statement.split_of(found),
        "late_cents": found.told.get("late", 0),
        "why_withheld": statement.why_withheld(),
        "address": accounts.address_of(found.campaign),
    }


def _page(request: HttpRequest, found: Accounts) -> HttpResponse:
    campaign = found.campaign
    beside = accounts.published_campaigns().exclude(pk=campaign.pk)
    # Neighbours are named, no more.
    months = beside.filter(kind=Campaign.Kind.MONTH).prefetch_related(None)
    is_month = campaign.kind == Campaign.Kind.MONTH
    context = {
        **_statement(found),
        "crossings": Crossing.objects.filter(line__campaign=campaign).select_related("line"),
        "changes": changes_of(campaign),
        "previous": months.filter(starts_on__lt=campaign.starts_on).first() if is_month else None,
        "next": months.filter(starts_on__gt=campaign.starts_on).last() if is_month else None,
        "collections": _glances(
            beside.filter(
                kind=Campaign.Kind.SPECIAL,
                starts_on__lte=campaign.ends_on,
                ends_on__gte=campaign.starts_on,
            )
        )
        if is_month
        else [],
    }
    return render(request, "donations/transparency_month.html", context)


def _csv(found: Accounts, name: str) -> HttpResponse:
    return _download(statement.campaign_csv(found), name)


def _download(text: str, name: str) -> HttpResponse:
    return HttpResponse(
        text,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _json(found: Iterable[Accounts]) -> HttpResponse:
    documentation = f"{settings.SITE_URL}{reverse('donations:accounts')}#donnees"
    return JsonResponse(
        statement.as_json(found, documentation=documentation),
        # Nothing secret, and charts elsewhere may read it.
        headers={"Access-Control-Allow-Origin": "*"},
        json_dumps_params={"ensure_ascii": False},
    )
