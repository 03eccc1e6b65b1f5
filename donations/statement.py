"""The published accounts in words, as a spreadsheet and as JSON. The same rules hold for all."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from auposte.money import NBSP
from auposte.spreadsheets import Cell, csv_text, decimal, harmless
from donations.models import Campaign
from donations.services.accounts import FEWEST_PEOPLE, FIGURES, Accounts

LICENCE = "https://creativecommons.org/licenses/by-nc-sa/4.0/deed.fr"
# What stands in a cell where a number would be about too few people.
WITHHELD = "non publié"
LABELS = {
    "gross": "Dons reçus",
    "returned": "Rendu",
    "refunds": "Remboursements",
    "disputes": "Litiges",
    "adjustments": "Corrections",
    "late": "Dont après la fin de la période",
    "raised": "Récolté",
    "fee_cover": "Frais couverts par les donateur·ices",
    "fees": "Commissions de paiement",
    "costs": "Commissions, moins ce qui en est couvert",
    "net": "Net pour Au Poste",
    "once": "Dons ponctuels",
    "monthly": "Dons mensuels",
    "unattached": "Corrections sans don",
}
STATES = {"funded": "franchi", "current": "en cours", "ahead": "à franchir"}
# The JSON's keys, as the page explains them.
KEYS = {
    "month": "le mois, AAAA-MM ; null pour une collecte exceptionnelle",
    "title": "le titre de la campagne",
    "starts_on, ends_on": "premier et dernier jours, heure de Paris",
    "goal_cents": "l’objectif : la somme des lignes de budget",
    "raised_cents": "récolté, une fois déduit ce qui a été rendu",
    "donors": "personnes dont les dons de la période dépassent ce qui leur a été rendu",
    "gross_cents": "dons reçus, avant tout remboursement",
    "returned_cents": "rendu : remboursements, litiges et corrections, en négatif",
    "refunds_cents, disputes_cents, adjustments_cents": "les parts de ce qui a été rendu",
    "late_cents": "dans ce qui a été rendu, ce qui l’a été après la fin de la période",
    "fee_cover_cents": "ce que des donateur·ices ont ajouté pour couvrir les frais",
    "fees_cents": "les commissions de paiement, en négatif",
    "costs_cents": "commissions moins frais couverts, quand l’un des deux n’est pas publié",
    "net_cents": "ce qui reste : récolté, plus frais couverts, moins commissions",
    "once_cents, monthly_cents": "les parts du récolté : dons ponctuels, dons mensuels",
    "unattached_cents": "corrections comptables qui ne tiennent à aucun don",
    "lines": "les lignes de budget, dans l’ordre où elles se remplissent : position, label, "
    "amount_cents, funded_cents",
}


@dataclass(frozen=True, kw_only=True)
class Row:
    """A line of the statement: signed cents under a French label."""

    key: str
    label: str
    cents: int
    level: Literal["sum", "line", "part"]


def rows_of(accounts: Accounts) -> list[Row]:
    """The statement from what came to what is left, without what is withheld.

    Lines of nothing are left out, but for the sums.
    """
    sums, parts = {"raised", "net"}, {"refunds", "disputes", "adjustments", "late"}
    split = {"once", "monthly", "unattached"}
    return [
        Row(
            key=key,
            label=LABELS[key],
            cents=cents,
            level="sum" if key in sums else "part" if key in parts else "line",
        )
        for key, cents in accounts.told.items()
        if key not in split and (cents or key in sums)
    ]


def split_of(accounts: Accounts) -> list[Row]:
    """One-off and monthly gifts; empty when it would be about too few people."""
    return [
        Row(key=key, label=LABELS[key], cents=accounts.told[key], level="line")
        for key in ("once", "monthly", "unattached")
        if key in accounts.told
    ]


def months_csv(all_accounts: Sequence[Accounts]) -> str:
    """A row for each campaign, a column for each figure; euros with a comma."""
    header = ["Campagne", "Du", "Au", "Objectif", *(LABELS[key] for key in FIGURES)]
    header.append("Donateur·ices")
    rows: list[list[Cell]] = [
        [
            harmless(accounts.campaign.title),
            accounts.campaign.starts_on,
            accounts.campaign.ends_on,
            decimal(accounts.shown.goal_cents),
            *(_cell(accounts, key) for key in FIGURES),
            accounts.shown.donors,
        ]
        for accounts in all_accounts
    ]
    return csv_text([header, *rows])


def _cell(accounts: Accounts, key: str) -> str:
    if key in accounts.told:
        return decimal(accounts.told[key])
    # The two say the same, and either may be the one that can be told; no correction, no money.
    if key == "costs" and "fees" in accounts.told:
        return decimal(accounts.told["fees"] + accounts.told["fee_cover"])
    if key == "unattached" and "once" in accounts.told:
        return decimal(0)
    return WITHHELD


def campaign_csv(accounts: Accounts) -> str:
    """One campaign: its figures, then its budget lines; euros with a comma."""
    figures: list[list[Cell]] = [
        ["Compte", LABELS[key], _cell(accounts, key), "", ""] for key in FIGURES
    ]
    lines: list[list[Cell]] = [
        [
            "Budget",
            harmless(line.label),
            decimal(line.funded_cents),
            decimal(line.amount_cents),
            STATES[line.state],
        ]
        for line in accounts.shown.lines
    ]
    donors: list[Cell] = ["Personnes", "Donateur·ices", accounts.shown.donors, "", ""]
    header: list[Cell] = ["Rubrique", "Poste", "Montant", "Sur", "État"]
    return csv_text([header, *figures, donors, *lines])


def as_json(all_accounts: Iterable[Accounts], *, documentation: str) -> dict[str, Any]:
    """The campaigns with integer cents and ISO days; `documentation` is the page's address."""
    return {
        "licence": LICENCE,
        "documentation": documentation,
        "currency": "EUR",
        "unit": "cents",
        "fewest_people": FEWEST_PEOPLE,
        "campaigns": [_facts(accounts) for accounts in all_accounts],
    }


def _facts(accounts: Accounts) -> dict[str, Any]:
    campaign = accounts.campaign
    is_month = campaign.kind == Campaign.Kind.MONTH
    return {
        "month": f"{campaign.starts_on:%Y-%m}" if is_month else None,
        "title": campaign.title,
        "starts_on": campaign.starts_on.isoformat(),
        "ends_on": campaign.ends_on.isoformat(),
        "goal_cents": accounts.shown.goal_cents,
        "donors": accounts.shown.donors,
        **{f"{key}_cents": accounts.told.get(key) for key in FIGURES},
        "lines": [
            {
                "position": line.position,
                "label": line.label,
                "amount_cents": line.amount_cents,
                "funded_cents": line.funded_cents,
            }
            for line in accounts.shown.lines
        ],
    }


def why_withheld() -> str:
    """The sentence that stands where something is left out."""
    return (
        f"Ce qui ne concernerait que quelques personnes n’est pas montré{NBSP}: il faut être "
        f"{FEWEST_PEOPLE} au moins derrière chaque somme."
    )
