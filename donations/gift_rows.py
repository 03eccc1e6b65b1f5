"""Reading the files of gifts that other platforms export: text in, plain rows out.

HelloAsso's is its export of payments (« Paiements », one row a payment, French headings, `;`);
Donorbox's is its export of donations (English headings, `,`). Headings are told by name, in any
order, and what is not known is left alone; accents, case and apostrophes do not matter.
"""

import csv
import datetime as dt
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from auposte.money import NBSP, NNBSP

PARIS = ZoneInfo("Europe/Paris")
MOST_BYTES = 10 * 1024 * 1024
MOST_ROWS = 20_000
MOST_COLUMNS = 500
EARLIEST = dt.date(2010, 1, 1)
AMOUNT = re.compile(r"^([+-]?)(\d{1,9})(?:[.,](\d{1,2}))?$", re.ASCII)
KEY = re.compile(r"^[\w.:-]{1,100}$", re.ASCII)


class FileError(Exception):
    """The file as a whole cannot be read; the message says why, in French."""


@dataclass(frozen=True, kw_only=True)
class PaidRow:
    """One payment. `number` is the row's in a spreadsheet, the headings being row 1; cents."""

    number: int
    payment_id: str
    amount_cents: int
    paid_at: dt.datetime
    email: str
    name: str
    street: str
    postal_code: str
    city: str
    country: str


@dataclass(frozen=True, kw_only=True)
class FailedRow:
    """A row that is no gift, or cannot be read: why, in French and without anybody's name."""

    number: int
    reason: str
    amount_cents: int | None = None


Row = PaidRow | FailedRow


@dataclass(frozen=True, kw_only=True)
class Platform:
    """How a platform writes its exports: the headings of each fact, folded; the first one counts.

    A date without a zone is the platform's: Paris for HelloAsso, UTC for Donorbox.
    """

    origin: str
    headings: Mapping[str, tuple[str, ...]]
    needed: Mapping[str, str]
    paid: frozenset[str]
    dates: tuple[str, ...]
    zone: dt.tzinfo


HELLOASSO = Platform(
    origin="helloasso",
    headings={
        "id": ("reference paiement", "reference du paiement", "numero de paiement", "id paiement"),
        "amount": ("montant total", "montant du paiement", "montant"),
        "date": ("date du paiement", "date paiement"),
        "status": ("statut du paiement", "statut paiement"),
        "refund": ("remboursement", "montant rembourse"),
        "kind": ("type", "type de formulaire", "type de campagne"),
        "currency": ("devise",),
        "email": ("email payeur", "e-mail payeur", "adresse email payeur"),
        "first_name": ("prenom payeur",),
        "last_name": ("nom payeur",),
        "company": ("raison sociale",),
        "street": ("adresse payeur",),
        "postal_code": ("code postal payeur",),
        "city": ("ville payeur",),
        "country": ("pays payeur",),
    },
    needed={
        "id": "Référence paiement",
        "amount": "Montant total",
        "date": "Date du paiement",
        "status": "Statut du paiement",
    },
    paid=frozenset({
        "valide", "paye", "autorise", "traite", "effectue", "encaisse", "authorized", "registered",
        "paiement valide", "paiement autorise", "paiement autorise, valide et traite",
    }),
    dates=("%d/%m/%Y", "%Y-%m-%d"),
    zone=PARIS,
)  # fmt: skip
DONORBOX = Platform(
    origin="donorbox",
    headings={
        "id": ("receipt id", "donation id"),
        "amount": ("amount",),
        "date": ("donated at", "donation date"),
        "status": ("status", "donation status"),
        "refund": ("amount refunded", "refunded amount"),
        "currency": ("currency",),
        "email": ("donor email", "email"),
        "name": ("name",),
        "first_name": ("donor's first name", "first name"),
        "last_name": ("donor's last name", "last name"),
        "company": ("donating company",),
        "street": ("address",),
        "street_2": ("address 2",),
        "postal_code": ("postal code", "zip code"),
        "city": ("city",),
        "country": ("country",),
    },
    needed={
        "id": "Receipt Id",
        "amount": "Amount",
        "currency": "Currency",
        "date": "Donated At",
        "status": "Status",
    },
    paid=frozenset({"paid", "succeeded"}),
    dates=("%Y-%m-%d", "%m/%d/%Y", "%m/%d/%y"),
    zone=dt.UTC,
)
PLATFORMS = (HELLOASSO, DONORBOX)


def read_gifts(data: bytes) -> tuple[Platform, Iterator[Row]]:
    """Whose file this is, and its rows one after the other, blank ones left out.

    Raises FileError at once if the headings are not understood, and while reading if the file
    breaks further down.
    """
    text = _decoded(data)
    headings, delimiter = _headings(text)
    platform = _platform(headings)
    columns = {
        fact: next((headings.index(name) for name in names if name in headings), None)
        for fact, names in platform.headings.items()
    }
    return platform, _rows(text, delimiter, platform, columns)


def _decoded(data: bytes) -> str:
    if len(data) > MOST_BYTES:
        raise FileError(f"Ce fichier dépasse {MOST_BYTES // 1024 // 1024}{NBSP}Mo : coupez-le.")
    if not data.strip():
        raise FileError("Ce fichier est vide.")
    if b"\x00" in data:
        raise FileError("Ce n’est pas un fichier CSV (un classeur se réenregistre en CSV).")
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise FileError("L’encodage de ce fichier n’est ni UTF-8 ni Windows-1252.")


def folded(text: str) -> str:
    """Without accents, case, no-break spaces and typographic apostrophes: to compare by."""
    plain = unicodedata.normalize("NFKD", text).replace("’", "'")
    bare = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return " ".join(bare.split()).casefold()


def _headings(text: str) -> tuple[list[str], str]:
    """The first row, by whichever delimiter makes most of it."""
    known = {name for one in PLATFORMS for names in one.headings.values() for name in names}
    best: tuple[int, list[str], str] = (-1, [], ",")
    for delimiter in (";", ",", "\t"):
        try:
            row = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), [])
        except csv.Error:
            continue
        if len(row) > MOST_COLUMNS:
            continue
        headings = [folded(name) for name in row]
        count = len(known & set(headings))
        if count > best[0]:
            best = (count, headings, delimiter)
    return best[1], best[2]


def _platform(headings: list[str]) -> Platform:
    def lacks(platform: Platform) -> list[str]:
        return [
            shown
            for fact, shown in platform.needed.items()
            if not set(platform.headings[fact]) & set(headings)
        ]

    likeliest = min(PLATFORMS, key=lambda platform: len(lacks(platform)))
    missing = lacks(likeliest)
    if len(missing) == len(likeliest.needed):
        raise FileError("Ce fichier n’est ni un export des paiements HelloAsso ni de Donorbox.")
    if missing:
        names = ", ".join(f"«{NBSP}{name}{NBSP}»" for name in missing)
        many = "la colonne" if len(missing) == 1 else "les colonnes"
        raise FileError(f"Il manque {many} {names}. Prenez l’export des paiements, complet.")
    return likeliest


def _rows(
    text: str, delimiter: str, platform: Platform, columns: Mapping[str, int | None]
) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    number = 0
    try:
        for number, cells in enumerate(reader, start=1):
            if number == 1 or not any(cell.strip() for cell in cells):
                continue
            if number > MOST_ROWS + 1:
                raise FileError(f"Ce fichier a plus de {MOST_ROWS} lignes : coupez-le.")
            facts = {
                fact: cells[at].strip() if at is not None and at < len(cells) else ""
                for fact, at in columns.items()
            }
            yield _row(number, facts, platform)
    except csv.Error as error:
        raise FileError(f"Le fichier est illisible après la ligne {number}.") from error


def _row(number: int, facts: Mapping[str, str], platform: Platform) -> Row:
    cents: int | None = None
    try:
        cents = cents_of(facts["amount"])
        _check_payment(facts, platform, cents)
        paid_at = moment_of(facts["date"], platform)
        email = facts["email"].lower()
        if email:
            _check_email(email)
    except ValueError as error:
        return FailedRow(number=number, reason=str(error), amount_cents=cents)
    person = " ".join(part for part in (facts["first_name"], facts["last_name"]) if part)
    street = " ".join(part for part in (facts["street"], facts.get("street_2", "")) if part)
    return PaidRow(
        number=number,
        payment_id=facts["id"],
        amount_cents=cents,
        paid_at=paid_at,
        email=email,
        name=(facts["company"] or person or facts.get("name", ""))[:120],
        street=street[:200],
        postal_code=facts["postal_code"][:12],
        city=facts["city"][:100],
        country=facts["country"][:60],
    )


def _check_payment(facts: Mapping[str, str], platform: Platform, cents: int) -> None:
    """Raises ValueError, in French, for whatever is not money that has come and stayed."""
    if not KEY.match(facts["id"]):
        raise ValueError(
            f"identifiant de paiement illisible : «{NBSP}{facts['id'][:40]}{NBSP}»"
            if facts["id"]
            else "pas d’identifiant de paiement"
        )
    if folded(facts["status"]) not in platform.paid:
        told = facts["status"][:80] or "vide"
        raise ValueError(f"état «{NBSP}{told}{NBSP}» : la somme n’est pas venue, ou est repartie")
    kind = folded(facts.get("kind", ""))
    if kind and not ("don" in kind.split() or kind.startswith(("donation", "crowdfunding"))):
        raise ValueError(f"pas un don : «{NBSP}{facts['kind'][:60]}{NBSP}»")
    if facts["currency"] and facts["currency"].upper() not in {"EUR", "€"}:
        raise ValueError(f"en {facts['currency'][:10]}, pas en euros")
    if cents <= 0:
        raise ValueError("montant nul" if cents == 0 else "montant négatif")
    if facts["refund"] and _is_some(facts["refund"]):
        raise ValueError("un remboursement est noté : à saisir à la main")


def _is_some(amount: str) -> bool:
    try:
        return cents_of(amount) != 0
    except ValueError:
        return folded(amount) not in {"non", "no", "-"}


def _check_email(email: str) -> None:
    try:
        validate_email(email)
    except ValidationError as error:
        raise ValueError("adresse électronique illisible") from error


def cents_of(text: str) -> int:
    """Signed cents of `12,50`, `1 000`, `€25.00`, `1,234.56`. ValueError, in French, otherwise."""
    bare = re.sub(rf"[\s€{NBSP}{NNBSP}]|EUR", "", text)
    if "," in bare and "." in bare:
        # Whichever comes first groups the thousands.
        bare = bare.replace("," if bare.rindex(",") < bare.rindex(".") else ".", "")
    match = AMOUNT.match(bare)
    if not match:
        raise ValueError(
            f"montant illisible : «{NBSP}{text[:40]}{NBSP}»" if text else "sans montant"
        )
    sign, whole, fraction = match.groups()
    cents = int(whole) * 100 + int((fraction or "").ljust(2, "0"))
    return -cents if sign == "-" else cents


def moment_of(text: str, platform: Platform) -> dt.datetime:
    """The moment of payment (aware); a day alone is its noon in Paris. ValueError, in French."""
    moment = _parsed(text, platform)
    if moment is None:
        raise ValueError(f"date illisible : «{NBSP}{text[:40]}{NBSP}»" if text else "sans date")
    if moment.date() < EARLIEST:
        raise ValueError(f"date trop ancienne : «{NBSP}{text[:40]}{NBSP}»")
    # Clocks of two machines differ a little.
    if moment > dt.datetime.now(dt.UTC) + dt.timedelta(hours=1):
        raise ValueError(f"date à venir : «{NBSP}{text[:40]}{NBSP}»")
    return moment


def _parsed(text: str, platform: Platform) -> dt.datetime | None:
    bare = " ".join(text.replace("à", " ").split()).removesuffix(" UTC")
    for form in platform.dates:
        try:
            noon = dt.datetime.strptime(bare, form).replace(hour=12, tzinfo=PARIS)
            now = dt.datetime.now(PARIS)
            return min(noon, now) if noon.date() == now.date() else noon
        except ValueError:
            pass
        for hour in ("%H:%M:%S", "%H:%M"):
            try:
                moment = dt.datetime.strptime(bare, f"{form} {hour}")  # noqa: DTZ007  # below
            except ValueError:
                continue
            return moment.replace(tzinfo=dt.UTC if text.endswith("UTC") else platform.zone)
    try:
        moment = dt.datetime.fromisoformat(bare)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=platform.zone)
