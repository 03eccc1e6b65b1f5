"""Terms of the old site and what they are here: tags, series, people."""

from collections.abc import Callable
from typing import TypeAlias
from urllib.parse import unquote

from django.db.models import Q

from auposte.richtext import sanitise
from auposte.slugs import french_slug
from broadcasts.models import Redirect, Series, Tag, TagAlias
from broadcasts.models.importing import ImportedTerm
from broadcasts.services.addresses import free_slug, path_of
from broadcasts.wordpress import shortcodes
from broadcasts.wordpress.deciding import Decision, decide, digest
from broadcasts.wordpress.documents import TermUse
from broadcasts.wordpress.facts import plain_text
from guests.models import Guest
from guests.names import PersonName

Thing: TypeAlias = Tag | Series | Guest
LONGEST_NAME = 120
LONGEST_NICENAME = 250
LONGEST_TAXONOMY = 64


def nicename_of(use: TermUse) -> str:
    """Decoded, as it stands in an address."""
    return unquote(use.nicename).lower()[:LONGEST_NICENAME]


class Terms:
    """Finds, and unless it is a dry run makes, what terms stand for. One import long.

    In a dry run, what would be made has no primary key.
    `descriptions` are those of the exports' heads, by taxonomy and nicename.
    """

    def __init__(
        self, descriptions: dict[tuple[str, str], str], *, overwrite: bool, dry_run: bool
    ) -> None:
        self._descriptions = descriptions
        self._overwrite = overwrite
        self._dry_run = dry_run
        self._would_be: dict[tuple[type[Thing], str], Thing] = {}
        self._resolved: dict[tuple[str, str], Thing | None] = {}

    def forget(self) -> None:
        """After a transaction that was undone: what it made is not there."""
        self._resolved.clear()

    def tag(self, use: TermUse) -> Thing | None:
        """None for what cannot be a tag, and for one that the newsroom deleted."""
        name = use.name[:LONGEST_NAME].strip()
        if not french_slug(name):
            return None
        return self._resolve(use, Tag, name, lambda: _find_tag(name), {"name": name})

    def series(self, use: TermUse) -> Thing | None:
        """As for tags."""
        title = use.name[:LONGEST_NAME].strip()
        if not french_slug(title):
            return None
        return self._resolve(use, Series, title, lambda: _find_series(title), {"title": title})

    def person(self, use: TermUse, name: PersonName) -> Thing | None:
        """The person of this name. Two terms with one name are one person."""
        text = f"{name.first} {name.last}".strip()
        if not french_slug(text):
            return None
        fields = {"last_name": name.last, "first_name": name.first}
        return self._resolve(use, Guest, text, lambda: _find_person(name, text), fields)

    def _resolve(
        self,
        use: TermUse,
        model: type[Thing],
        text: str,
        find: Callable[[], Thing | None],
        fields: dict[str, str],
    ) -> Thing | None:
        key = (use.taxonomy[:LONGEST_TAXONOMY], nicename_of(use))
        if key not in self._resolved:
            record = _record(key, model)
            known: Thing | None = getattr(record, _relation(model)) if record else None
            thing = known or find()
            if thing is None and _was_deleted(record) and not self._overwrite:
                self._resolved[key] = None
            elif self._dry_run:
                slug = french_slug(text)
                thing = thing or self._would_be.setdefault((model, slug), model(**fields))
                self._resolved[key] = thing
            else:
                if thing is None:
                    slug = free_slug(model=model, text=text, pk=None)
                    thing = model._default_manager.create(slug=slug, **fields)
                self._remember(use, key, record, thing)
                self._resolved[key] = thing
        return self._resolved[key]

    def _remember(
        self, use: TermUse, key: tuple[str, str], record: ImportedTerm | None, thing: Thing
    ) -> None:
        if record is None:
            taxonomy, nicename = key
            record, _ = ImportedTerm.objects.get_or_create(taxonomy=taxonomy, nicename=nicename)
        relation = _relation(type(thing))
        if getattr(record, f"{relation}_id") != thing.pk:
            record.tag = record.series = record.guest = None  # another import's option, perhaps
            setattr(record, relation, thing)
            record.save(update_fields=["tag", "series", "guest"])
            self._keep_old_address(use, thing)
        self._describe(use, record, thing)

    def _describe(self, use: TermUse, record: ImportedTerm, thing: Thing) -> None:
        told = self._descriptions.get((use.taxonomy, use.nicename), "")
        wanted = shortcodes.replace(told, frozenset()).strip()
        field = "bio" if isinstance(thing, Guest) else "description"
        wanted = plain_text(wanted) if isinstance(thing, Tag) else sanitise(sanitise(wanted))
        current = str(getattr(thing, field))
        if not wanted:
            return
        decision = decide(
            current=current,
            wanted=wanted,
            written=record.written or None,
            overwrite=self._overwrite,
        )
        if decision is Decision.WRITE:
            setattr(thing, field, wanted)
            thing.save(update_fields=[field])
        if decision is not Decision.KEEP and record.written != digest(wanted):
            record.written = digest(wanted)
            record.save(update_fields=["written"])

    @staticmethod
    def _keep_old_address(use: TermUse, thing: Thing) -> None:
        """`/invite/welgryn-lou/` leads to the person, `/cat/ia-2/` to the list of its tag."""
        nicename = nicename_of(use)
        if isinstance(thing, Tag):
            slug = french_slug(nicename, max_length=LONGEST_NAME)
            if slug and not Tag.objects.filter(slug=slug).exists():
                TagAlias.objects.bulk_create(
                    [TagAlias(tag=thing, name=nicename[:LONGEST_NAME], slug=slug)],
                    ignore_conflicts=True,
                )
            return
        path = f"/{use.taxonomy}/{nicename}"
        if path == thing.get_absolute_url():
            return
        target = Redirect(path=path, guest=thing) if isinstance(thing, Guest) else Redirect(
            path=path, series=thing
        )  # fmt: skip
        Redirect.objects.bulk_create([target], ignore_conflicts=True)


def _relation(model: type[Thing]) -> str:
    """The field of `ImportedTerm` that points at it."""
    return str(model._meta.model_name)


def _record(key: tuple[str, str], model: type[Thing]) -> ImportedTerm | None:
    taxonomy, nicename = key
    records = ImportedTerm.objects.select_related(_relation(model))
    return records.filter(taxonomy=taxonomy, nicename=nicename).first()


def _was_deleted(record: ImportedTerm | None) -> bool:
    """Whether the newsroom has deleted what the term was here."""
    return record is not None and not (record.tag_id or record.series_id or record.guest_id)


def _find_series(title: str) -> Series | None:
    slug = french_slug(title, max_length=LONGEST_NAME)
    found = Series.objects.filter(Q(title__iexact=title) | Q(slug=slug)).first()
    moved = Redirect.objects.filter(path=path_of(Series, slug)).exclude(series=None).first()
    return found or (moved.series if moved else None)


def _find_person(name: PersonName, text: str) -> Guest | None:
    slug = french_slug(text)
    alike = Q(last_name__iexact=name.last, first_name__iexact=name.first)
    found = Guest.objects.filter(slug=slug).first() or Guest.objects.filter(alike).first()
    moved = Redirect.objects.filter(path=path_of(Guest, slug)).exclude(guest=None).first()
    return found or (moved.guest if moved else None)


def _find_tag(name: str) -> Tag | None:
    """By name with either apostrophe, else by a name that differs in accents or case only."""
    slug = french_slug(name, max_length=LONGEST_NAME)
    spellings = Q(name=name.replace("'", "’")) | Q(name=name.replace("’", "'"))
    found = Tag.objects.filter(spellings).first()
    if found is None:
        alike = Tag.objects.filter(slug=slug).first()
        found = (
            alike if alike and french_slug(alike.name, max_length=LONGEST_NAME) == slug else None
        )
    if found is None:
        alias = TagAlias.objects.select_related("tag").filter(Q(name=name) | Q(slug=slug)).first()
        found = alias.tag if alias else None
    return found
