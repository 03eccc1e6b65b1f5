"""The treasurer compares the books with Stripe's, and sees at once when they differ."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.utils import timezone

from donations.models import LedgerEntry, ReconciliationRun
from tests.admin.html import text_of
from tests.admin.world import books, money, month

SignIn = Callable[[str], Client]
RUNS = "/admin/donations/reconciliationrun/"
BUTTON = "Rapprocher maintenant"


def test_a_run_shows_what_differs_and_leads_to_the_gift(treasurer: Client) -> None:
    gift = money()
    run = books(gift)
    page = treasurer.get(RUNS)
    assert "7,00 €" in text_of(page)
    assert "écart de 7,00 €" in text_of(page)
    page = treasurer.get(f"{RUNS}{run.pk}/change/")
    for words in (
        "700 centimes",
        "Absent chez Stripe",
        "stripe:ch_faux:gift",
        "\u22127,00 €",
        "Écarts",
    ):
        assert words in text_of(page), words
    assert f'href="/admin/donations/gift/{gift.pk}/change/"' in page.content.decode()


def test_a_button_asks_for_a_run(
    treasurer: Client, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    month()
    assert BUTTON in text_of(treasurer.get(RUNS))
    with django_capture_on_commit_callbacks() as queued:
        page = treasurer.post(f"{RUNS}lancer/", follow=True)
    assert "Le rapprochement commence." in text_of(page)
    run = ReconciliationRun.objects.get()
    assert (run.state, run.dry_run) == (ReconciliationRun.State.RUNNING, False)
    assert run.started_by.username == "treasurer"
    assert len(queued) == 1
    with django_capture_on_commit_callbacks() as queued:
        page = treasurer.post(f"{RUNS}lancer/", follow=True)
    assert "Un rapprochement est déjà en cours." in text_of(page)
    assert (ReconciliationRun.objects.count(), len(queued)) == (1, 0)


@pytest.mark.parametrize("role", ["editor", "moderator", "outsider", "reader"])
def test_others_ask_for_nothing(role: str, staff: SignIn) -> None:
    month()
    client = staff(role)
    assert client.post(f"{RUNS}lancer/").status_code in {302, 403}
    assert not ReconciliationRun.objects.exists()


def test_looking_is_not_asking(treasurer: Client) -> None:
    assert treasurer.get(f"{RUNS}lancer/").status_code == 405
    assert not ReconciliationRun.objects.exists()


def test_who_only_looks_has_no_button(staff: SignIn) -> None:
    client = staff("moderator")
    view = Permission.objects.get(codename="view_reconciliationrun")
    Group.objects.get(name="Modérateur·ice").permissions.add(view)
    page = client.get(RUNS)
    assert (page.status_code, BUTTON in text_of(page)) == (200, False)
    assert client.post(f"{RUNS}lancer/").status_code == 403


def test_a_difference_is_told_on_the_start_page(treasurer: Client, editor: Client) -> None:
    run = books(money())
    page = treasurer.get("/admin/")
    assert "Le grand livre et Stripe ne s’accordent pas : 7,00 € d’écart" in text_of(page)
    assert f'href="{RUNS}{run.pk}/change/"' in page.content.decode()
    assert "accordent" not in text_of(editor.get("/admin/"))
    # A later clean run settles it; a trial or a failure does not.
    states = ReconciliationRun.State
    now = timezone.now()
    period = {"since": now, "until": now, "ended_at": now}
    ReconciliationRun.objects.create(state=states.CLEAN, dry_run=True, **period)
    ReconciliationRun.objects.create(state=states.FAILED, error="Panne", **period)
    assert "accordent" in text_of(treasurer.get("/admin/"))
    ReconciliationRun.objects.create(state=states.CLEAN, **period)
    assert "accordent" not in text_of(treasurer.get("/admin/"))


def test_a_night_that_was_left_out_is_told(treasurer: Client) -> None:
    gift = money()
    told = "pas été rapproché de Stripe depuis plus de 36 heures"
    assert told not in text_of(treasurer.get("/admin/")), "there is nothing of Stripe's yet"
    now = timezone.now()
    LedgerEntry.objects.create(
        kind="gift", amount_cents=1000, occurred_at=now, campaign=gift.campaign, gift=gift,
        source="stripe:ch_1:gift", recorded_at=now - dt.timedelta(hours=37),
    )  # fmt: skip
    assert told in text_of(treasurer.get("/admin/"))
    run = books(gift)
    ReconciliationRun.objects.update(state="clean", ended_at=now - dt.timedelta(hours=35))
    assert told not in text_of(treasurer.get("/admin/"))
    ReconciliationRun.objects.filter(pk=run.pk).update(ended_at=now - dt.timedelta(hours=37))
    assert told in text_of(treasurer.get("/admin/"))
