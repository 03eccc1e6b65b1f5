"""What open pages and the overlay are told, and what they are not."""

import datetime as dt
import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from auposte.money import NBSP
from donations.models import BudgetLine, Campaign, Gift, GivingSettings
from donations.services import on_air
from donations.services.campaigns import recompute_progress
from donations.services.offline import record_offline_gift
from sandbox.stripe import StripeStandIn
from tests.donations.factories import month_with_lines
from tests.donations.pages import Page
from tests.donations.steps import post_event, start, work_off

pytestmark = pytest.mark.django_db
TILL = "/fragments/collecte"


def give(client: Client, stripe: StripeStandIn, **fields: str) -> Gift:
    started = start(client, **fields)
    stripe.pay(started.session)
    for event in stripe.events():
        post_event(client, stripe, event)
    work_off()
    return Gift.objects.get(pk=started.gift.pk)


def named(client: Client, stripe: StripeStandIn, name: str, **fields: str) -> Gift:
    return give(client, stripe, show_name="on", public_name=name, **fields)


def approve(*gifts: Gift) -> None:
    Gift.objects.filter(pk__in=[gift.pk for gift in gifts]).update(name_state="approved")


def state(client: Client) -> dict[str, Any]:
    response = client.get("/overlay/collecte/etat", {"cle": on_air.overlay_key()})
    assert response.status_code == 200
    return dict(json.loads(response.content))


# --- The till of open pages ---------------------------------------------------------------------


def test_a_till_that_has_not_moved_is_not_drawn_again(client: Client) -> None:
    campaign = month_with_lines()
    first = client.get(TILL)
    assert first["Cache-Control"] == "no-cache"
    assert not first.cookies
    with CaptureQueriesContext(
        connection,
    ) as queries:
        again = client.get(TILL, headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content, again.templates) == (304, b"", [])
    assert len(queries) <= 2
    assert again["ETag"] == first["ETag"]

    record_offline_gift(key="a", amount_cents=1000, occurred_at=timezone.now())
    recompute_progress(campaign.pk)
    moved = client.get(TILL, headers={"if-none-match": first["ETag"]})
    assert (moved.status_code, f"10,00{NBSP}€" in moved.content.decode()) == (200, True)


def test_a_changed_budget_is_drawn_again(client: Client) -> None:
    month_with_lines()
    first = client.get(TILL)
    BudgetLine.objects.filter(label="Loyer").update(description="Studio et assurances")
    again = client.get(TILL, headers={"if-none-match": first["ETag"]})
    assert b"Studio et assurances" in again.content


# --- The overlay's door -------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/overlay/collecte", "/overlay/collecte/etat"])
@pytest.mark.parametrize("key", ["", "?cle=", "?cle=devinette", "?cle=é%F0%9F%92%A5"])
def test_without_the_key_there_is_nothing(client: Client, path: str, key: str) -> None:
    assert client.get(path + key).status_code == 403  # nobody has asked for a key yet
    on_air.overlay_key()
    response = client.get(path + key)
    assert (response.status_code, response.content) == (403, b"")


def test_a_renewed_key_closes_the_old_address(client: Client) -> None:
    old = on_air.overlay_key()
    assert on_air.overlay_key() == old
    new = on_air.renew_overlay_key()
    assert client.get("/overlay/collecte", {"cle": old}).status_code == 403
    response = client.get("/overlay/collecte", {"cle": new})
    assert response.status_code == 200
    assert not response.cookies
    assert response["Referrer-Policy"] == "no-referrer"
    assert "noindex" in response["X-Robots-Tag"]
    assert new not in response.content.decode()


def test_the_query_dresses_the_page_and_nothing_else(client: Client) -> None:
    key = on_air.overlay_key()

    def dressed(**asked: str) -> dict[str, str | None]:
        page = Page(client.get("/overlay/collecte", {"cle": key, **asked}))
        assert not [given for _, given in page.found if "style" in given]
        return page.one("main")

    plain = dressed()
    assert (plain["data-fond"], plain["data-taille"], plain["data-noms"]) == ("", "100", "5")
    assert (plain["data-position"], plain["data-anime"]) == ("bas", "")
    assert "data-son" not in plain
    asked = dressed(
        fond="00000080", encre="#FFF", couleur="bd1e0f", taille="150", noms="0", position="haut",
        son="1", anime="1",
    )  # fmt: skip
    assert asked == plain | {
        "data-fond": "#00000080", "data-encre": "#fff", "data-couleur": "#bd1e0f",
        "data-taille": "150", "data-noms": "0", "data-position": "haut", "data-anime": "oui",
        "data-son": None,
    }  # fmt: skip
    wrong = dressed(
        fond='red;}"><script>', encre="#12345", couleur="url(x)", taille="1e3", noms="-1",
        position="ailleurs", son="oui", anime="2",
    )  # fmt: skip
    assert wrong == plain
    assert dressed(taille="999", noms="99") == plain | {"data-taille": "200", "data-noms": "10"}


# --- What it shows ------------------------------------------------------------------------------


def test_the_bar_and_the_palier_that_fills(client: Client, stripe: StripeStandIn) -> None:
    month_with_lines()
    give(client, stripe, amount="2850")
    shown = state(client)
    assert (shown["raised"], shown["percent"]) == (f"2\u202f850,00{NBSP}€", f"9,50{NBSP}%")
    assert shown["current"] == {
        "label": "Transport", "funded": f"50,00{NBSP}€", "amount": f"1\u202f000,00{NBSP}€",
    }  # fmt: skip
    assert [line["state"] for line in shown["lines"]][:4] == [
        "funded", "funded", "current", "ahead",
    ]  # fmt: skip
    assert [one["label"] for one in shown["crossed"]] == ["Loyer", "Gestion"]
    assert (shown["names"], len(shown["gifts"])) == ([], 1)


def test_names_only_when_wanted_and_approved(client: Client, stripe: StripeStandIn) -> None:
    month_with_lines()
    waiting, refused, approved = (named(client, stripe, name) for name in ("Ana", "Bob", "Cleo"))
    nameless = give(client, stripe, public_name="Sans case", message="Un mot")
    Gift.objects.filter(pk=refused.pk).update(name_state="refused")
    Gift.objects.filter(pk=nameless.pk).update(name_state="approved", message_state="approved")
    approve(approved)
    shown = state(client)
    assert shown["names"] == ["Cleo"]
    assert sorted(gift["name"] for gift in shown["gifts"]) == ["", "", "", "Cleo"]
    said = json.dumps(shown, ensure_ascii=False)
    assert not any(word in said for word in ("Ana", "Bob", "Sans case", "Un mot", "example.org"))
    assert waiting.public_name == "Ana"


def test_single_gifts_have_no_amount_and_lead_nowhere(
    client: Client, stripe: StripeStandIn
) -> None:
    month_with_lines()
    give(client, stripe, amount="12,34")
    gift = named(client, stripe, "Dom", amount="56,78")
    approve(gift)
    shown = state(client)
    assert all(set(one) == {"key", "name"} for one in shown["gifts"])
    said = json.dumps(shown, ensure_ascii=False)
    assert "12,34" not in said
    assert "56,78" not in said
    assert str(gift.pk)[:8] not in said


def test_long_names_are_cut(client: Client, stripe: StripeStandIn) -> None:
    approve(named(client, stripe, "Marie-Antoinette " * 4))
    (name,) = state(client)["names"]
    assert len(name) <= 40
    assert name.endswith("…")


def test_refunded_gifts_and_cheques_are_not_thanked_on_air(
    client: Client, stripe: StripeStandIn
) -> None:
    month_with_lines()
    started = start(client, show_name="on", public_name="Elle")
    stripe.pay(started.session)
    stripe.refund(started.session)
    for event in stripe.events():
        post_event(client, stripe, event)
    cheque = record_offline_gift(key="a", amount_cents=1000, occurred_at=timezone.now())
    Gift.objects.filter(pk=cheque.pk).update(public_name="Cheque")
    work_off()
    Gift.objects.update(name_state="approved")
    shown = state(client)
    assert (shown["names"], shown["gifts"]) == ([], [])


def test_an_older_gift_is_still_named_but_not_thanked(
    client: Client, stripe: StripeStandIn
) -> None:
    gift = named(client, stripe, "Fanny")
    approve(gift)
    Gift.objects.filter(pk=gift.pk).update(paid_at=timezone.now() - dt.timedelta(minutes=11))
    shown = state(client)
    assert (shown["names"], shown["gifts"]) == (["Fanny"], [])


def test_hidden_is_all_that_is_said(client: Client, stripe: StripeStandIn) -> None:
    month_with_lines()
    approve(named(client, stripe, "Gus"))
    on_air.hide(hidden=True)
    assert state(client) == {"hidden": True}
    page = client.get("/overlay/collecte", {"cle": on_air.overlay_key()}).content.decode()
    assert "Gus" not in page
    assert "10,00" not in page
    on_air.hide(hidden=False)
    assert state(client)["names"] == ["Gus"]


def test_a_special_collection_while_it_runs(client: Client, stripe: StripeStandIn) -> None:
    month_with_lines()
    today = timezone.localdate()
    special = Campaign.objects.create(
        title="Procès", kind=Campaign.Kind.SPECIAL, starts_on=today, ends_on=today
    )
    BudgetLine.objects.create(campaign=special, position=1, label="Avocate", amount_cents=1000)

    key = on_air.overlay_key()
    query = {"cle": key, "collecte": str(special.pk)}
    assert client.get("/overlay/collecte/etat", query).json()["title"] == "Procès"

    def goal(asked: str) -> str:
        query = {"cle": key, "collecte": asked}
        return str(client.get("/overlay/collecte/etat", query).json()["goal"])

    assert goal(str(special.pk)) == f"10,00{NBSP}€"
    assert goal("0") == goal("x") == goal("9" * 30) == f"30\u202f000,00{NBSP}€"
    Campaign.objects.filter(pk=special.pk).update(
        starts_on=today + dt.timedelta(days=1), ends_on=today + dt.timedelta(days=2)
    )
    assert goal(str(special.pk)) == f"30\u202f000,00{NBSP}€"


def test_without_a_budget_nothing_breaks(client: Client) -> None:
    assert state(client)["lines"] == []
    key = on_air.overlay_key()
    assert client.get("/overlay/collecte", {"cle": key}).status_code == 200


def test_asking_is_cheap_however_many_gave(client: Client, stripe: StripeStandIn) -> None:
    month_with_lines()
    key = on_air.overlay_key()

    def queries() -> int:
        with CaptureQueriesContext(connection) as made:
            client.get("/overlay/collecte/etat", {"cle": key})
        return len(made)

    approve(named(client, stripe, "Un"))
    one = queries()
    approve(*(named(client, stripe, f"Nom {n}") for n in range(4)))
    assert (one, queries()) == (3, 3)

    first = client.get("/overlay/collecte/etat", {"cle": key})
    again = client.get(
        "/overlay/collecte/etat", {"cle": key}, headers={"if-none-match": first["ETag"]}
    )
    assert (again.status_code, again.content) == (304, b"")
    on_air.hide(hidden=True)
    hidden = client.get(
        "/overlay/collecte/etat", {"cle": key}, headers={"if-none-match": first["ETag"]}
    )
    assert hidden.status_code == 200
    assert GivingSettings.objects.get().on_air_hidden
