"""What provisions have saved: lines that are filled month after month, under the same label."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection
from django.db.models import JSONField
from django.db.models.expressions import RawSQL

from donations.models import Campaign

# The waterfall of `donations.progress`, for all months at once: a line has what is left of the
# money once the lines before it are full, at most its own amount.
SAVED = """
SELECT label, sum(saved_cents) AS cents, min(starts_on) FILTER (WHERE saved_cents > 0) AS since
FROM (
    SELECT line.label, line.is_provision, campaign.starts_on,
           least(line.amount_cents, greatest(0, progress.raised_cents + line.amount_cents
               - sum(line.amount_cents) OVER (PARTITION BY line.campaign_id ORDER BY line.position)
           )) AS saved_cents
    FROM donations_budgetline AS line
    JOIN donations_campaign AS campaign ON campaign.id = line.campaign_id
    JOIN donations_progress AS progress ON progress.campaign_id = line.campaign_id
    WHERE campaign.kind = %s
) AS poured
WHERE is_provision
GROUP BY label
"""


@dataclass(frozen=True, kw_only=True)
class Saved:
    """Cents put aside, and the first day of the first month that put some."""

    cents: int
    since: dt.date


def saved_by_label() -> dict[str, Saved]:
    """By case-folded label, what all months gave to their provision lines. One query.

    It reads the progress computed ahead, so it is as fresh as the bar itself. Special collections
    save for nobody but themselves and do not count; labels that have saved nothing are left out.
    """
    with connection.cursor() as cursor:
        cursor.execute(SAVED, [Campaign.Kind.MONTH])
        return _by_label(cursor.fetchall())


def saved_as_json() -> RawSQL:
    """The same as an expression, for a query that reads something else anyway; see `told`."""
    as_rows = f"SELECT jsonb_agg(jsonb_build_array(label, cents, since)) FROM ({SAVED}) AS saved"  # noqa: S608  # our own text
    return RawSQL(as_rows, [Campaign.Kind.MONTH], output_field=JSONField())  # noqa: S611  # the same


def told(rows: list[tuple[str, int, str | None]] | None) -> dict[str, Saved]:
    """What `saved_as_json` brought, as `saved_by_label` says it."""
    return _by_label(
        (label, cents, dt.date.fromisoformat(since) if since else None)
        for label, cents, since in rows or ()
    )


def _by_label(rows: Iterable[tuple[str, int, dt.date | None]]) -> dict[str, Saved]:
    found: dict[str, Saved] = {}
    for label, cents, since in rows:
        if since is None:
            continue
        name, total = label.casefold(), int(cents)
        other = found.get(name)
        found[name] = Saved(
            cents=total + (other.cents if other else 0),
            since=min(since, other.since) if other else since,
        )
    return found
