"""Versions in words: what each holds, field by field, and how two of them differ."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, TypeAlias

from django.db import models

from auposte.richtext import RichTextField
from auposte.templatetags.french import french_date, french_moment, timecode
from broadcasts.models import Appearance, Broadcast, Correction, Series, VideoSource
from broadcasts.models.parts import WithParts
from broadcasts.services.differences import Line, compare_lines, readable_lines
from broadcasts.services.versions import Page, Version, facts_of

# By field: the titles of the rows that it may name.
Titles: TypeAlias = dict[str, dict[int, str]]
PARTS = {
    "tags": "mots-clés",
    "appearances": "personnes",
    "chapters": "chapitres",
    "sources": "vidéos",
    "corrections": "corrections et droits de réponse",
}


@dataclass(frozen=True, kw_only=True)
class FieldDifference:
    """A field that differs. No line at all: only its markup does."""

    name: str
    label: str
    lines: tuple[Line, ...]


def as_it_stands(page: Page) -> Version:
    """The page now, as a version that is not kept."""
    return type(page).history.model(**facts_of(page))


def changed_labels(old: Version | None, new: Version) -> list[str]:
    """What a version changed: `titre`, `mots-clés`…; the state with where it went."""
    if old is None:
        return ["première version"]
    labels = [label for name, label, _ in _changed(old, new) if name != "status"]
    if old.__dict__.get("status") != new.__dict__.get("status"):
        labels.append(f"{old.get_status_display()} → {new.get_status_display()}")
    return labels


def differences(
    old: Version | None, new: Version, *, leave_out: frozenset[str] = frozenset()
) -> list[FieldDifference]:
    """Field by field, those that differ; from nothing when `old` is None."""
    titles = _titles(old, new)
    return [
        FieldDifference(
            name=name,
            label=label,
            lines=compare_lines(
                list(_lines(old, name, field, titles)) if old is not None else [],
                list(_lines(new, name, field, titles)),
            ),
        )
        for name, label, field in _changed(old, new)
        if name not in leave_out
    ]


def _changed(
    old: Version | None, new: Version
) -> Iterator[tuple[str, str, "models.Field[Any, Any] | None"]]:
    """(name, label, the field; None for a part) of what differs."""
    for field in type(new).tracked_fields:
        value = getattr(new, field.attname)
        before = getattr(old, field.attname) if old is not None else None
        if not field.primary_key and before != value and {before, value} != {None, ""}:
            yield field.name, str(field.verbose_name), field
    if isinstance(new, WithParts):
        before = old.parts if old is not None else {}
        for name, label in PARTS.items():
            if (before.get(name) or []) != (new.parts.get(name) or []):
                yield name, label, None


def _lines(
    version: Version, name: str, field: "models.Field[Any, Any] | None", titles: Titles
) -> Iterator[str]:
    """A field's value as lines that somebody reads."""
    if field is None:
        for fact in version.parts.get(name) or []:
            yield from _part_lines(name, fact)
        return
    value = getattr(version, field.attname)
    if value in (None, ""):
        return
    if isinstance(field, RichTextField):
        yield from readable_lines(value)
    elif isinstance(field, models.DateTimeField):
        yield french_moment(value)
    elif isinstance(field, models.ImageField):
        yield PurePosixPath(value).name
    elif isinstance(field, models.ForeignKey):
        yield titles[name].get(value, "(supprimée)")
    elif name in {"duration_seconds", "extract_start_seconds"}:
        yield timecode(value)
    elif field.choices:
        yield str(dict(field.flatchoices).get(value, value))
    else:
        yield from str(value).splitlines()


def _part_lines(name: str, fact: dict[str, Any]) -> Iterator[str]:
    match name:
        case "tags":
            yield fact["name"]
        case "appearances":
            said = (fact["name"], Appearance.Role(fact["role"]).label, fact["function"])
            yield ", ".join(part for part in said if part)
        case "chapters":
            yield f"{timecode(fact['start_seconds'])} {fact['title']}"
        case "sources":
            platform, role = VideoSource.Platform(fact["platform"]), VideoSource.Role(fact["role"])
            yield f"{platform.label} {fact['external_id']}, {role.label}"
        case "corrections":
            kind = Correction.Kind(fact["kind"]).label
            day = french_date(Correction._meta.get_field("dated").to_python(fact["dated"]))
            yield f"{kind} du {day}" + (f", {fact['author']}" if fact["author"] else "")
            yield from readable_lines(fact["text"])


def _titles(*versions: Version | None) -> Titles:
    """What versions of broadcasts name by its number alone."""
    if not any(isinstance(version, Broadcast.history.model) for version in versions):
        return {}
    there = [version for version in versions if version is not None]
    series = Series.objects.filter(pk__in=[version.series_id for version in there])
    wholes = Broadcast.objects.filter(pk__in=[version.extract_of_id for version in there])
    return {
        "series": dict(series.values_list("pk", "title")),
        "extract_of": dict(wholes.values_list("pk", "title")),
    }
