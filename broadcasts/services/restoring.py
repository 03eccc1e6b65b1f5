"""Giving a page back the text of an older version: itself a new version, so nothing is lost."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from auposte.money import NBSP
from auposte.templatetags.french import french_moment
from broadcasts.models import Appearance, Broadcast, Chapter, Series, Tag, TagAlias
from broadcasts.services.addresses import RetiredSlugError, change_slug
from broadcasts.services.versions import (
    Page,
    Version,
    edition_of,
    keep_version,
    keep_what_was,
)
from guests.models import Guest

# The text comes back. Publication does not (nothing goes out or off unseen), nor does what the
# page is known by elsewhere, its videos, or a correction, which readers have been told.
LEFT_ALONE = frozenset(
    {
        "id", "status", "published_at", "wp_legacy_id", "wp_legacy_link", "legacy_source_url",
        "feed_guid", "sources", "corrections",
    }
)  # fmt: skip
# image → what says something about it
IMAGES = {
    "image": ("image_alt", "image_credit", "focal_x", "focal_y"),
    "portrait": ("portrait_alt", "portrait_credit"),
}


class RestoreError(Exception):
    """The version cannot come back: why, in French."""


@dataclass(frozen=True)
class Restored:
    """The version that was made, None when all was so already; and what could not come back."""

    version: Version | None
    left: tuple[str, ...]


@transaction.atomic
def restore_version(*, page: Page, version: Version, user: User, seen: int) -> Restored:
    """Write the version's text into the page. Raises RestoreError.

    `seen` is the page's edition when the person chose: a save since then is shown to them first.
    """
    model = type(page)
    stored: Any = model._base_manager.select_for_update().get(pk=page.pk)
    if edition_of(stored) != seen:
        raise RestoreError(
            "Cette page a été enregistrée entre-temps. Relisez les différences, puis restaurez."
        )
    keep_what_was(page=stored)
    left = [*_write_fields(stored, version), *_write_address(stored, version)]
    try:
        with transaction.atomic():
            stored.save()
    except IntegrityError as error:
        raise RestoreError("Une autre page porte aujourd’hui ce titre ou cette adresse.") from error
    if isinstance(stored, Broadcast):
        left += [*_write_tags(stored, version), *_write_people(stored, version)]
        _write_chapters(stored, version)
    reason = f"Version du {french_moment(version.history_date)} restaurée"
    made = keep_version(page=stored, user=user, reason=reason)
    return Restored(version=made, left=tuple(left))


def _write_fields(page: Any, version: Version) -> list[str]:
    left: list[str] = []
    skipped = LEFT_ALONE | {"slug"}
    for image, about in IMAGES.items():
        if hasattr(version, image):
            told = _image_that_is_gone(page, image, getattr(version, image))
            if told:
                left.append(told)
                skipped |= {image, *about}
    series_id = getattr(version, "series_id", None)
    if series_id is not None and not Series.objects.filter(pk=series_id).exists():
        left.append("Sa série n’existe plus.")
        skipped |= {"series"}
    whole_id = getattr(version, "extract_of_id", None)
    if whole_id is not None and not Broadcast.objects.filter(pk=whole_id).exists():
        left.append("L’émission dont c’était un extrait n’existe plus.")
        skipped |= {"extract_of"}
    for field in type(version).tracked_fields:
        if field.name not in skipped:
            setattr(page, field.attname, getattr(version, field.attname))
    return left


def _image_that_is_gone(page: Any, field: str, name: str) -> str:
    """Why this image stays away; empty when it can come back, or is there already."""
    current = getattr(page, field)
    if (current.name or "") == name:
        return ""
    if not name:
        return f"L’image actuelle reste{NBSP}: cette version n’en avait pas."
    if not current.storage.exists(name):
        return f"L’image de cette version a été supprimée depuis{NBSP}: l’actuelle reste."
    return ""


def _write_address(page: Page, version: Version) -> list[str]:
    if version.slug == page.slug:
        return []
    before = page.slug
    taken = type(page)._base_manager.filter(slug=version.slug).exists()
    try:
        if not taken:
            change_slug(page=page, slug=version.slug)
            return []
    except RetiredSlugError:
        page.slug = before
    return [
        f"L’adresse «{NBSP}{version.slug}{NBSP}» mène à une autre page{NBSP}: l’actuelle reste."
    ]


def _write_tags(broadcast: Broadcast, version: Version) -> list[str]:
    facts = version.parts.get("tags", [])
    found = {tag.pk: tag for tag in Tag.objects.filter(pk__in=[fact["id"] for fact in facts])}
    missing = [fact["name"] for fact in facts if fact["id"] not in found]
    merged = TagAlias.objects.filter(name__in=missing).select_related("tag")
    names = {alias.name: alias.tag for alias in merged}
    names |= {tag.name: tag for tag in Tag.objects.filter(name__in=missing)}
    tags = [found.get(fact["id"]) or names.get(fact["name"]) for fact in facts]
    broadcast.tags.set([tag for tag in tags if tag is not None])
    gone = [fact["name"] for fact, tag in zip(facts, tags, strict=True) if tag is None]
    return [f"Mot-clé disparu{NBSP}: {name}." for name in gone]


def _write_people(broadcast: Broadcast, version: Version) -> list[str]:
    facts = version.parts.get("appearances", [])
    living = set(
        Guest.objects.filter(pk__in=[fact["guest"] for fact in facts]).values_list("pk", flat=True)
    )
    broadcast.appearances.exclude(guest_id__in=living).delete()
    for fact in facts:
        if fact["guest"] in living:
            Appearance.objects.update_or_create(
                broadcast=broadcast,
                guest_id=fact["guest"],
                defaults={name: fact[name] for name in ("role", "function", "position")},
            )
    gone = [fact["name"] for fact in facts if fact["guest"] not in living]
    return [f"Personne disparue{NBSP}: {name}." for name in gone]


def _write_chapters(broadcast: Broadcast, version: Version) -> None:
    """As they were; from then on they are an editor's, and no sync touches them."""
    wanted = [(fact["start_seconds"], fact["title"]) for fact in version.parts.get("chapters", [])]
    have = list(broadcast.chapters.values_list("start_seconds", "title"))
    if wanted == have:
        return
    broadcast.chapters.all().delete()
    Chapter.objects.bulk_create(
        Chapter(broadcast=broadcast, start_seconds=start, title=title) for start, title in wanted
    )
