"""People and keywords by the name that somebody types: those that exist, else new ones."""

from django.core.exceptions import ValidationError

from auposte.slugs import french_slug
from broadcasts.models import Tag, TagAlias
from broadcasts.services.addresses import free_slug, retired_by
from guests.models import Guest
from guests.names import PARTICLES, PersonName, first_name_first, last_name_first

LONGEST = 120


def guest_named(text: str) -> Guest:
    """The person of that name, under its address of today; else a new one, not saved.

    `Lou Welgryn`, `Anne-Lise de La Tour`, `Welgryn, Lou`, `WELGRYN Lou`; a name that is no
    person's two stays whole. ValidationError, in French, for what is no name.
    """
    words = " ".join(text.split())
    name = _person_name(words)
    slug = french_slug(f"{name.first} {name.last}")
    _check_name(words, slug)
    found = Guest.objects.filter(slug=slug).first()
    if found is not None:
        return found
    retired = retired_by(model=Guest, slug=slug, pk=None)
    if retired is not None and retired.guest is not None:
        return retired.guest  # a double that was merged into them
    if retired is not None:
        slug = free_slug(model=Guest, text=slug, pk=None)
    return Guest(first_name=name.first, last_name=name.last, slug=slug)


def _person_name(words: str) -> PersonName:
    if words == words.lower():
        words = " ".join(
            word if word in PARTICLES else word[:1].upper() + word[1:] for word in words.split()
        )
    first_word = words.split(" ")[0]
    if "," in words or (len(first_word) > 1 and first_word.isupper()):
        return last_name_first(words)
    return first_name_first(words) or PersonName(last=words)


def tag_named(text: str) -> Tag:
    """The keyword of that name, or what it was merged into; else a new one, not saved.

    ValidationError, in French, for what is no keyword: a season has a field of its own.
    """
    name = " ".join(text.split())
    slug = french_slug(name, max_length=LONGEST)
    _check_name(name, slug)
    found = Tag.objects.filter(slug=slug).first()
    if found is not None:
        return found
    alias = TagAlias.objects.select_related("tag").filter(slug=slug).first()
    if alias is not None:
        return alias.tag
    tag = Tag(name=name, slug=slug)
    try:
        tag.full_clean()
    except ValidationError as error:
        raise ValidationError(error.messages) from error
    return tag


def _check_name(name: str, slug: str) -> None:
    if len(name) > LONGEST or "\x00" in name:
        raise ValidationError(f"Un nom a {LONGEST} caractères au plus.")
    if not slug:
        raise ValidationError("Écrivez un nom, avec des lettres ou des chiffres.")


def ensure_guest(guest: Guest) -> Guest:
    """The row of a person whom `guest_named` gave: two who create them at once get the same."""
    if not guest._state.adding:
        return guest
    names = {"first_name": guest.first_name, "last_name": guest.last_name}
    return Guest.objects.get_or_create(slug=guest.slug, defaults=names)[0]


def ensure_tag(tag: Tag) -> Tag:
    """The row of a keyword that `tag_named` gave: two who create it at once get the same."""
    if not tag._state.adding:
        return tag
    return Tag.objects.get_or_create(slug=tag.slug, defaults={"name": tag.name})[0]
