"""The treasurer's forms: money typed in euros, lines in their order, the till's switch."""

import datetime as dt

import pytest
from django.test import Client

from broadcasts.models import Broadcast
from donations.models import BudgetChange, BudgetLine, Campaign, GivingSettings, Progress
from donations.services.campaigns import PARIS, changes_of, current_campaign, paris_day
from tests.admin.html import form_of, text_of
from tests.admin.test_broadcasts import send
from tests.admin.world import episode, money, month
from tests.donations.factories import month_with_lines


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
        ({"starts_on": "01/01/2020", "ends_on": "31/01/2020"}, "Cette période est déjà finie."),
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
    tomorrow = paris_day() + dt.timedelta(days=1)
    empty = Campaign.objects.create(
        title="Essai", kind="special", starts_on=tomorrow, ends_on=tomorrow
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


def told(campaign: Campaign) -> list[str]:
    """The changes, the oldest first, no-break spaces as plain ones."""
    words = [change.text for change in reversed(changes_of(campaign))]
    return [text.replace("\u00a0", " ").replace("\u202f", " ") for text in words]


def test_changes_of_a_running_month_are_recorded_and_shown(address: str, treasurer: Client) -> None:
    send(
        treasurer,
        address,
        **{
            "lines-0-amount_cents": "2000",
            "lines-1-label": "Comptabilité",
            "lines-1-is_provision": "on",
            "lines-TOTAL_FORMS": "3",
            "lines-2-position": "3",
            "lines-2-label": "Divers",
            "lines-2-amount_cents": "100",
        },
    )
    send(treasurer, address, **{"lines-0-position": "2", "lines-1-position": "1"})
    send(treasurer, address, **{"lines-2-DELETE": "on"})
    send(treasurer, address, title="Novembre, autrement")
    campaign = Campaign.objects.get()
    assert sorted(told(campaign)) == sorted([
        "Ligne ajoutée : Divers, 100,00 €",
        "Loyer : 1 900,00 € → 2 000,00 €",
        "Poste renommé : Gestion → Comptabilité",
        "Comptabilité devient une provision",
        "Objectif : 2 800,00 € → 3 000,00 €",
        "Nouvel ordre : Comptabilité, Loyer, Divers",
        "Ligne retirée : Divers, 100,00 €",
        "Objectif : 3 000,00 € → 2 900,00 €",
    ])  # fmt: skip
    page = text_of(treasurer.get(address))
    assert "Loyer : 1 900,00 € → 2 000,00 €" in page
    assert BudgetChange.objects.filter(made_by__username="treasurer").count() == 8
    assert Progress.objects.get().dirty_since is not None


def test_a_month_ahead_is_prepared_once_and_edited_in_silence(
    address: str, treasurer: Client
) -> None:
    BudgetLine.objects.filter(label="Gestion").update(is_provision=True)
    prepare = "/admin/donations/campaign/preparer/"
    assert prepare in treasurer.get("/admin/donations/campaign/").content.decode()
    assert treasurer.get(prepare).status_code == 405
    response = treasurer.post(prepare)
    running = current_campaign()
    ahead = Campaign.objects.get(starts_on=running.ends_on + dt.timedelta(days=1))
    assert response["Location"] == f"/admin/donations/campaign/{ahead.pk}/change/"
    assert list(ahead.lines.values_list("label", "is_provision")) == [
        ("Loyer", False), ("Gestion", True),
    ]  # fmt: skip
    send(treasurer, response["Location"], **{"lines-0-amount_cents": "2500"})
    assert not BudgetChange.objects.exists()
    assert treasurer.post(prepare)["Location"] == response["Location"]
    assert Campaign.objects.count() == 2
    # When its time comes it is taken as it was prepared.
    noon = dt.datetime.combine(ahead.starts_on, dt.time(12), PARIS)
    assert current_campaign(noon) == ahead
    assert ahead.goal_cents == 340_000


def test_others_prepare_nothing(editor: Client) -> None:
    month()
    assert editor.post("/admin/donations/campaign/preparer/").status_code == 403
    assert Campaign.objects.count() == 1


def test_a_past_month_is_shown_and_not_changed(treasurer: Client) -> None:
    past = month_with_lines(at=dt.datetime(2026, 1, 15, tzinfo=dt.UTC))
    month()
    address = f"/admin/donations/campaign/{past.pk}/change/"
    response = treasurer.get(address)
    page = text_of(response)
    assert "1 900,00 €" in page
    assert "elle reste comme elle a été promise" in page
    assert b'name="_save"' not in response.content
    assert treasurer.post(address, {"title": "X"}).status_code == 403
    assert treasurer.post(address.replace("change", "delete"), {"post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": [past.pk], "post": "yes"}
    assert treasurer.post("/admin/donations/campaign/", chosen).status_code in {200, 403}
    assert (past.lines.count(), past.goal_cents) == (7, 3_000_000)


def test_an_editor_sees_amounts_in_euros(address: str, editor: Client) -> None:
    page = text_of(editor.get(address))
    assert "1 900,00 €" in page
    assert "190000" not in page


def test_a_special_collection_with_its_lines_and_episodes(address: str, treasurer: Client) -> None:
    broadcast, today = episode(1), paris_day()
    response = send(
        treasurer,
        "/admin/donations/campaign/add/?kind=special",
        title="Un camion",
        starts_on=today.strftime("%d/%m/%Y"),
        ends_on=(today + dt.timedelta(days=9)).strftime("%d/%m/%Y"),
        broadcasts=[broadcast.pk],
        **{
            "lines-TOTAL_FORMS": "1",
            "lines-0-position": "1",
            "lines-0-label": "Camion",
            "lines-0-amount_cents": "20 000",
        },
    )
    assert response.status_code == 302
    collection = Campaign.objects.get(kind="special")
    assert (collection.goal_cents, list(collection.broadcasts.all())) == (2_000_000, [broadcast])
    change = f"/admin/donations/campaign/{collection.pk}/change/"
    later = today + dt.timedelta(days=12)
    send(treasurer, change, ends_on=later.strftime("%d/%m/%Y"))
    assert told(collection)[0].startswith(f"Dates : du {today:%d/%m/%Y} au ")
    yesterday = today - dt.timedelta(days=1)
    response = send(
        treasurer,
        change,
        starts_on=yesterday.strftime("%d/%m/%Y"),
        ends_on=yesterday.strftime("%d/%m/%Y"),
    )
    assert "Cette période est déjà finie." in text_of(response)
