"""Two people, one form: the second to save is told, loses nothing, and decides."""

import re
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict

from auposte.money import NBSP
from auposte.staff import name_of
from auposte.templatetags.french import french_moment
from broadcasts.admin.addresses import AddressForm
from broadcasts.admin.history import KeepsVersions
from broadcasts.services.version_reading import differences
from broadcasts.services.versions import Version, edition_of, versions_of

# What the video platforms fill in when nobody has: a form that was opened before must not empty it.
FILLED_MEANWHILE = ("scheduled_for", "aired_at", "duration_seconds")
MOST_ROWS = 1000


def opened_edition(data: Any) -> int:
    """The edition that the form was opened with; -1 when it does not say."""
    return _number(data.get("edition"))


def _number(text: Any) -> int:
    text = str(text or "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 18 else -1


class GuardedForm(AddressForm):
    """Carries the edition that it was opened with, and is refused when there is a newer one.

    Workers write with `update()` and keep no version: they stand in nobody's way.
    """

    conflict = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in FILLED_MEANWHILE:
            if name in self.fields:
                self.fields[name].show_hidden_initial = True

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        if self.instance.pk is None:
            return cleaned
        for name in FILLED_MEANWHILE:
            if name in cleaned and name not in self.changed_data:
                cleaned[name] = getattr(self.instance, name)
        edition = edition_of(self.instance)
        if edition not in {opened_edition(self.data), _number(self.data.get("_overwrite"))}:
            self.conflict = True
            told = f"Quelqu’un a enregistré cette page avant vous{NBSP}: voyez l’encadré ci-dessus."
            self.add_error(None, told)
        return cleaned


class RefusesStaleForms(KeepsVersions):
    """Shows what the other person changed, beside what was typed, and a button to save anyway."""

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        if obj is not None:
            form = context["adminform"].form
            opened = opened_edition(request.POST) if form.is_bound else edition_of(obj)
            context |= {"edition": opened}
            if getattr(form, "conflict", False):
                context |= {"conflict": self._conflict(request, obj, opened)}
        return super().render_change_form(request, context, add, change, form_url, obj)

    def _conflict(self, request: HttpRequest, page: Any, opened: int) -> dict[str, Any]:
        versions = versions_of(page).select_related("history_user")
        latest = versions.first()
        before = versions.filter(history_id__lte=opened).first() or versions.last()
        return {
            "told": _told(latest),
            "edition": latest.history_id if latest else 0,
            "fields": differences(before, latest) if latest else [],
            "had_files": bool(request.FILES),
        }

    def get_formset_kwargs(
        self, request: HttpRequest, obj: Any, inline: Any, prefix: str
    ) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_formset_kwargs(request, obj, inline, prefix)
        if "data" in kwargs and obj.pk is not None:
            self._mend_rows(request, kwargs["data"], obj, inline, prefix)
        return kwargs

    def _mend_rows(
        self, request: HttpRequest, data: QueryDict, page: Any, inline: Any, prefix: str
    ) -> None:
        """Rows that went away under the form: Django would refuse them, and not say why.

        A colleague deleted them: they come back as new ones if this person saves anyway. A sync
        replaced them: they go, and this person is told.
        """
        owner = inline.fk_name or type(page)._meta.model_name
        living = set(
            inline.model._default_manager.filter(**{owner: page}).values_list("pk", flat=True)
        )
        stale = edition_of(page) != opened_edition(request.POST)
        if without_dead_rows(data, prefix, living, revive=stale) and not stale:
            messages.warning(
                request,
                f"{str(inline.opts.verbose_name_plural).capitalize()}{NBSP}: des lignes ont été "
                "remplacées pendant que vous travailliez. Vérifiez-les.",
            )


def _told(latest: Version | None) -> str:
    if latest is None:
        return "Cette page a changé depuis que vous l’avez ouverte."
    return (
        f"{name_of(latest.history_user)} a enregistré cette page le "
        f"{french_moment(latest.history_date)}, pendant que vous y travailliez. "
        f"Rien de ce que vous avez tapé n’est perdu{NBSP}: relisez ce qui a changé, puis "
        "enregistrez quand même, ou rouvrez la page."
    )


def without_dead_rows(data: QueryDict, prefix: str, living: set[int], *, revive: bool) -> int:
    """Rewrite a formset's data without rows whose object is gone, or with them as new rows.

    Returns how many were dead.
    """
    total = _number(data.get(f"{prefix}-TOTAL_FORMS"))
    if not 0 < total <= MOST_ROWS:
        return 0
    kept: list[dict[str, list[str]]] = []
    fresh: list[dict[str, list[str]]] = []
    dead = 0
    for row in range(total):
        start = f"{prefix}-{row}-"
        fields = {key[len(start) :]: data.getlist(key) for key in data if key.startswith(start)}
        pk = _number((fields.get("id") or [""])[0])
        if pk in living:
            kept.append(fields)
        elif pk == -1:
            fresh.append(fields)
        else:
            dead += 1
            if revive and "DELETE" not in fields:
                fresh.append({**fields, "id": [""]})
    if not dead:
        return 0
    rows = re.compile(rf"{re.escape(prefix)}-[0-9]+-")
    for key in [key for key in data if rows.match(key)]:
        del data[key]
    for row, fields in enumerate([*kept, *fresh]):
        for name, values in fields.items():
            data.setlist(f"{prefix}-{row}-{name}", values)
    data[f"{prefix}-TOTAL_FORMS"] = str(len(kept) + len(fresh))
    data[f"{prefix}-INITIAL_FORMS"] = str(len(kept))
    return dead
