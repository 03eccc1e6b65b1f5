"""What all the files hold, remembered in little: links and images may point ahead of themselves.

The first reading. Per post it keeps some hundred bytes, per attachment its address.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from broadcasts.models import Broadcast
from broadcasts.models.importing import ImportedPost
from broadcasts.services.addresses import free_slug
from broadcasts.wordpress import addresses, facts, shortcodes
from broadcasts.wordpress.deciding import digest
from broadcasts.wordpress.documents import Author, ExportError, Item, Site, Term
from broadcasts.wordpress.library import Attachment, InternalLink
from broadcasts.wordpress.options import Options
from broadcasts.wordpress.reader import read_export

# Parts of the old site that have a counterpart here.
PAGES = {"": "/", "/dons": "/don", "/don": "/don"}
Place: TypeAlias = tuple[int, int]


@dataclass(slots=True, kw_only=True)
class Known:
    """A post as links to it need it. `place` is the file and line of its newest version."""

    place: Place
    modified: str
    title: str
    slug_source: str
    is_public: bool
    path: str
    slug: str = ""


@dataclass(kw_only=True)
class Index:
    """Everything that one item must know of the others."""

    hosts: set[str] = field(default_factory=set)
    posts: dict[int, Known] = field(default_factory=dict)
    attachments: dict[int, Attachment] = field(default_factory=dict)
    authors: dict[str, Author] = field(default_factory=dict)
    descriptions: dict[tuple[str, str], str] = field(default_factory=dict)
    shortcode_names: set[str] = field(default_factory=set)
    skipped: Counter[tuple[str, str]] = field(default_factory=Counter)
    errors: dict[Path, ExportError] = field(default_factory=dict)
    items: int = 0
    _by_path: dict[str, int] = field(default_factory=dict)
    _by_old_slug: dict[str, int] = field(default_factory=dict)
    _by_file: dict[str, int] = field(default_factory=dict)

    def attachment_at(self, url: str) -> Attachment | None:
        key = addresses.file_key(url)
        return self.attachments.get(self._by_file.get(key, 0)) if key else None

    def attachments_of(self, post_id: int) -> list[Attachment]:
        return [known for known in self.attachments.values() if known.parent == post_id]

    def post_at(self, path: str) -> int | None:
        """The post that has, or once had, this normal path."""
        path = addresses.without_view(path)
        return self._by_path.get(path) or self._by_old_slug.get(path.rpartition("/")[2])

    def claims(self, path: str) -> int | None:
        """The post whose own address this is today."""
        return self._by_path.get(path)

    def link(self, url: str) -> InternalLink | None:
        """Where a link to the old site leads here; None for a link to elsewhere."""
        url = url.strip()
        host = addresses.host_of(url)
        is_ours = host in self.hosts if host else url.startswith("/") and not url.startswith("//")
        if not is_ours:
            return None
        path = addresses.path_of(url)
        post_id = addresses.post_id_of(url) or self.post_at(path)
        known = self.posts.get(post_id or 0)
        if known is None:
            if path in PAGES and not post_id:
                return InternalLink(path=PAGES[path], title="Au Poste")
            is_file = "/wp-content/" in path
            return InternalLink(
                reason="fichier de l’ancien site" if is_file else "page inconnue ici"
            )
        if not known.is_public:
            return InternalLink(reason="texte qui n’est pas public")
        _, _, fragment = url.partition("#")
        anchor = (
            f"#{fragment}" if fragment and not fragment.startswith(("comment", "respond")) else ""
        )
        return InternalLink(path=f"/emissions/{known.slug}{anchor}", title=known.title)

    # --- Filling -----------------------------------------------------------------------------

    def add(self, entry: Site | Author | Term | Item, file: int, options: Options) -> None:
        if isinstance(entry, Item):
            self.items += 1
            self._add_item(entry, (file, entry.line), options)
        elif isinstance(entry, Site):
            self.hosts |= {host for host in map(addresses.host_of, entry.urls) if host}
        elif isinstance(entry, Author):
            self.authors[entry.display_name] = entry
        elif entry.description:
            self.descriptions[entry.taxonomy, entry.nicename] = entry.description

    def _add_item(self, item: Item, place: Place, options: Options) -> None:
        if item.post_type == "attachment" and item.post_id and item.attachment_url:
            self.attachments[item.post_id] = Attachment(
                post_id=item.post_id,
                url=item.attachment_url,
                alt=item.first_meta("_wp_attachment_image_alt")[:500],
                caption=item.excerpt.strip()[:2000],
                parent=item.parent,
            )
            self._by_file.setdefault(addresses.file_key(item.attachment_url), item.post_id)
        reason = facts.reason_to_skip(item, options.post_types)
        if reason:
            self.skipped[item.post_type, reason] += 1
            return
        post_id = item.post_id or 0
        before = self.posts.get(post_id)
        if before is not None:
            self.skipped[
                item.post_type, "en double dans les fichiers (la plus récente est prise)"
            ] += 1
            if item.modified_gmt < before.modified:
                return
        self.shortcode_names |= shortcodes.names_shown(item.content)
        known = Known(
            place=place,
            modified=item.modified_gmt,
            title=facts.plain_title(item),
            slug_source=facts.slug_source(item),
            is_public=facts.publication_of(item).is_public,
            path=addresses.path_of(item.link) or addresses.normal_path(item.name),
        )
        self.posts[post_id] = known
        rival = self.posts.get(self._by_path.get(known.path, 0))
        if known.path and (rival is None or known.is_public or not rival.is_public):
            self._by_path[known.path] = post_id
        for slug in item.meta.get("_wp_old_slug", ()):
            self._by_old_slug.setdefault(addresses.normal_path(slug).strip("/"), post_id)

    def settle(self, options: Options) -> None:
        """Give every post its slug: the one that it has here, or a free one made of its title."""
        here = _broadcasts_here(self.posts, options)
        taken: set[str] = set()
        for post_id, known in self.posts.items():
            if post_id in here:
                known.slug, public = here[post_id]
                known.is_public = known.is_public if public is None else public
            else:
                known.slug = free_slug(
                    model=Broadcast, text=known.slug_source, pk=None, also_taken=taken
                )
                taken.add(known.slug)


def _broadcasts_here(
    post_ids: dict[int, Known], options: Options
) -> dict[int, tuple[str, bool | None]]:
    """The slugs of what was imported already, and whether it is public whatever the file says."""
    written = dict(
        ImportedPost.objects.exclude(broadcast=None).values_list("wp_post_id", "written")
    )
    found: dict[int, tuple[str, bool | None]] = {}
    for broadcast in Broadcast.objects.exclude(wp_legacy_id=None).only(
        "wp_legacy_id", "slug", "status", "published_at"
    ):
        post_id = broadcast.wp_legacy_id or 0
        state = digest([broadcast.status, broadcast.published_at])
        follows_file = options.overwrite or written.get(post_id, {}).get("publication") == state
        archived = broadcast.status == Broadcast.Status.ARCHIVED
        found[post_id] = (
            broadcast.slug,
            None if follows_file and not archived else broadcast.is_public,
        )
    return {post_id: value for post_id, value in found.items() if post_id in post_ids}


def read_all(paths: list[Path], options: Options, on_progress: Callable[[int, int], None]) -> Index:
    """Read every file once. `on_progress` gets the bytes and items read so far.

    What stands before a fault is known; the faults are in `errors`.
    """
    index = Index()
    done = 0
    for file, path in enumerate(paths):

        def heard(position: int, done: int = done) -> None:
            on_progress(done + position, index.items)

        try:
            for entry in read_export(path, heard):
                index.add(entry, file, options)
        except ExportError as error:
            index.errors[path] = error
        done += path.stat().st_size
    index.settle(options)
    return index
