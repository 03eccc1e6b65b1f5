"""Versions of pages: kept at each save, read in words, given back."""

from typing import Any, TypeAlias

from django.contrib.auth.models import User
from django.db.models.fields.files import FieldFile
from django.utils import timezone

from broadcasts.models import Broadcast, Series
from guests.models import Guest

Page: TypeAlias = Broadcast | Guest | Series
Version: TypeAlias = Any  # a row of the page's `history`, whose class the library makes

# The text was changed by other hands than the form's: an import, or the video platforms.
OTHER_HANDS = "Changements venus d’ailleurs (import, plateformes vidéo…)"


def versions_of(page: Page) -> Any:
    """The queryset of its versions, newest first."""
    return type(page).history.filter(id=page.pk).order_by("-history_id")


def latest_version(page: Page) -> Version | None:
    return versions_of(page).select_related("history_user").first()


def edition_of(page: Page) -> int:
    """A number that grows with each version; 0 before the first."""
    latest = versions_of(page).values_list("history_id", flat=True).first()
    return int(latest or 0)


def keep_version(*, page: Page, user: User | None, reason: str = "") -> Version | None:
    """Keep the page as it is stored now; None when the last version already says just that.

    Call it once all is written, inside the transaction that wrote it.
    """
    facts = facts_of(page)
    latest = latest_version(page)
    if latest is not None and all(getattr(latest, name) == facts[name] for name in facts):
        return None
    return type(page).history.create(
        **facts,
        history_date=timezone.now(),
        history_type="~" if latest else "+",
        history_user=user,
        history_change_reason=reason or None,
    )


def keep_what_was(*, page: Page) -> None:
    """Before a save: what other hands wrote since the last version gets one of its own.

    Otherwise it would be put down to whoever saves next, and nobody could go back to it.
    """
    keep_version(page=page, user=None, reason=OTHER_HANDS)


def facts_of(page: Page) -> dict[str, Any]:
    """Every field that versions hold, as the database has them."""
    model = type(page)
    stored = model._base_manager.get(pk=page.pk)
    facts = {}
    for field in model.history.model.tracked_fields:
        value = getattr(stored, field.attname)
        facts[field.attname] = value.name or "" if isinstance(value, FieldFile) else value
    if isinstance(stored, Broadcast):
        facts["parts"] = parts_of(stored)
    return facts


def parts_of(broadcast: Broadcast) -> dict[str, list[dict[str, Any]]]:
    """Keywords, people, chapters, videos and corrections, as plain facts: see `WithParts`."""
    return {
        "tags": [{"id": tag.pk, "name": tag.name} for tag in broadcast.tags.order_by("name")],
        "appearances": [
            {
                "guest": appearance.guest_id,
                "name": appearance.guest.name,
                "role": appearance.role,
                "function": appearance.function,
                "position": appearance.position,
            }
            for appearance in broadcast.appearances.select_related("guest")
        ],
        "chapters": [
            {"start_seconds": chapter.start_seconds, "title": chapter.title}
            for chapter in broadcast.chapters.order_by("start_seconds")
        ],
        "sources": [
            {"platform": source.platform, "external_id": source.external_id, "role": source.role}
            for source in broadcast.sources.order_by("pk")
        ],
        "corrections": [
            {
                "kind": correction.kind,
                "dated": correction.dated.isoformat(),
                "author": correction.author,
                "text": correction.text,
                "position": correction.position,
            }
            for correction in broadcast.corrections.all()
        ],
    }
