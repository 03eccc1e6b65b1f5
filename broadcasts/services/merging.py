"""Two rows for one person, or for one keyword: one stays, and every old link leads to it."""

from collections.abc import Iterable

from django.db import transaction

from broadcasts.models import Appearance, Broadcast, ImportedTerm, Redirect, Tag, TagAlias
from broadcasts.services.addresses import path_of
from guests.models import Guest

# What the one that stays takes from the others where it has nothing itself.
TAKEN_FROM_GUESTS = ("title", "bio", "elsewhere", "first_name")
PORTRAIT = ("portrait", "portrait_alt", "portrait_credit")


@transaction.atomic
def merge_guests(*, keep: Guest, others: Iterable[Guest]) -> int:
    """Make `keep` the only one; returns how many went. Their appearances and addresses are its own.

    Where both were in a broadcast, the appearance of the one that stays is kept, completed by the
    other's function.
    """
    ids = sorted({guest.pk for guest in others} - {keep.pk})
    rows = {row.pk: row for row in Guest.objects.select_for_update().filter(pk__in=[*ids, keep.pk])}
    keep = rows.pop(keep.pk)
    for other in rows.values():
        _move_appearances(keep, other)
        _take_over(keep, other)
        Redirect.objects.filter(guest=other).update(guest=keep)
        ImportedTerm.objects.filter(guest=other).update(guest=keep)
        path = path_of(Guest, other.slug)
        other.delete()
        Redirect.objects.update_or_create(
            path=path,
            defaults={"guest": keep, "broadcast": None, "series": None, "target_path": ""},
        )
    keep.save()
    return len(rows)


def _move_appearances(keep: Guest, other: Guest) -> None:
    for appearance in Appearance.objects.select_for_update().filter(guest=other):
        same = Appearance.objects.filter(broadcast=appearance.broadcast_id, guest=keep).first()
        if same is None:
            Appearance.objects.filter(pk=appearance.pk).update(guest=keep)
            continue
        if appearance.function and not same.function:
            Appearance.objects.filter(pk=same.pk).update(function=appearance.function)
        appearance.delete()


def _take_over(keep: Guest, other: Guest) -> None:
    for field in TAKEN_FROM_GUESTS:
        if not getattr(keep, field):
            setattr(keep, field, getattr(other, field))
    if not keep.portrait and other.portrait:
        for field in PORTRAIT:
            setattr(keep, field, getattr(other, field))
        # Saved before the other goes: an image that a row still names is not removed with it.
        keep.save(update_fields=PORTRAIT)


@transaction.atomic
def merge_tags(*, keep: Tag, others: Iterable[Tag]) -> int:
    """Make `keep` the only one; returns how many went. `?tags=` with their names leads to it."""
    ids = sorted({tag.pk for tag in others} - {keep.pk})
    rows = {row.pk: row for row in Tag.objects.select_for_update().filter(pk__in=[*ids, keep.pk])}
    keep = rows.pop(keep.pk)
    links = Broadcast.tags.through.objects
    for other in rows.values():
        tagged = links.filter(tag=other).values_list("broadcast_id", flat=True)
        links.bulk_create(
            [links.model(broadcast_id=pk, tag_id=keep.pk) for pk in tagged], ignore_conflicts=True
        )
        TagAlias.objects.filter(tag=other).update(tag=keep)
        ImportedTerm.objects.filter(tag=other).update(tag=keep)
        keep.description = keep.description or other.description
        name, slug = other.name, other.slug
        other.delete()
        remember_tag(tag=keep, name=name, slug=slug)
    keep.save(update_fields=["description"])
    return len(rows)


def remember_tag(*, tag: Tag, name: str, slug: str) -> None:
    """Have links that hold a former name, or a former slug, of the tag lead to it."""
    if TagAlias.objects.filter(name=name).exists():
        TagAlias.objects.filter(name=name).update(tag=tag)
    elif TagAlias.objects.filter(slug=slug).exists():
        TagAlias.objects.filter(slug=slug).update(tag=tag)
    else:
        TagAlias.objects.create(tag=tag, name=name, slug=slug)
