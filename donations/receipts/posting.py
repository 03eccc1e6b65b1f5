"""Papers that e-mail does not carry: one file for the printer, and whom nothing reaches."""

from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum

from donations.models import Donor, LedgerEntry, OutgoingEmail, Receipt, ReceiptIssuer
from donations.receipts.amounts import gifts_of_year, without_paper
from donations.receipts.rendering import together

ADDRESSED = ~(Q(identity__street="") | Q(identity__postal_code="") | Q(identity__city=""))


def to_post(year: int) -> "QuerySet[Receipt]":
    """The year's papers in force, made, with an address on them, that no letter carries."""
    by_mail = OutgoingEmail.objects.filter(receipt=OuterRef("pk"))
    return (
        Receipt.objects.filter(
            ADDRESSED, ~Exists(by_mail), year=year, cancelled_at__isnull=True, file__isnull=False
        )
        .select_related("identity")
        .order_by("issuer", "kind", "number")
    )


def pdf_to_post(year: int) -> bytes | None:
    """Those papers in one PDF; None when there are none. Raises RuntimeError as Typst does."""
    papers = list(to_post(year))
    return together(papers) if papers else None


@dataclass(frozen=True, kw_only=True)
class Unreached:
    """A donor of the year whom a paper does not reach as things stand. Cents are the year's."""

    donor: Donor
    gifts: int
    given_cents: int
    has_paper: bool
    reason: str


def unreached(year: int) -> list[Unreached]:
    """Donors of the year without a postal address: no fiscal receipt can be made out to them.

    Without an entitled entity, only those who have no e-mail address either: attestations go by
    e-mail. The most generous first.
    """
    wants_address = ReceiptIssuer.objects.filter(is_entitled=True).exists()
    bare = Q(name="") | Q(street="") | Q(postal_code="") | Q(city="")
    if not wants_address:
        bare &= Q(email__isnull=True)
    gifts = gifts_of_year(year).values("pk")
    of_year = Q(gifts__in=gifts)
    given = Q(of_year, ~Q(gifts__entries__kind=LedgerEntry.Kind.FEE))
    still_without = without_paper(gifts_of_year(year)).filter(donor=OuterRef("pk"))
    donors = (
        Donor.objects.filter(bare, of_year)
        .annotate(
            gift_count=Count("gifts", filter=of_year, distinct=True),
            given=Sum("gifts__entries__amount_cents", filter=given),
            waits=Exists(still_without),
        )
        .order_by("-given", "pk")
    )
    return [
        Unreached(
            donor=donor,
            gifts=donor.gift_count,
            given_cents=donor.given or 0,
            has_paper=not donor.waits,
            reason=_reason(donor),
        )
        for donor in donors
    ]


def _reason(donor: Donor) -> str:
    if not donor.email:
        return "Ni adresse électronique, ni adresse postale complète"
    if not donor.name:
        return "Pas de nom" if donor.street else "Ni nom, ni adresse postale"
    return "Pas d’adresse postale complète"
