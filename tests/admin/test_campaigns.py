"""The treasurer's forms: money typed in euros, lines in their order, the till's switch."""

import pytest
from django.test import Client

from broadcasts.models import Broadcast
from donations.models import BudgetLine, Campaign, GivingSettings, Progress
from tests.admin.html import form_of, text_of
from tests.admin.test_broadcasts import send
from tests.admin.world import money, month


@pytest.fixture
def address(db: None) -> str:
    return f"/admin/donations/campaign/{month().pk}/change/"


def lines() -> list[tuple[int, str, int]]:
    return list(
        BudgetLine.objects.order_by("position").values_list("position", "label", "amount_cents")
    )


@pytest.mark.parametrize(
    ("typed", "cents"),
    [
        ("1900", 190_000),
        ("12,50", 1250),
        ("12.5", 1250),
        ("1 900,00 €", 190_000),
        ("30\u202f000,00\u00a0€", 3_000_000),
        ("0,01", 1),
    ],
)
def test_amounts_are_typed_in_euros(
    typed: str, cents: int, address: str, treasurer: Client
) -> None:
    send(treasurer, address, **{"lines-0-amount_cents": typed})
    assert lines()[0] == (1, "Loyer", cents)


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("beaucoup", "« beaucoup » n’en est pas un"),
        ("-5", "« -5 » n’en est pas un"),
        ("1e9", "n’en est pas un"),
        ("NaN", "n’en est pas un"),
        ("12,345", "n’en est pas un"),
        ("9" * 30, "n’en est pas un"),
        ("<b>", "« <b> » n’en est pas un"),
        ("0", "Le montant doit être d’au moins 0,01 €."),
        ("", "Ce champ est obligatoire."),
    ],
)
def test_a_wrong_amount_gets_a_clear_message(
    typed: str, message: str, address: str, treasurer: Client
) -> None:
    before = lines()
    response = send(treasurer, address, **{"lines-0-amount_cents": typed})
    assert message in text_of(response)
    assert form_of(response)["lines-0-amount_cents"] == typed
    assert lines() == before


def test_untouched_amounts_stay(address: str, treasurer: Client) -> None:
    before = lines()
    assert form_of(treasurer.get(address))["lines-0-amount_cents"] == "1 900,00"
    send(treasurer, address, title="Novembre, autrement")
    assert lines() == before


def test_lines_swap_their_ranks(address: str, treasurer: Client) -> None:
    send(treasurer, address, **{"lines-0-position": "2", "lines-1-position": "1"})
    assert lines() == [(1, "Gestion", 90_000), (2, "Loyer", 190_000)]


def test_two_lines_of_one_rank_are_refused(address: str, treasurer: Client) -> None:
    response = send(treasurer, address, **{"lines-1-position": "1"})
    assert "données en double" in text_of(response)
    assert [position for position, _, _ in lines()] == [1, 2]


def test_a_month_has_one_campaign(address: str, treasurer: Client) -> None:
    campaign = Campaign.objects.get()
    first, last = campaign.starts_on.strftime("%d/%m/%Y"), campaign.ends_on.strftime("%d/%m/%Y")
    add = "/admin/donations/campaign/add/"
    for fields, message in (
        ({"starts_on": first, "ends_on": last}, "Ce mois a déjà sa campagne."),
        ({"starts_on": last, "ends_on": first}, "La campagne finit avant de commencer."),
        ({"starts_on": "31/02/2026", "ends_on": last}, "Saisissez une date valide."),
        ({"starts_on": "02/01/2020", "ends_on": "31/01/2020"}, "commence le 1er"),
    ):
        response = send(treasurer, add, title="Deux fois", **fields)
        assert message in text_of(response)
    assert Campaign.objects.count() == 1


def test_a_campaign_without_money_may_go_and_one_with_money_stays(
    address: str, treasurer: Client
) -> None:
    money(1)
    delete = address.replace("change", "delete")
    assert treasurer.post(delete, {"post": "yes"}).status_code == 200
    empty = Campaign.objects.create(
        title="Essai", kind="special", starts_on="2020-01-01", ends_on="2020-01-02"
    )
    Progress.objects.create(campaign=empty)
    response = treasurer.post(f"/admin/donations/campaign/{empty.pk}/delete/", {"post": "yes"})
    assert response.status_code == 302
    assert [campaign.title for campaign in Campaign.objects.all()] != ["Essai"]
    assert Campaign.objects.count() == 1


def test_the_switch_of_the_till_is_one_page(treasurer: Client) -> None:
    response = treasurer.get("/admin/donations/givingsettings/")
    assert response["Location"] == "/admin/donations/givingsettings/1/change/"
    fields = form_of(treasurer.get(response["Location"]))
    fields.pop("is_open")
    treasurer.post(response["Location"], {**fields, "closed_message": "De retour jeudi."})
    settings = GivingSettings.load()
    assert (settings.is_open, settings.closed_message) == (False, "De retour jeudi.")


def test_the_treasurer_writes_no_broadcast(treasurer: Client) -> None:
    assert treasurer.get("/admin/broadcasts/broadcast/add/").status_code == 403
    assert treasurer.post("/admin/broadcasts/broadcast/add/", {"title": "X"}).status_code == 403
    assert not Broadcast.objects.exists()
