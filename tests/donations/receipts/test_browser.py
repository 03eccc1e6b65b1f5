"""The receipts' pages in a real browser: narrow and dark, and a run that is stopped in place."""

import pytest
from pytest_django.live_server_helper import LiveServer

from donations import tasks
from donations.models import ReceiptIssuer, ReceiptRun
from donations.receipts.cancelling import cancel
from donations.receipts.issuing import issue_for_gift
from tests.admin.test_browser import chromium, desk, session_of
from tests.donations.receipts.world import ADDRESS, donor, gift
from tests.environment import ARTIFACTS

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
YEAR = "/admin/donations/receipt/annee/2026/"


def test_pages_fit_and_a_run_stops_where_it_is_shown(
    live_server: LiveServer, entitled: ReceiptIssuer
) -> None:
    made = [
        issue_for_gift(
            gift_id=gift(donor(f"d{number}@example.org", **ADDRESS), 123_456).pk,
            issuer=entitled,
            kind="fiscal",
        )
        for number in range(3)
    ]
    cancel(receipt_id=made[0].pk, reason="Nom mal écrit")
    given = gift(donor("sans@example.org", name="Une personne au nom plutôt long"))
    gift(donor(None, name="Chèque"))
    tasks.sweep()
    run = ReceiptRun.objects.create(
        issuer=entitled, kind="attestation", year=2026, total=340, done=120
    )
    pages = {
        "annee": YEAR,
        "sans-adresse": f"{YEAR}sans-adresse/",
        "emission": f"/admin/donations/receiptrun/{run.pk}/change/",
        "recus": "/admin/donations/receipt/",
        "recu": f"/admin/donations/receipt/{made[0].pk}/change/",
        "annuler": f"/admin/donations/receipt/{made[1].pk}/annuler/",
        "etablir": f"/admin/donations/gift/{given.pk}/recu/",
        "entite": f"/admin/donations/receiptissuer/{entitled.pk}/change/",
    }
    session = session_of("treasurer")
    complaints: list[str] = []
    with chromium() as browser:
        for width, scheme in ((1280, "light"), (360, "dark")):
            with desk(browser, live_server.url, session, width=width, scheme=scheme) as (
                page,
                said,
            ):
                for name, address in pages.items():
                    page.goto(address)
                    page.screenshot(path=ARTIFACTS / f"recus-{name}-{width}.png", full_page=True)
                    if name in {"recus", "recu", "entite"}:
                        continue  # Django's own, which let a wide table stand out
                    wide = page.evaluate("document.documentElement.scrollWidth")
                    assert wide <= width, (name, width, wide)
                complaints += said
        with desk(browser, live_server.url, session) as (page, said):
            page.goto(pages["emission"])
            page.evaluate("window.stayed = true")
            page.get_by_role("button", name="Interrompre").click()
            page.get_by_text("Interrompue : 120 sur 340").wait_for()
            page.get_by_role("button", name="Reprendre").wait_for()
            assert page.evaluate("window.stayed"), "the page has not been left"
            complaints += said
    assert complaints == []
    run.refresh_from_db()
    assert run.state == "paused"
