"""A wanted post against the database: compare, decide, write. One post, one transaction."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.db import transaction

from broadcasts.models import Appearance, Broadcast, Redirect, VideoSource
from broadcasts.models.importing import ImportedPost
from broadcasts.services.addresses import free_slug
from broadcasts.services.publishing import back_to_draft
from broadcasts.services.versions import keep_what_was
from broadcasts.wordpress.deciding import Decision, decide, digest
from broadcasts.wordpress.library import Finding, Kind
from broadcasts.wordpress.options import Options
from broadcasts.wordpress.terms import Terms, Thing
from broadcasts.wordpress.wanted import Wanted
from guests.models import Guest


class Done(StrEnum):
    """What happened to a post; the values are keys in report.json."""

    IMPORTED = "imported"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    SKIPPED = "skipped"


@dataclass(kw_only=True)
class Outcome:
    """`changed` and `kept` name fields in French; `reason` says why a post was skipped."""

    done: Done
    broadcast: Broadcast | None = None
    changed: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    reason: str = ""


FRENCH = {
    "title": "titre",
    "dek": "chapô",
    "body": "texte",
    "season": "saison et numéro",
    "publication": "état et date",
    "series": "série",
    "tags": "mots-clés",
    "people": "personnes",
    "videos": "vidéos",
    "redirects": "anciennes adresses",
    "link": "lien WordPress",
    "guid": "identifiant dans les flux",
}
ATTRIBUTES = {
    "title": ("title",),
    "dek": ("dek",),
    "body": ("body_opening", "body_rest"),
    "season": ("season", "number"),
    "publication": ("status", "published_at"),
    "series": ("series_id",),
    "link": ("wp_legacy_link",),
    "guid": ("feed_guid",),
}


def write_post(wanted: Wanted, terms: Terms, options: Options) -> Outcome:
    """Create or update the broadcast of a post; in a dry run, say what would be done."""
    if options.dry_run:
        return _Writer(wanted, terms, options).run()
    with transaction.atomic():
        return _Writer(wanted, terms, options).run()


class _Writer:
    def __init__(self, wanted: Wanted, terms: Terms, options: Options) -> None:
        self.wanted = wanted
        self.terms = terms
        self.options = options
        self.outcome = Outcome(done=Done.UNCHANGED, findings=list(wanted.findings))
        self.written: dict[str, Any] = {}
        self.is_new = False
        self.has_kept = False

    def run(self) -> Outcome:
        record, broadcast = self._find()
        if broadcast is None and record is not None and not self.options.overwrite:
            self.outcome.done = Done.SKIPPED
            self.outcome.reason = "supprimé ici par la rédaction"
            return self.outcome
        self.is_new = broadcast is None
        self.written = dict(record.written) if record and not self.is_new else {}
        before = dict(self.written)
        broadcast = broadcast or Broadcast(wp_legacy_id=self.wanted.post_id, slug=self._slug())
        self.outcome.broadcast = broadcast
        self._set_fields(broadcast)
        self._set_tags(broadcast)
        self._set_people(broadcast)
        self._add_videos(broadcast)
        self._add_redirects(broadcast)
        if not self.options.dry_run and (record is None or self.is_new or self.written != before):
            ImportedPost.objects.update_or_create(
                wp_post_id=self.wanted.post_id,
                defaults={"broadcast": broadcast, "written": self.written},
            )
        if self.is_new:
            self.outcome.done = Done.IMPORTED
        elif self.outcome.changed:
            self.outcome.done = Done.UPDATED
        return self.outcome

    def _find(self) -> tuple[ImportedPost | None, Broadcast | None]:
        records, broadcasts = ImportedPost.objects.all(), Broadcast.objects.all()
        if not self.options.dry_run:  # a read-only transaction locks nothing
            records, broadcasts = records.select_for_update(), broadcasts.select_for_update()
        record = records.filter(wp_post_id=self.wanted.post_id).first()
        broadcast = broadcasts.filter(wp_legacy_id=self.wanted.post_id).first()
        if broadcast is None and record is not None and record.broadcast_id is not None:
            broadcast = broadcasts.filter(pk=record.broadcast_id).first()
        return record, broadcast

    def _slug(self) -> str:
        """The slug that links were given, unless an editor has taken it in this very minute."""
        if not Broadcast.objects.filter(slug=self.wanted.slug).exists():
            return self.wanted.slug
        slug = free_slug(model=Broadcast, text=self.wanted.slug_source, pk=None)
        self._look("adresse prise pendant l’import", f"{self.wanted.slug} → {slug}")
        return slug

    def _look(self, what: str, detail: str = "") -> None:
        self.outcome.findings.append(Finding(kind=Kind.LOOK, what=what, detail=detail))

    def _decide(self, group: str, current: Any, wanted: Any, write: Callable[[], None]) -> None:
        """Compare one group of fields, and note in French what came of it."""
        decision = (
            Decision.WRITE
            if self.is_new
            else decide(
                current=current,
                wanted=wanted,
                written=self.written.get(group),
                overwrite=self.options.overwrite,
            )
        )
        if decision is Decision.WRITE and group == "publication" and self._was_taken_away():
            decision = Decision.KEEP
        if decision is Decision.KEEP:
            self.outcome.kept.append(FRENCH[group])
            return
        if decision is Decision.WRITE:
            if current != wanted:
                self.outcome.changed.append(FRENCH[group])
            if not self.options.dry_run:
                self._keep_what_was()
                write()
        self.written[group] = digest(wanted)

    def _keep_what_was(self) -> None:
        """Once, before the first change of a text that was here: an editor may want it back."""
        broadcast = self.outcome.broadcast
        if broadcast is not None and not self.is_new and not self.has_kept:
            self.has_kept = True
            keep_what_was(page=broadcast)

    def _was_taken_away(self) -> bool:
        """« Retirer » is never undone by an import, whatever was asked."""
        broadcast = self.outcome.broadcast
        return broadcast is not None and broadcast.status == Broadcast.Status.ARCHIVED

    # --- The broadcast's own fields ----------------------------------------------------------

    def _set_fields(self, broadcast: Broadcast) -> None:
        wanted = self.wanted
        series = self.terms.series(wanted.series) if wanted.series else None
        values: dict[str, list[Any]] = {
            "title": [wanted.title],
            "dek": [wanted.dek],
            "body": [wanted.body.opening, wanted.body.rest],
            "season": [wanted.season, wanted.number],
            "publication": [wanted.publication.status, wanted.publication.at],
            "series": [_key(series) if series else None],
            "link": [wanted.link],
            "guid": [self._free_guid(broadcast)],
        }
        touched: list[str] = []
        for group, value in values.items():
            names = ATTRIBUTES[group]

            def write(
                group: str = group, names: tuple[str, ...] = names, value: list[Any] = value
            ) -> None:
                if group == "publication":
                    self._leave_the_site(broadcast)
                for name, part in zip(names, value, strict=True):
                    setattr(broadcast, name, part)
                touched.extend(names)

            self._decide(group, [getattr(broadcast, name) for name in names], value, write)
        if self.options.dry_run:
            return
        if self.is_new:
            broadcast.save()
        elif touched:
            fields = [name.removesuffix("_id") for name in touched]
            broadcast.save(update_fields=[*fields, "updated_at"])

    def _leave_the_site(self, broadcast: Broadcast) -> None:
        """What WordPress took from readers leaves like anything else: noted, and told to caches."""
        if broadcast.is_public and not self.wanted.publication.is_public:
            back_to_draft(broadcast=broadcast, user=None)

    def _free_guid(self, broadcast: Broadcast) -> str | None:
        guid = self.wanted.guid or None
        if guid and Broadcast.objects.exclude(pk=broadcast.pk or 0).filter(feed_guid=guid).exists():
            self._look("identifiant de flux déjà pris par une autre émission", guid)
            return broadcast.feed_guid
        return guid

    # --- What hangs on it --------------------------------------------------------------------

    def _set_tags(self, broadcast: Broadcast) -> None:
        found = [self.terms.tag(use) for use in self.wanted.tags]
        for use, one in zip(self.wanted.tags, found, strict=True):
            if one is None:
                self._look("mot-clé laissé de côté (supprimé ici, ou sans lettres)", use.name)
        wanted = {_key(one): one for one in found if one is not None}
        current = sorted(tag.pk for tag in broadcast.tags.all()) if broadcast.pk else []

        def write() -> None:
            broadcast.tags.set([one.pk for one in wanted.values()])

        self._decide("tags", current, sorted(wanted, key=str), write)

    def _set_people(self, broadcast: Broadcast) -> None:
        roles = {Appearance.Role.GUEST: self.wanted.guests, Appearance.Role.HOST: self.wanted.hosts}
        wanted: dict[Any, tuple[Thing, str]] = {}
        for role, people in roles.items():
            for person in people:
                found = self.terms.person(person.use, person.name)
                if found is None:
                    self._look("personne laissée de côté (supprimée ici)", person.use.name)
                else:  # whoever is both is a guest
                    wanted.setdefault(_key(found), (found, role))
        current = (
            list(broadcast.appearances.values_list("guest_id", "role")) if broadcast.pk else []
        )

        def write() -> None:
            _keep_appearances(broadcast, list(wanted.values()))

        self._decide(
            "people",
            [list(pair) for pair in current],
            [[key, str(role)] for key, (_, role) in wanted.items()],
            write,
        )

    def _add_videos(self, broadcast: Broadcast) -> None:
        """Videos are added, never taken away: others are found on the platforms themselves."""
        known = set(self.written.get("videos", ()))
        keys = {f"{video.platform}:{video.external_id}": video for video in self.wanted.body.videos}
        missing = [
            VideoSource(
                broadcast=broadcast if broadcast.pk else None,
                platform=video.platform,
                external_id=video.external_id,
            )
            for key, video in keys.items()
            if self.options.overwrite or key not in known
        ]
        there = (
            set(broadcast.sources.values_list("platform", "external_id")) if broadcast.pk else set()
        )
        missing = [one for one in missing if (one.platform, one.external_id) not in there]
        if missing:
            self.outcome.changed.append(FRENCH["videos"])
            if not self.options.dry_run:
                VideoSource.objects.bulk_create(missing, ignore_conflicts=True)
                mine = set(broadcast.sources.values_list("platform", "external_id"))
                for one in missing:
                    if (one.platform, one.external_id) not in mine:
                        self._look("vidéo prise pendant l’import", str(one))
        if known | set(keys) != known:
            self.written["videos"] = sorted(known | set(keys))

    def _add_redirects(self, broadcast: Broadcast) -> None:
        paths = [path for path in self.wanted.old_paths if path != broadcast.get_absolute_url()]
        there = {
            redirect.path: redirect
            for redirect in Redirect.objects.select_related("broadcast", "guest", "series").filter(
                path__in=paths
            )
        }
        for path, redirect in there.items():
            if broadcast.pk is None or redirect.broadcast_id != broadcast.pk:
                self._look("ancienne adresse qui mène ailleurs", f"{path} → {redirect.target}")
        missing = [path for path in paths if path not in there]
        if missing:
            self.outcome.changed.append(FRENCH["redirects"])
            if not self.options.dry_run:
                Redirect.objects.bulk_create(
                    [Redirect(path=path, broadcast=broadcast) for path in missing],
                    ignore_conflicts=True,
                )


def _key(thing: Thing) -> int | str:
    """What tells a tag or a person from others, also one that is not made yet."""
    return thing.pk or f"new:{thing}"


def _keep_appearances(broadcast: Broadcast, wanted: list[tuple[Thing, str]]) -> None:
    """These people and nobody else; the function that an editor wrote for one of them stays."""
    people = [(thing, role) for thing, role in wanted if isinstance(thing, Guest)]
    broadcast.appearances.exclude(guest__in=[guest.pk for guest, _ in people]).delete()
    Appearance.objects.bulk_create(
        [
            Appearance(broadcast=broadcast, guest=guest, role=role, position=position)
            for position, (guest, role) in enumerate(people)
        ],
        update_conflicts=True,
        unique_fields=["broadcast", "guest"],
        update_fields=["role", "position"],
    )
