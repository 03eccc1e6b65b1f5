"""The treasurer's pages about receipts, tried by everybody."""

import csv
import io
import re
from collections.abc import Callable

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from donations import tasks
from donations.models import Donor, OutgoingEmail, Receipt, ReceiptIssuer, ReceiptRun
from donations.receipts import pdf_of, runs
from donations.receipts.cancelling import cancel
from donations.receipts.issuing import issue_for_gift
from tests.admin.html import form_of, text_of
from tests.admin.test_doors import ENGLISH
from tests.donations.receipts.world import ADDRESS, PARIS_NOON, donor, gift, signature

pytestmark = pytest.mark.django_db
SignIn = Callable[[str], Client]
RECEIPTS = "/admin/donations/receipt/"
YEAR = f"{RECEIPTS}annee/2026/"


def paper(entity: ReceiptIssuer, kind: str = "attestation", **facts: object) -> Receipt:
    who = donor(**facts)
    return issue_for_gift(gift_id=gift(who).pk, issuer=entity, kind=kind)


def pages(receipt: Receipt, run: ReceiptRun) -> list[str]:
    return [
        RECEIPTS, f"{RECEIPTS}{receipt.pk}/change/", f"{RECEIPTS}{receipt.pk}/annuler/", YEAR,
        f"{YEAR}sans-adresse/", f"/admin/donations/receiptrun/{run.pk}/change/",
        "/admin/donations/receiptrun/", "/admin/donations/receiptissuer/",
        f"/admin/donations/receiptissuer/{receipt.issuer_id}/change/",
    ]  # fmt: skip


def files(receipt: Receipt) -> list[str]:
    return [
        f"{RECEIPTS}{receipt.pk}/pdf/", f"{YEAR}recus.csv", f"{YEAR}a-poster.pdf",
        f"/admin/donations/receiptissuer/{receipt.issuer_id}/signature.png",
    ]  # fmt: skip


@pytest.fixture
def receipt(entitled: ReceiptIssuer) -> Receipt:
    """One for the post, with its PDF."""
    made = paper(entitled, "fiscal", email=None, **ADDRESS)
    tasks.sweep()
    return made


@pytest.fixture
def run(entitled: ReceiptIssuer) -> ReceiptRun:
    return ReceiptRun.objects.create(issuer=entitled, kind="fiscal", year=2026, total=3, done=1)


def test_the_treasurer_reads_all_of_it_in_french(
    treasurer: Client, receipt: Receipt, run: ReceiptRun
) -> None:
    for address in [*pages(receipt, run), f"/admin/donations/gift/{gift(donor()).pk}/recu/"]:
        response = treasurer.get(address)
        assert response.status_code == 200, address
        assert not ENGLISH.findall(text_of(response)), address
        assert response.content.count(b"<h1") == 1, address
        assert b"style=" not in response.content, address
    for address in files(receipt):
        response = treasurer.get(address)
        assert response.status_code == 200, address
        assert {"private", "no-store"} <= set(response["Cache-Control"].split(", ")), address


@pytest.mark.parametrize("role", ["outsider", "reader", "editor", "moderator"])
def test_the_others_read_and_do_nothing(
    role: str, staff: SignIn, receipt: Receipt, run: ReceiptRun
) -> None:
    client = staff(role)
    away = 302 if role in {"outsider", "reader"} else 403
    given = gift(donor())
    for address in [*pages(receipt, run), *files(receipt)]:
        assert client.get(address).status_code == away, address
    for address, data in (
        (f"{RECEIPTS}{receipt.pk}/annuler/", {"reason": "x"}),
        (f"{RECEIPTS}{receipt.pk}/refaire/", {}),
        (f"{YEAR}lancer/", {"kind": "fiscal", "issuer": str(receipt.issuer_id)}),
        (f"/admin/donations/receiptrun/{run.pk}/interrompre/", {}),
        (f"/admin/donations/receiptrun/{run.pk}/reprendre/", {}),
        (f"/admin/donations/gift/{given.pk}/recu/", {"kind": "attestation", "scope": "gift"}),
    ):
        assert client.post(address, data).status_code == away, address
    run.refresh_from_db()
    receipt.refresh_from_db()
    assert (run.state, receipt.cancelled_at, Receipt.objects.count()) == ("running", None, 1)


def test_acts_are_posts(treasurer: Client, receipt: Receipt, run: ReceiptRun) -> None:
    for address in (
        f"{RECEIPTS}{receipt.pk}/refaire/", f"{YEAR}lancer/",
        f"/admin/donations/receiptrun/{run.pk}/interrompre/",
        f"/admin/donations/receiptrun/{run.pk}/reprendre/",
    ):  # fmt: skip
        assert treasurer.get(address).status_code == 405, address


def test_what_is_not_there(treasurer: Client, entity: ReceiptIssuer) -> None:
    nothing = "00000000-0000-0000-0000-000000000000"
    for address in (
        f"{RECEIPTS}{nothing}/pdf/", f"{RECEIPTS}{nothing}/annuler/", f"{RECEIPTS}annee/9999/",
        f"{RECEIPTS}annee/0/recus.csv", "/admin/donations/receiptrun/99/change/",
        f"{RECEIPTS}{paper(entity).pk}/pdf/",
    ):  # fmt: skip
        assert treasurer.get(address).status_code == 404, address


def test_the_pdf_is_the_one_that_was_filed(treasurer: Client, receipt: Receipt) -> None:
    response = treasurer.get(f"{RECEIPTS}{receipt.pk}/pdf/")
    assert response.content == pdf_of(receipt)
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == 'attachment; filename="2026-F-00001.pdf"'


def issue(client: Client, address: str, **fields: object) -> HttpResponse:
    form = form_of(client.get(address))
    return client.post(address, {**form, **fields}, follow=True)


def test_a_paper_is_issued_from_the_gifts_page(
    treasurer: Client, entitled: ReceiptIssuer, django_capture_on_commit_callbacks: object
) -> None:
    given = gift(donor(**ADDRESS))
    address = f"/admin/donations/gift/{given.pk}/recu/"
    assert f'href="{address}"' in treasurer.get(address.replace("recu", "change")).content.decode()
    assert form_of(treasurer.get(address))["kind"] == "fiscal"
    with django_capture_on_commit_callbacks() as queued:
        page = text_of(issue(treasurer, address))
    assert len(queued) == 1
    assert "2026-F-00001" in page
    assert "part par courriel" in page
    assert LogEntry.objects.filter(change_message__contains="2026-F-00001").exists()
    assert address not in treasurer.get(address.replace("recu", "change")).content.decode()
    assert "n’est pas possible" in text_of(treasurer.get(address, follow=True))
    assert Receipt.objects.count() == 1


def test_a_refusal_is_said_on_the_form(treasurer: Client, entitled: ReceiptIssuer) -> None:
    given = gift(donor())
    page = issue(treasurer, f"/admin/donations/gift/{given.pk}/recu/", kind="fiscal")
    assert "un nom et une adresse postale : il manque l’un ou l’autre" in text_of(page)
    assert not Receipt.objects.exists()


def test_without_an_entity_it_is_asked_for_first(treasurer: Client) -> None:
    given = gift(donor())
    page = treasurer.get(f"/admin/donations/gift/{given.pk}/recu/", follow=True)
    assert "Décrivez d’abord l’entité" in text_of(page)
    assert "Décrivez d’abord l’entité" in text_of(treasurer.get(YEAR))


def test_one_paper_for_the_years_gifts(treasurer: Client, entity: ReceiptIssuer) -> None:
    who = donor()
    given = gift(who, 1000)
    gift(who, 2000)
    issue(treasurer, f"/admin/donations/gift/{given.pk}/recu/", scope="year")
    assert (Receipt.objects.get().amount_cents, Receipt.objects.get().is_yearly) == (3000, True)


def test_cancelled_by_hand_then_issued_anew(treasurer: Client, receipt: Receipt) -> None:
    address = f"{RECEIPTS}{receipt.pk}/annuler/"
    assert "obligatoire" in text_of(treasurer.post(address, {"reason": " "}))
    page = treasurer.post(address, {"reason": "Nom mal écrit"}, follow=True)
    assert "est annulé" in text_of(page)
    assert "Nom mal écrit" in text_of(page)
    assert "déjà annulé" in text_of(treasurer.post(address, {"reason": "x"}, follow=True))
    again = re.search(r'formaction="([^"]+)"', page.content.decode())
    assert again
    assert "2026-F-00002" in text_of(treasurer.post(again[1], follow=True))
    assert "Annulés, avec un reste" not in text_of(treasurer.get(YEAR))
    refused = text_of(treasurer.post(again[1], follow=True))
    assert "a déjà un document en vigueur" in refused
    assert Receipt.objects.count() == 2


def test_the_years_screen_counts(
    treasurer: Client, entitled: ReceiptIssuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as clock:
        # The last column counts what was handed out within the year.
        clock.setattr(timezone, "now", lambda: PARIS_NOON.replace(month=12))
        for number in range(3):
            paper(entitled, "fiscal", email=f"f{number}@example.org", **ADDRESS)
        lost = paper(entitled, "fiscal", email="g@example.org", **ADDRESS)
        paper(entitled, email="a@example.org")
        cancel(receipt_id=lost.pk, reason="Nom mal écrit")
        elsewhere = gift(donor("h@example.org"), at=PARIS_NOON.replace(year=2024))
        issue_for_gift(gift_id=elsewhere.pk, issuer=entitled, kind="attestation")
    page = text_of(treasurer.get(YEAR))
    assert "Reçu fiscal 3 30,00 € 1 3" in page
    assert "Attestation de don 1 10,00 € 0 2" in page
    assert "Annulés, avec un reste à attester" in page
    assert lost.full_number in page
    assert "article 222 bis" in page


def test_the_table_is_for_a_spreadsheet(treasurer: Client, entity: ReceiptIssuer) -> None:
    paper(entity, name='=CMD("x")')
    cancelled = paper(entity, email="b@example.org", name="Bé; Cé")
    cancel(receipt_id=cancelled.pk, reason="Doublon")
    text = treasurer.get(f"{YEAR}recus.csv").content.decode("utf-8")
    assert text.startswith("\ufeffnuméro;")
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"))
    assert [(row["numéro"], row["nom"], row["montant"], row["état"]) for row in rows] == [
        ("2026-A-00001", '\'=CMD("x")', "10,00", "en vigueur"),
        ("2026-A-00002", "Bé; Cé", "10,00", "annulé"),
    ]
    assert rows[1]["raison"] == "Doublon"


def test_a_run_from_the_years_screen(
    treasurer: Client, entity: ReceiptIssuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "DONORS_A_SLICE", 2)
    for number in range(3):
        gift(donor(f"d{number}@example.org"))
    assert "3 personnes" in text_of(treasurer.get(YEAR))
    data = {"kind": "attestation", "issuer": str(entity.pk)}
    response = treasurer.post(f"{YEAR}lancer/", data, follow=True)
    assert "En cours : 0 sur 3" in text_of(response)
    run = ReceiptRun.objects.get()
    assert run.started_by is not None
    address = f"/admin/donations/receiptrun/{run.pk}/"
    tasks.issue_slice(run.pk)
    part = treasurer.get(f"{address}change/", headers={"hx-request": "true"})
    assert b"<html" not in part.content
    assert "En cours : 2 sur 3" in text_of(part)
    assert b"data-hx-get" in part.content
    assert "Interrompue" in text_of(treasurer.post(f"{address}interrompre/", follow=True))
    tasks.issue_slice(run.pk)
    assert Receipt.objects.count() == 2
    assert "En cours" in text_of(treasurer.post(f"{address}reprendre/", follow=True))
    for _ in range(2):
        tasks.issue_slice(run.pk)
    tasks.sweep()
    done = treasurer.get(f"{address}change/", headers={"hx-request": "true"})
    assert "Terminée : 3 sur 3" in text_of(done)
    assert b"data-hx-get" not in done.content, "nothing more to wait for"
    assert "personne n’attend" in text_of(treasurer.get(YEAR))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({}, "Choisissez l’entité"),
        ({"kind": "fiscal", "issuer": "99"}, "Choisissez l’entité"),
        ({"kind": "x", "issuer": "{issuer}"}, "Choisissez l’entité"),
        ({"kind": "attestation", "issuer": "²"}, "Choisissez l’entité"),
        ({"kind": "fiscal", "issuer": "{issuer}"}, "n’est pas habilitée"),
        ({"kind": "attestation", "issuer": "{issuer}"}, "Personne n’attend"),
    ],
)
def test_a_start_that_makes_no_sense(
    data: dict[str, str], said: str, treasurer: Client, entity: ReceiptIssuer
) -> None:
    filled = {key: value.format(issuer=entity.pk) for key, value in data.items()}
    assert said in text_of(treasurer.post(f"{YEAR}lancer/", filled, follow=True))
    assert not ReceiptRun.objects.exists()


def test_the_post_gets_one_file(treasurer: Client, entity: ReceiptIssuer) -> None:
    for number in range(2):
        paper(entity, email=None, name=f"Personne {number}", **ADDRESS)
    paper(entity, email="parmail@example.org", **ADDRESS)
    paper(entity, email=None, name="Sans adresse")
    gone = paper(entity, email=None, name="Annulée", **ADDRESS)
    cancel(receipt_id=gone.pk, reason="Doublon")
    assert "Rien à poster" in text_of(treasurer.get(f"{YEAR}a-poster.pdf", follow=True))
    tasks.sweep()
    assert "PDF à poster : 2 documents" in text_of(treasurer.get(YEAR))
    pdf = treasurer.get(f"{YEAR}a-poster.pdf").content
    assert pdf.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type ?/Page\b", pdf)) == 2


def test_whom_nothing_reaches(treasurer: Client, entity: ReceiptIssuer) -> None:
    nobody, mailed = donor(None, name="Chèque anonyme"), donor("mail@example.org")
    gift(donor(None, name="Postée", **ADDRESS))
    gift(nobody, 1000)
    gift(nobody, 500)
    gift(nobody, 70, PARIS_NOON.replace(year=2025))
    gift(mailed)
    page = text_of(treasurer.get(f"{YEAR}sans-adresse/"))
    assert "Chèque anonyme – 2 15,00 €" in page
    assert "mail@example.org" not in page
    assert "Postée" not in page
    ReceiptIssuer.objects.update(is_entitled=True, legal_basis="l’article 200 du CGI")
    page = text_of(treasurer.get(f"{YEAR}sans-adresse/"))
    assert "mail@example.org" in page
    assert "Pas d’adresse postale complète" in page


def test_failures_are_told_and_tried_again(
    treasurer: Client, entity: ReceiptIssuer, django_capture_on_commit_callbacks: object
) -> None:
    ReceiptIssuer.objects.update(signature=b"no image")
    made = paper(entity)
    tasks.sweep()
    assert "Un reçu ne se met pas en page" in text_of(treasurer.get("/admin/"))
    assert made.full_number in text_of(treasurer.get(f"{RECEIPTS}?etat=echec"))
    ReceiptIssuer.objects.update(signature=None)
    data = {"action": "render_again", "_selected_action": [str(made.pk)]}
    with django_capture_on_commit_callbacks(execute=False) as queued:
        page = text_of(treasurer.post(RECEIPTS, data, follow=True))
    assert "Reçus remis en file : 1." in page
    assert len(queued) == 1
    tasks.sweep()
    assert (
        made.full_number not in text_of(treasurer.get(f"{RECEIPTS}?etat=echec")).split("Filtre")[0]
    )
    assert OutgoingEmail.objects.get().sent_at is not None


def test_a_signature_is_taken_in_and_out(treasurer: Client, entity: ReceiptIssuer) -> None:
    ReceiptIssuer.objects.update(signature=None)
    address = f"/admin/donations/receiptissuer/{entity.pk}/change/"
    form = form_of(treasurer.get(address))
    bad = SimpleUploadedFile("s.png", b"<svg/>", content_type="image/png")
    refused = treasurer.post(address, {**form, "signature_file": bad})
    assert "n’est pas une image" in text_of(refused)
    good = SimpleUploadedFile("s.png", signature(), content_type="image/png")
    assert treasurer.post(address, {**form, "signature_file": good}).status_code == 302
    entity.refresh_from_db()
    assert bytes(entity.signature or b"").startswith(b"\x89PNG")
    assert treasurer.post(address, form).status_code == 302
    entity.refresh_from_db()
    assert entity.signature, "left alone"
    assert treasurer.post(address, {**form, "no_signature": "on"}).status_code == 302
    entity.refresh_from_db()
    assert entity.signature is None


def test_an_entitled_entity_says_by_what(treasurer: Client, entity: ReceiptIssuer) -> None:
    address = f"/admin/donations/receiptissuer/{entity.pk}/change/"
    form = {**form_of(treasurer.get(address)), "is_entitled": "on"}
    assert "en vertu de quoi" in text_of(treasurer.post(address, form))


def queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as seen:
        assert client.get(address).status_code == 200
    return len(seen)


def test_queries_do_not_grow_with_papers(treasurer: Client, entity: ReceiptIssuer) -> None:
    addresses = [RECEIPTS, YEAR, f"{YEAR}recus.csv", f"{YEAR}sans-adresse/", f"{YEAR}a-poster.pdf"]

    def more(first: int, last: int) -> None:
        for number in range(first, last):
            paper(entity, email=None, name=f"Postée {number}", **ADDRESS)
            gone = paper(entity, email=f"q{number}@example.org")
            cancel(receipt_id=gone.pk, reason="Doublon")
            gift(Donor.objects.create(name=f"Nue {number}"))
        tasks.sweep()

    more(0, 2)
    treasurer.get("/admin/")
    before = [queries(treasurer, address) for address in addresses]
    more(2, 8)
    assert [queries(treasurer, address) for address in addresses] == before
    assert max(before) <= 20
