"""HelloAsso's and Donorbox's files: each payment once, and a reason for each that stays outside."""

import datetime as dt
import io
import time
from pathlib import Path

import pytest
from django.db import connection
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext

from donations.gift_rows import MOST_ROWS, FileError, cents_of
from donations.models import Donor, Gift, GiftImport, GiftImportRow, LedgerEntry, Progress
from donations.services.gift_files import import_gifts
from donations.services.offline import record_offline_gift, reverse_offline_gift

pytestmark = pytest.mark.django_db
FILES = Path(__file__).parent.parent / "payloads" / "donations"
HEAD = "Référence paiement;Montant total;Date du paiement;Statut du paiement;Email payeur\n"


def take(name: str | bytes, *, dry_run: bool = False) -> GiftImport:
    data = name if isinstance(name, bytes) else (FILES / name).read_bytes()
    return import_gifts(data=data, file_name="dons.csv", dry_run=dry_run)


def states(batch: GiftImport) -> dict[int, str]:
    return dict(batch.rows.values_list("number", "state"))


def reasons(batch: GiftImport) -> dict[int, str]:
    failed = batch.rows.exclude(reason="")
    return {row.number: row.reason.replace("\u00a0", " ") for row in failed}


def test_helloasso_row_by_row() -> None:
    batch = take("helloasso.csv")
    assert batch.origin == "helloasso"
    assert [number for number, state in states(batch).items() if state == "new"] == [2, 3, 4, 16]
    assert reasons(batch) == {
        5: "état « Remboursé » : la somme n’est pas venue, ou est repartie",
        6: "état « Refusé » : la somme n’est pas venue, ou est repartie",
        7: "pas d’identifiant de paiement",
        8: "montant nul",
        9: "montant négatif",
        10: "date illisible : « le 2 octobre »",
        11: "date à venir : « 31/12/2099 10:00 »",
        12: "pas un don : « Adhésion »",
        13: "montant illisible : « beaucoup »",
        14: "même paiement que la ligne 2",
    }
    assert states(batch)[14] == "known"
    gift = Gift.objects.get(entries__source="offline:helloasso:90001")
    assert (gift.means, gift.channel, gift.amount_cents) == ("helloasso", "offline", 2500)
    assert gift.donor is not None
    assert (gift.donor.email, gift.donor.name) == ("maelle.k@example.org", "Maëlle Kervadoux")
    assert (gift.donor.street, gift.donor.city) == ("12, rue des Lilas", "Montreuil")
    assert Donor.objects.get(email=None).name == "Librairie L’Épure"
    # Two minutes around midnight in Paris are two months.
    months = LedgerEntry.objects.order_by("occurred_at").values_list(
        "campaign__starts_on", "amount_cents"
    )
    assert list(months)[1:3] == [(dt.date(2026, 9, 1), 120_050), (dt.date(2026, 10, 1), 1000)]
    assert Progress.objects.exclude(dirty_since=None).count() == 2


def test_another_order_another_encoding_and_a_payment_that_is_there() -> None:
    take("helloasso.csv")
    before = LedgerEntry.objects.count()
    batch = take("helloasso-excel.csv")
    assert states(batch) == {2: "known", 3: "failed", 4: "new"}
    assert reasons(batch) == {3: "adresse électronique illisible"}
    assert LedgerEntry.objects.count() == before + 1
    assert Donor.objects.get(email="helene@example.org").name == "Hélène Bœuf"


def test_donorbox_row_by_row() -> None:
    batch = take("donorbox.csv")
    assert batch.origin == "donorbox"
    assert states(batch) == {2: "new", 3: "new", 4: "failed", 5: "failed", 6: "new"}
    assert reasons(batch)[4] == "en USD, pas en euros"
    entries = LedgerEntry.objects.order_by("source").values_list(
        "amount_cents", "campaign__starts_on"
    )
    # 22.59 UTC is still October in Paris; 23.00 UTC is November.
    assert list(entries) == [
        (125_000, dt.date(2026, 10, 1)),
        (2500, dt.date(2026, 11, 1)),
        (6000, dt.date(2026, 11, 1)),
    ]
    jeanne = Donor.objects.get(email="jeanne@example.org")
    assert (jeanne.gifts.count(), jeanne.street) == (2, "3 rue du Four Bât. B")
    assert Donor.objects.get(email="amis@example.org").name == "Les Amis du Poste"


def test_a_dry_run_promises_and_leaves_nothing_but_its_report() -> None:
    tried = take("helloasso.csv", dry_run=True)
    assert not LedgerEntry.objects.exists()
    assert not Gift.objects.exists()
    assert not Donor.objects.exists()
    assert not Progress.objects.exists()
    done = take("helloasso.csv")
    assert states(done) == states(tried)
    assert reasons(done) == reasons(tried)
    assert tried.digest == done.digest


def test_again_is_nothing_new() -> None:
    take("helloasso.csv")
    once = list(LedgerEntry.objects.order_by("pk").values_list("source", "amount_cents"))
    again = take("helloasso.csv")
    assert list(LedgerEntry.objects.order_by("pk").values_list("source", "amount_cents")) == once
    assert "new" not in states(again).values()
    assert again.rows.get(number=2).gift is not None


def test_a_gift_taken_back_stays_so_and_another_amount_is_told() -> None:
    take(HEAD.encode() + b"1;10,00;03/10/2026;Valid\xc3\xa9;a@example.org\n")
    gift = Gift.objects.get()
    reverse_offline_gift(gift_id=gift.pk, reason="doublon")
    batch = take(HEAD.encode() + b"1;12,00;03/10/2026;Valid\xc3\xa9;a@example.org\n")
    assert reasons(batch) == {2: "déjà là, pour un autre montant : à vérifier"}
    assert LedgerEntry.objects.total_cents() == 0


def test_a_row_that_the_database_refuses_leaves_the_others() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "IF NEW.amount_cents = 666 THEN RAISE EXCEPTION 'no' USING ERRCODE = 'check_violation';"
            " END IF; RETURN NEW; END $$"
        )
        cursor.execute(
            "CREATE TRIGGER refuse BEFORE INSERT ON donations_ledgerentry "
            "FOR EACH ROW EXECUTE FUNCTION refuse()"
        )
    rows = "".join(
        f"{number};{amount};03/10/2026;Validé;p{number}@example.org\n"
        for number, amount in enumerate(("5,00", "6,66", "7,00"), start=1)
    )
    batch = take((HEAD + rows).encode())
    assert states(batch) == {2: "new", 3: "failed", 4: "new"}
    assert reasons(batch) == {3: "refusée par la base de données (IntegrityError)"}
    assert LedgerEntry.objects.total_cents() == 1200
    assert not Donor.objects.filter(email="p2@example.org").exists()


def test_reports_hold_nobody() -> None:
    batch = take("helloasso.csv")
    told = " ".join(batch.rows.values_list("reason", flat=True)) + batch.file_name
    for row in ("Kervadoux", "example.org", "Lilas", "Absent"):
        assert row not in told


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "vide"),
        (b"PK\x03\x04\x00\x00", "CSV"),
        (b"a;b;c\n1;2;3\n", "ni un export"),
        (
            "Référence commande;Montant total;Date du paiement;Statut du paiement\n".encode(),
            "Référence paiement",
        ),
        (b"\x81\x8d\x8f\x90\x9d", "encodage"),
        (b"x" * (10 * 1024 * 1024 + 1), "10\u00a0Mo"),
        ((HEAD + '"' + "x" * 200_000).encode(), "illisible après la ligne"),
    ],
)
def test_files_that_are_none(data: bytes, told: str) -> None:
    with pytest.raises(FileError, match=told):
        take(data)
    assert not GiftImport.objects.exists()


def test_too_many_rows() -> None:
    rows = "1;1;03/10/2026;Refusé;\n" * (MOST_ROWS + 1)
    with pytest.raises(FileError, match="lignes"):
        take((HEAD + rows).encode())


def many(count: int) -> bytes:
    out = io.StringIO(HEAD)
    out.seek(0, io.SEEK_END)
    for number in range(count):
        day = number % 28 + 1
        out.write(f"{number};10,00;{day:02}/09/2026;Validé;p{number % 200}@example.org\n")
    return out.getvalue().encode()


def test_rows_are_booked_together() -> None:
    with CaptureQueriesContext(connection) as queries:
        take(many(400))
    assert LedgerEntry.objects.total_cents() == 400_000
    assert Donor.objects.count() == 200
    assert len(queries) < 60


@pytest.mark.deep
def test_ten_thousand_rows_are_a_matter_of_seconds() -> None:
    start = time.monotonic()
    take(many(10_000))
    assert time.monotonic() - start < 30
    assert LedgerEntry.objects.total_cents() == 10_000_000


def test_what_is_known_of_somebody_is_not_replaced() -> None:
    record_offline_gift(
        key="x",
        amount_cents=100,
        occurred_at=dt.datetime(2026, 9, 1, tzinfo=dt.UTC),
        donor_email="maelle.k@example.org",
        donor_name="Maëlle",
    )
    Donor.objects.update(street="1, rue Neuve")
    take("helloasso.csv")
    donor = Donor.objects.get(email="maelle.k@example.org")
    assert (donor.name, donor.street, donor.city) == ("Maëlle", "1, rue Neuve", "")


@pytest.mark.parametrize(
    ("typed", "cents"),
    [
        ("12,50", 1250),
        ("12.5", 1250),
        ("1 000", 100_000),
        ("1\u202f000,00\u00a0€", 100_000),
        ("1,234.56", 123_456),
        ("1.234,56", 123_456),
        ("€25", 2500),
        ("-3", -300),
        ("25.00 EUR", 2500),
    ],
)
def test_amounts(typed: str, cents: int) -> None:
    assert cents_of(typed) == cents


@pytest.mark.parametrize("typed", ["", "1e3", "12,345", "NaN", "9" * 12, "--1", "²", "1,2,3"])
def test_what_is_no_amount(typed: str) -> None:
    with pytest.raises(ValueError, match="montant"):
        cents_of(typed)


def test_rows_are_counted_by_their_state() -> None:
    batch = take("helloasso.csv")
    assert (
        batch.rows.filter(state=GiftImportRow.State.NEW).aggregate(sum=Sum("amount_cents"))["sum"]
        == 128_550
    )
