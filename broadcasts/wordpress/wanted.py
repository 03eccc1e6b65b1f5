"""What a post should be here, said in this site's terms. Nothing is written yet."""

import re
from dataclasses import dataclass

from auposte.templatetags.french import french_date
from broadcasts.filters import SEASON_AS_TAG
from broadcasts.wordpress import addresses, facts, shortcodes
from broadcasts.wordpress.bodies import Body, convert
from broadcasts.wordpress.documents import Item, TermUse
from broadcasts.wordpress.facts import Publication
from broadcasts.wordpress.index import Index
from broadcasts.wordpress.library import Attachment, Finding, Kind, Library
from broadcasts.wordpress.options import Options
from guests.names import LONGEST, PersonName, first_name_first, last_name_first

TAG_TAXONOMIES = {"post_tag", "category"}
AUTHOR_TAXONOMY = "author"
# What WordPress puts a post in when nobody chose.
NO_CATEGORY = {"non-classe", "non-classé", "uncategorized"}
# Terms of WordPress's own that say nothing of a text.
SILENT_TAXONOMIES = {"post_format", "nav_menu", "language", "post_translations"}
LONGEST_LINK = 500


@dataclass(frozen=True, kw_only=True)
class Person:
    use: TermUse
    name: PersonName


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A post as a broadcast. `old_paths` are normal paths that should lead to it."""

    post_id: int
    title: str
    slug: str
    slug_source: str
    dek: str
    body: Body
    publication: Publication
    season: int | None
    number: int | None
    series: TermUse | None
    tags: tuple[TermUse, ...]
    guests: tuple[Person, ...]
    hosts: tuple[Person, ...]
    link: str
    guid: str
    thumbnail: Attachment | None
    old_paths: tuple[str, ...]
    findings: tuple[Finding, ...]


def want(item: Item, index: Index, library: Library, options: Options) -> Wanted:
    """Read an item that `facts.reason_to_skip` has let through."""
    findings: list[Finding] = []
    title = facts.plain_title(item)
    season, number = _episode(item, title, findings)
    series = _series(item, options, findings)
    thumbnail = _thumbnail(item, index, findings)
    _note_unknown_terms(item, options, findings)
    publication = facts.publication_of(item)
    if publication.reason:
        at = facts.moment(item)
        dated = f", daté du {french_date(at)}" if at else ""
        findings.append(Finding(kind=Kind.DRAFT, what=publication.reason + dated))
    body = convert(item.content, library)
    link = item.link if len(item.link) <= LONGEST_LINK and "://" in item.link else ""
    return Wanted(
        post_id=item.post_id or 0,
        title=title,
        slug=index.posts[item.post_id or 0].slug,
        slug_source=facts.slug_source(item),
        dek=_dek(item, library),
        body=body,
        publication=publication,
        season=season,
        number=number,
        series=series,
        tags=tuple(
            use
            for use in item.terms
            if use.taxonomy in TAG_TAXONOMIES
            and not SEASON_AS_TAG.match(use.name)
            and use.nicename not in NO_CATEGORY
        ),
        guests=tuple(_guests(item, options, findings)),
        hosts=tuple(_hosts(item, index, findings)),
        link=link,
        guid=item.guid[:500],
        thumbnail=thumbnail,
        old_paths=tuple(_old_paths(item, index)),
        findings=(*findings, *body.findings),
    )


def _dek(item: Item, library: Library) -> str:
    text = facts.plain_text(item.excerpt)
    return shortcodes.replace(text, library.shortcode_names, plain=True).strip()


def _look(findings: list[Finding], what: str, detail: str = "", *, once: bool = False) -> None:
    findings.append(Finding(kind=Kind.LOOK, what=what, detail=detail[:500], once=once))


def _doubt(findings: list[Finding], use: TermUse, name: PersonName) -> None:
    if name.doubtful:
        words = f"nom « {name.last} », prénom « {name.first} »"
        _look(findings, f"nom à vérifier : {use.name}", words, once=True)


def _episode(item: Item, title: str, findings: list[Finding]) -> tuple[int | None, int | None]:
    """Season and number: the title's, else the season of a term « Saison 09 »."""
    seasons = sorted(
        {int(found[1]) for use in item.terms if (found := SEASON_AS_TAG.match(use.name))} - {0}
    )
    in_title = facts.episode_in(title)
    if in_title is None:
        if len(seasons) > 1:
            _look(findings, "plusieurs saisons", ", ".join(map(str, seasons)))
        return (seasons[-1] if seasons else None), None
    season, number = in_title
    if seasons and season not in seasons:
        _look(
            findings,
            "la saison du titre n’est pas celle des mots-clés",
            f"titre : {season} ; mots-clés : {', '.join(map(str, seasons))}",
        )
    return season, number


def _series(item: Item, options: Options, findings: list[Finding]) -> TermUse | None:
    series = [use for use in item.terms if use.taxonomy == options.series_taxonomy]
    if len(series) > 1:
        _look(findings, "plusieurs séries", ", ".join(use.name for use in series))
    return series[0] if series else None


def _thumbnail(item: Item, index: Index, findings: list[Finding]) -> Attachment | None:
    number = item.first_meta("_thumbnail_id")
    if not number.isdecimal() or not int(number):
        return None
    found = index.attachments.get(int(number))
    if found is None:
        findings.append(
            Finding(
                kind=Kind.PICTURE,
                what=f"image à la une nº {number[:20]}",
                detail="fichier absent de l’export",
            )
        )
    return found


def _guests(item: Item, options: Options, findings: list[Finding]) -> list[Person]:
    people = []
    for use in item.terms:
        if use.taxonomy != options.guest_taxonomy:
            continue
        name = last_name_first(use.name)
        _doubt(findings, use, name)
        people.append(Person(use=use, name=name))
    return people


def _hosts(item: Item, index: Index, findings: list[Finding]) -> list[Person]:
    """Co-authors who are people; « La rédaction » is none."""
    people = []
    for use in item.terms:
        if use.taxonomy != AUTHOR_TAXONOMY:
            continue
        account = index.authors.get(use.name)
        if account is not None and account.first_name and account.last_name:
            name: PersonName | None = PersonName(
                last=account.last_name[:LONGEST], first=account.first_name[:LONGEST]
            )
        else:
            name = first_name_first(use.name)
        if name is None:
            _look(findings, "signature qui n’est pas une personne", use.name, once=True)
            continue
        _doubt(findings, use, name)
        people.append(Person(use=use, name=name))
    return people


def _note_unknown_terms(item: Item, options: Options, findings: list[Finding]) -> None:
    known = TAG_TAXONOMIES | SILENT_TAXONOMIES | {
        AUTHOR_TAXONOMY, options.series_taxonomy, options.guest_taxonomy,
    }  # fmt: skip
    for taxonomy in sorted({use.taxonomy for use in item.terms} - known):
        names = ", ".join(use.name for use in item.terms if use.taxonomy == taxonomy)
        _look(findings, f"taxonomie laissée de côté : {taxonomy}", names)


def _old_paths(item: Item, index: Index) -> list[str]:
    """Where the post was: its link, `/<slug>`, and its former slugs beside each."""
    post_id = item.post_id or 0
    path = addresses.path_of(item.link)
    own = addresses.normal_path(item.name)
    former = [addresses.normal_path(slug) for slug in item.meta.get("_wp_old_slug", ())]
    dated = re.match(r"^(/\d{4}(?:/\d{2}){0,2})/[^/]+$", path)
    candidates = [path, own, *former]
    if dated:
        candidates += [f"{dated[1]}{slug}" for slug in former]
    # What is another post's address today stays that post's.
    return [
        candidate
        for candidate in dict.fromkeys(candidates)
        if candidate and index.claims(candidate) in {None, post_id}
    ]
