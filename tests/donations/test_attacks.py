"""What somebody hostile sends: never an error of ours, and nothing that is not theirs.

Who may open what is in `test_every_door`; the donors' door has its own tests.
"""

import datetime as dt
import hashlib
import hmac
import json
import time

import pytest
from django.conf import settings as django_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from auposte.http import form_stamp
from broadcasts.models import Broadcast
from donations.models import Campaign, Gift, GiftImport, LinkRequest, Receipt, ReceiptRun
from donations.receipts import issuing, rendering
from donations.services import on_air
from tests.admin.world import person
from tests.donations.receipts.world import donor, gift, issuer, text_in
from tests.factories import BroadcastFactory

pytestmark = pytest.mark.django_db
HOME = {"sec-fetch-site": "same-origin"}
NUMBERS = ["1e3", "١٠", "-5", "NaN", "Infinity", "0x10", "1_000", "１０", "9" * 5000, "+5", "5\x00"]
HUGE = "999 999 999 999 999 999 999"
# « İ » is two characters once it is small: this address outgrows its column.
GROWING = f"a@{'.'.join(['İ' * 40] * 6)}.fr"


# --- The giving form -----------------------------------------------------------------------------


@pytest.mark.parametrize("amount", NUMBERS)
def test_amounts_that_are_none(amount: str, client: Client) -> None:
    data = {"amount": amount, "email": "a@example.org", "stamp": form_stamp()}
    assert client.post("/don", data, headers=HOME).status_code == 422
    assert client.get("/don", {"montant": amount}).status_code in {200, 400}
    fee = {"hx-request": "true", "hx-target": "frais"}
    assert client.get("/don", {"amount": amount}, headers=fee).status_code in {200, 400}
    assert not Gift.objects.exists()


@pytest.mark.parametrize("value", [b"%00", b"9" * 5000, b"\xed\xa0\x80", b"../../x", b"%C2%B2"])
def test_the_giving_form_bears_anything_in_any_field(value: bytes, client: Client) -> None:
    for name in ("emission", "collecte", "email", "public_name", "message", "stamp", "rhythm"):
        body = f"amount=abc&email=a@example.org&stamp={form_stamp()}&{name}=".encode() + value
        kind = "application/x-www-form-urlencoded"
        response = client.post("/don", body, headers=HOME, content_type=kind)
        assert response.status_code == 422, name


def test_an_address_that_grows_when_it_is_made_small(client: Client) -> None:
    assert len(GROWING) <= 254 < len(GROWING.lower())
    data = {"amount": "5", "email": GROWING, "stamp": form_stamp()}
    assert client.post("/don", data, headers=HOME).status_code == 422
    assert client.post("/don/gerer", data, headers=HOME).status_code == 422
    assert not LinkRequest.objects.exists()


@pytest.mark.parametrize(
    "address",
    [
        f"/don?annule={'9' * 5000}",
        f"/don?collecte={'9' * 5000}",
        "/don?collecte=²&emission=%F0%9F&rythme=%F0",
        f"/don?montant={'1 000 ' * 900}",
        "/don/merci?session=cs_../../charges",
        f"/don/gerer/{'a' * 5000}",
        "/don/gerer?dit=__class__",
        "/overlay/collecte?cle=%FF",
        "/overlay/collecte/etat?cle=é&collecte=²",
        "/fragments/collecte?collecte=²",
        "/fragments/collecte?collecte=999999999",
        "/transparence/9999-12",
        "/transparence/0000-01.csv",
        f"/transparence/collectes/{'9' * 30}",
        f"/transparence/collectes/{'9' * 5000}.json",
    ],
)
def test_odd_addresses(address: str, client: Client) -> None:
    assert client.get(address).status_code in {200, 403, 404, 410}


def test_drafts_show_nowhere(client: Client) -> None:
    """Not by their slug, nor by a special collection, nor by a gift that was begun before."""
    today = timezone.localdate()
    draft = BroadcastFactory(slug="cachee", title="Titre caché", status=Broadcast.Status.DRAFT)
    special = Campaign.objects.create(
        title="Le procès", kind=Campaign.Kind.SPECIAL, starts_on=today, ends_on=today
    )
    special.broadcasts.add(draft)
    pending = Gift.objects.create(amount_cents=500, contact_email="a@b.fr", broadcast=draft)
    Gift.objects.filter(pk=pending.pk).update(checkout_session_id="cs_cachee")
    paid = gift(donor(), cents=500)
    Gift.objects.filter(pk=paid.pk).update(broadcast=draft, checkout_session_id="cs_payee")
    for address in (
        "/don?emission=cachee",
        f"/don?annule={pending.pk}",
        f"/don?collecte={special.pk}",
        "/don/merci?session=cs_payee",
        f"/fragments/collecte?collecte={special.pk}",
    ):
        response = client.get(address)
        assert response.status_code == 200, address
        assert "cachee" not in response.content.decode().replace("cs_cachee", ""), address
        assert "Titre caché" not in response.content.decode(), address


def test_words_of_strangers_stay_words(client: Client, treasurer: Client) -> None:
    """On the overlay, at the régie and on the treasurer's pages, whoever let them pass."""
    evil = "</script><img src=x onerror=alert(1)>"
    given = gift(donor(name=evil))
    Gift.objects.filter(pk=given.pk).update(
        public_name=evil, message=evil, name_state="approved", channel="stripe"
    )
    key = on_air.overlay_key()
    moderator = Client()
    moderator.force_login(person("moderator"), backend="django.contrib.auth.backends.ModelBackend")
    shown = {
        f"/overlay/collecte?cle={key}": client,
        "/admin/regie": moderator,
        f"/admin/donations/gift/{given.pk}/change/": treasurer,
        "/admin/donations/gift/": treasurer,
        "/admin/donations/donor/": treasurer,
    }
    for address, browser in shown.items():
        page = browser.get(address).content.decode()
        assert "onerror=alert" in page, address
        assert "<img src=x" not in page, address


# --- The webhook ---------------------------------------------------------------------------------


def send_signed(client: Client, raw: str) -> int:
    at = int(time.time())
    key = django_settings.STRIPE_WEBHOOK_SECRET.encode()
    sign = hmac.new(key, f"{at}.{raw}".encode(), hashlib.sha256).hexdigest()
    return client.post(
        "/stripe/webhook",
        raw.encode(),
        content_type="application/json",
        headers={"stripe-signature": f"t={at},v1={sign}"},
    ).status_code


def event(**facts: object) -> str:
    whole = {
        "id": "evt_x",
        "type": "charge.succeeded",
        "created": 1_700_000_000,
        "livemode": False,
        "data": {"object": {"id": "ch_../refunds"}},
    }
    return json.dumps({**whole, **facts})


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (event(), 200),
        (event(livemode=True), 400),
        ("[" * 100_000, 400),
        ('{"a":' * 60_000, 400),
        ("[]", 400),
        ("null", 400),
        (event(data=[]), 400),
        (event(data={"object": []}), 400),
        (event(data={"object": "ch_x"}), 400),
        (event(created=10**30), 400),
        (event(created=-(10**15)), 400),
        (event(created=float("nan")), 400),
        (event(id="x" * 300), 503),
        (event(id="a\x00b"), 503),
    ],
    ids=lambda value: str(value)[:40],
)
def test_the_webhook_bears_whatever_is_signed(raw: str, status: int, client: Client) -> None:
    assert send_signed(client, raw) == status


@pytest.mark.parametrize("length", ["²", "-1", "abc", "1.5", "9" * 5000])
def test_the_webhook_bears_any_length(length: str, client: Client) -> None:
    response = client.post(
        "/stripe/webhook", b"\xff\xfe", content_type="application/json", CONTENT_LENGTH=length
    )
    assert response.status_code == 413


# --- The treasurer's forms -----------------------------------------------------------------------


@pytest.mark.parametrize("amount", [*NUMBERS, HUGE, "1e9", ""])
def test_a_cheque_of_no_amount(amount: str, treasurer: Client) -> None:
    data = {
        "key": "5d1f5a3e-9f0a-4d0e-8a43-0c9c3a0f8a11",
        "means": "cheque",
        "received_on": timezone.localdate().isoformat(),
        "email": GROWING if amount == "" else "a@example.org",
        "amount": amount or "5",
    }
    assert treasurer.post("/admin/donations/gift/add/", data).status_code == 200
    assert not Gift.objects.exists()


def test_periods_out_of_the_calendar(treasurer: Client) -> None:
    for asked in ({"au": "9999-12-31"}, {"du": "0001-01-01"}, {"du": "9999-12-31"}, {"du": "x"}):
        response = treasurer.get("/admin/donations/ledgerentry/exporter/", asked)
        assert response.status_code == 302, asked
        totals = treasurer.get("/admin/donations/gift/par-emission/", asked)
        assert totals.status_code == 400, asked
    lines = {f"{form}-{part}": "0" for form in ("lines", "changes")
             for part in ("TOTAL_FORMS", "INITIAL_FORMS")}  # fmt: skip
    special = {"title": "Sans fin", "kind": "special", "starts_on": "2026-01-01", **lines}
    response = treasurer.post(
        "/admin/donations/campaign/add/", {**special, "ends_on": "9999-12-31"}
    )
    assert response.status_code == 200
    assert "hors de notre calendrier" in response.content.decode()
    assert not Campaign.objects.filter(title="Sans fin").exists()


def test_years_and_entities_that_are_none(treasurer: Client) -> None:
    gift(donor(), at=dt.datetime(2025, 5, 1, tzinfo=dt.UTC))
    entity = issuer()
    years = "/admin/donations/receipt/annee"
    for year in (0, 1999, 99999, "9" * 5000, "²", -1):
        for page in ("", "recus.csv", "a-poster.pdf", "sans-adresse/"):
            assert treasurer.get(f"{years}/{year}/{page}").status_code in {302, 404}, (year, page)
    arabic = "".join(chr(0x660 + int(digit)) for digit in str(entity.pk))
    for key in ("²", arabic, "9" * 5000, "\x00", "", str(entity.pk + 1)):
        sent = {"kind": "attestation", "issuer": key}
        assert treasurer.post(f"{years}/2025/lancer/", sent).status_code == 302, key
    assert not ReceiptRun.objects.exists()


@pytest.mark.parametrize(
    "data",
    [
        b";" * 2_000_000,
        b"Receipt Id,Amount,Currency,Donated At,Status" + b"," * 2_000_000,
        b'"' + b"a" * 1_000_000,
        b"\xff\xfe\x00",
    ],
    ids=["columns", "known-columns", "one-cell", "nul"],
)
def test_files_that_are_none(data: bytes, treasurer: Client) -> None:
    file = SimpleUploadedFile("dons.csv", data, "text/csv")
    assert treasurer.post("/admin/donations/giftimport/add/", {"file": file}).status_code == 200
    assert not GiftImport.objects.exists()


def test_amounts_in_a_file(treasurer: Client) -> None:
    rows = [
        f"id{at},{amount},EUR,2025-05-01 10:00:00,Paid,a{at}@example.org"
        for at, amount in enumerate(["1e9", "9" * 30, "-5", "NaN", "١٠", "0"])
    ]
    text = "\n".join(["Receipt Id,Amount,Currency,Donated At,Status,Donor Email", *rows])
    file = SimpleUploadedFile("dons.csv", text.encode(), "text/csv")
    assert treasurer.post("/admin/donations/giftimport/add/", {"file": file}).status_code == 302
    assert set(GiftImport.objects.get().rows.values_list("state", flat=True)) == {"failed"}


# --- Papers --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        '#panic("non") $x^2$ ] [ *gras* _i_ `c` <l> @r \\ // " \' {{ name }}',
        "😀 Ada ❤️ Lovelace 👩🏽‍💻",
        "a\x01\x1b[31m\u202eb\u200d\ufeff\ue000\ufffe",
        "W" * 120,
        '=HYPERLINK("https://ailleurs.example")',
    ],
    ids=["markup", "pictures", "controls", "long", "formula"],
)
def test_any_name_makes_a_paper(name: str, treasurer: Client) -> None:
    """Names are typed by strangers: none keeps its paper from being made, or says more in it."""
    entity = issuer()
    given = gift(donor(name=name, street=name, city=name[:100]))
    paper = issuing.issue_for_gift(gift_id=given.pk, issuer=entity, kind=Receipt.Kind.ATTESTATION)
    rendering.render(str(paper.pk))
    paper.refresh_from_db()
    assert (paper.last_error, paper.rendered_at is not None) == ("", True)
    if name.isascii() and len(name) < 90:
        assert name[:10] in text_in(bytes(paper.file.pdf))
    table = treasurer.get(f"/admin/donations/receipt/annee/{paper.year}/recus.csv")
    assert ";=" not in table.content.decode()
    assert ';"=' not in table.content.decode()


def test_a_name_that_our_fonts_cannot_write_says_so_in_french() -> None:
    given = gift(donor(name="李明"))
    kind = Receipt.Kind.ATTESTATION
    paper = issuing.issue_for_gift(gift_id=given.pk, issuer=issuer(), kind=kind)
    rendering.render(str(paper.pk))
    paper.refresh_from_db()
    assert paper.rendered_at is None
    assert "en lettres latines" in paper.last_error
