"""What papers there are."""

from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.utils import timezone

from auposte.spreadsheets import csv_text, decimal, harmless
from auposte.templatetags.french import paris_date
from donations.models import Donor, Gift, Receipt, ReceiptFile, ReceiptItem
from donations.receipts.amounts import gifts_of_year, without_paper, year_bounds

IN_FORCE = Q(cancelled_at__isnull=True)


def of_donor(donor: Donor) -> "QuerySet[Receipt]":
    """The papers in force of a person, newest first. Without `rendered_at`, no PDF yet."""
    return Receipt.objects.filter(IN_FORCE, donor=donor).order_by("-issued_at", "-number")


def pdf_of(receipt: Receipt) -> bytes | None:
    """A paper's PDF; None while it is being made, and once it is too old to be kept."""
    found = ReceiptFile.objects.filter(receipt=receipt).values_list("pdf", flat=True).first()
    return None if found is None else bytes(found)


@dataclass(frozen=True, kw_only=True)
class KindTally:
    """A kind's papers of a year: those in force and their sum in cents, and those cancelled.

    `handed_out` counts the papers in force that were issued during that calendar year in Paris,
    whatever year their gifts are of: the yearly declaration (article 222 bis of the CGI) asks for
    the sum of the year's gifts and for the number of documents delivered in the year.
    """

    kind: str
    label: str
    count: int
    total_cents: int
    cancelled: int
    handed_out: int


def tally(year: int) -> list[KindTally]:
    """The year's papers by kind, fiscal receipts first."""
    start, end = year_bounds(year)
    of_year = (
        Receipt.objects.filter(year=year)
        .order_by()
        .values("kind")
        .annotate(
            count=Count("pk", filter=IN_FORCE),
            total=Sum("amount_cents", filter=IN_FORCE),
            cancelled=Count("pk", filter=~IN_FORCE),
        )
    )
    handed_out = (
        Receipt.objects.filter(IN_FORCE, issued_at__gte=start, issued_at__lt=end)
        .order_by()
        .values("kind")
        .annotate(count=Count("pk"))
    )
    found = {row["kind"]: row for row in of_year}
    issued = {row["kind"]: row["count"] for row in handed_out}
    return [
        KindTally(
            kind=kind,
            label=str(kind.label),
            count=found[kind]["count"] if kind in found else 0,
            total_cents=(found[kind]["total"] or 0) if kind in found else 0,
            cancelled=found[kind]["cancelled"] if kind in found else 0,
            handed_out=issued.get(kind, 0),
        )
        for kind in (Receipt.Kind.FISCAL, Receipt.Kind.ATTESTATION)
    ]


def years() -> list[int]:
    """Years that have gifts or papers, and this one; the newest first."""
    paid = Gift.objects.filter(paid_at__isnull=False).dates("paid_at", "year")
    known = {day.year for day in paid} | set(
        Receipt.objects.order_by().values_list("year", flat=True).distinct()
    )
    return sorted(known | {timezone.localdate().year}, reverse=True)


def to_redo(year: int) -> list[Receipt]:
    """Cancelled papers of a year whose gifts have something left and no paper: one may follow.

    Of each person the latest, which stands for those before it; the newest first.
    """
    left = without_paper(gifts_of_year(year)).values("pk")
    of_paper = ReceiptItem.objects.filter(receipt=OuterRef("pk"), gift__in=left)
    cancelled = Receipt.objects.filter(~IN_FORCE, Exists(of_paper), year=year)
    latest: dict[int, Receipt] = {}
    for paper in cancelled.select_related("identity").order_by("-cancelled_at", "-number"):
        latest.setdefault(paper.donor_id, paper)
    return list(latest.values())


def as_csv(year: int) -> str:
    """The year's papers as a table for a French spreadsheet."""
    heading = (
        "numéro", "genre", "entité", "émis le", "nom", "montant", "état", "annulé le", "raison",
    )  # fmt: skip
    papers = Receipt.objects.filter(year=year).select_related("issuer", "identity")
    rows = [
        (
            paper.full_number,
            paper.get_kind_display(),
            harmless(paper.issuer.name),
            paris_date(paper.issued_at),
            harmless(paper.identity.name),
            decimal(paper.amount_cents),
            "annulé" if paper.cancelled_at else "en vigueur",
            paris_date(paper.cancelled_at) if paper.cancelled_at else None,
            harmless(paper.cancel_reason),
        )
        for paper in papers.order_by("issuer", "kind", "number")
    ]
    return csv_text([heading, *rows])
