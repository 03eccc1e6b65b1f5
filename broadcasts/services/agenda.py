"""The agenda as a calendar (RFC 5545) that applications subscribe to."""

import datetime as dt
from collections.abc import Iterable
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from icalendar import Calendar, Event

from auposte.outside import xml_text
from broadcasts.models import Broadcast, PublicationStep
from broadcasts.services.antenna import announced_broadcasts, withdrawn_announcements

PARIS = ZoneInfo("Europe/Paris")
# Nobody knows how long people will talk; so long they usually do.
LASTS = dt.timedelta(hours=2)
REFRESH = dt.timedelta(hours=1)
CONTENT_TYPE = "text/calendar; charset=utf-8"


def write_agenda(broadcasts: Iterable[Broadcast] | None = None) -> bytes:
    """These broadcasts that have an hour, by default all that are announced; and then also what was
    announced and has left the site since, as cancelled: applications keep what merely vanishes.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Au Poste//Agenda//FR")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("name", "Au Poste")
    calendar.add("x-wr-calname", "Au Poste")
    calendar.add("x-wr-timezone", "Europe/Paris")
    calendar.add("url", f"{settings.SITE_URL}/agenda")
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    rows = (
        announced_broadcasts().defer("body_opening", "body_rest")
        if broadcasts is None
        else broadcasts
    )
    for broadcast in rows:
        if broadcast.scheduled_for is not None:
            calendar.add_component(_event(broadcast, broadcast.scheduled_for))
    for step in withdrawn_announcements() if broadcasts is None else ():
        if step.scheduled_for is not None:
            calendar.add_component(_cancellation(step, step.scheduled_for))
    calendar.add_missing_timezones()
    written: bytes = calendar.to_ical()
    return written


def _event(broadcast: Broadcast, hour: dt.datetime) -> Event:
    """An announced broadcast."""
    address = f"{settings.SITE_URL}{broadcast.get_absolute_url()}"
    event = _dated(broadcast, hour, changed=broadcast.updated_at)
    # Calendars allow no more control characters than XML does.
    event.add("summary", xml_text(f"Au Poste : {broadcast.title}"))
    event.add("description", xml_text(f"{broadcast.dek}\n\n{address}").strip())
    event.add("url", address)
    event.add("status", "CONFIRMED")
    return event


def _cancellation(step: PublicationStep, hour: dt.datetime) -> Event:
    """What stood at this hour until `step`. Neither title nor address: the text was withdrawn."""
    event = _dated(step.broadcast, hour, changed=step.at)
    event.add("summary", "Au Poste : Émission annulée")
    event.add("url", f"{settings.SITE_URL}/agenda")
    event.add("status", "CANCELLED")
    return event


def _dated(broadcast: Broadcast, hour: dt.datetime, *, changed: dt.datetime) -> Event:
    """`SEQUENCE` grows with each change, so that applications move what was put off."""
    event = Event()
    event.add("uid", f"emission-{broadcast.pk}@{urlsplit(settings.SITE_URL).hostname}")
    event.add("dtstamp", changed)
    event.add("last-modified", changed)
    event.add("created", broadcast.created_at)
    event.add("sequence", int((changed - broadcast.created_at).total_seconds()))
    event.add("dtstart", hour.astimezone(PARIS))
    # In UTC between: an evening may cross the change of the clocks.
    event.add("dtend", (hour + LASTS).astimezone(PARIS))
    event.add("transp", "TRANSPARENT")
    return event
