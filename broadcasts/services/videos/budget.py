"""What we may ask of a platform, counted as we ask: the count is a row, shared by all workers."""

import datetime as dt
from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection
from django.utils import timezone

from broadcasts.models import ApiUsage, VideoSource
from broadcasts.platforms import QuotaExceededError

# https://developers.google.com/youtube/v3/getting-started#quota: it starts anew at midnight there.
PACIFIC = ZoneInfo("America/Los_Angeles")
Spend = Callable[[int], None]


def quota_day(platform: str, now: dt.datetime) -> dt.date:
    """The day on which a request counts, in the platform's own calendar."""
    zone = PACIFIC if platform == VideoSource.Platform.YOUTUBE else ZoneInfo("UTC")
    return now.astimezone(zone).date()


def quota_resets_at(now: dt.datetime) -> dt.datetime:
    """YouTube's next midnight (UTC)."""
    tomorrow = quota_day(VideoSource.Platform.YOUTUBE, now) + dt.timedelta(days=1)
    midnight = dt.datetime.combine(tomorrow, dt.time(), tzinfo=PACIFIC)
    return midnight.astimezone(dt.UTC)


def meter(platform: str, *, then: Spend = lambda _: None) -> Spend:
    """A function that the client calls with the units of each request, before it.

    It raises QuotaExceededError rather than let YouTube's daily allowance be passed, so that a day
    of mishaps leaves something for the live. `then` hears of what was spent.
    """
    limit = settings.YOUTUBE_DAILY_UNITS if platform == VideoSource.Platform.YOUTUBE else None

    def spend(units: int) -> None:
        now = timezone.now()
        if not _count(platform, quota_day(platform, now), units, limit):
            raise QuotaExceededError(
                f"Les {limit} unités du jour sont dépensées.", until=quota_resets_at(now)
            )
        then(units)

    return spend


def _count(platform: str, day: dt.date, units: int, limit: int | None) -> bool:
    """Add to the day's row in one statement; False, and nothing added, past the limit."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO broadcasts_apiusage AS usage (platform, day, calls, units)
            SELECT %(platform)s, %(day)s, 1, %(units)s
            WHERE %(limit)s::int IS NULL OR %(units)s <= %(limit)s
            ON CONFLICT (platform, day) DO UPDATE
            SET calls = usage.calls + 1, units = usage.units + excluded.units
            WHERE %(limit)s::int IS NULL OR usage.units + excluded.units <= %(limit)s
            """,
            {"platform": platform, "day": day, "units": units, "limit": limit},
        )
        return bool(cursor.rowcount)


def spent_today(platform: str) -> ApiUsage:
    """Today's row, unsaved and at zero when nothing was asked yet."""
    day = quota_day(platform, timezone.now())
    found = ApiUsage.objects.filter(platform=platform, day=day).first()
    return found or ApiUsage(platform=platform, day=day)
