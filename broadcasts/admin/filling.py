"""« Remplir »: the form takes what it lacks from the address of a video.

With htmx the answer is a word about it and the values, which `static/admin_extra/filling.js` puts
into empty fields; without, the whole form comes back, filled and unsaved.
"""

import datetime as dt
import json
from typing import Any

from django.contrib.admin.helpers import AdminForm
from django.core.exceptions import PermissionDenied
from django.forms import Media
from django.forms.utils import ErrorDict, ErrorList
from django.forms.widgets import Script
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import capfirst

from auposte.modeladmin import ModelAdmin
from auposte.money import NBSP
from auposte.templatetags.french import timecode
from broadcasts.models import Broadcast
from broadcasts.services.filling import Filling, NoVideoError, TakenVideoError, find_filling
from broadcasts.services.videos.lookup import SilentPlatformError, UnknownVideoError
from broadcasts.services.videos.matching import moment_of

ADDRESS = "video_address"
BUTTON = "_fill"
Values = dict[str, str]


class FillsFromVideo(ModelAdmin):
    """A form with a field for a video's address, as long as the broadcast has no video."""

    @property
    def media(self) -> Media:
        start = Script("admin_extra/filling.js", type="module")
        return super().media + Media(js=[start])  # type: ignore[list-item]  # stubs know strings

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        if request.method == "POST" and _asks_to_fill(request.POST):
            return self._fill(request, object_id)
        return super().changeform_view(request, object_id, form_url, extra_context)

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        allowed = self.has_change_permission(request, obj) if obj else True
        if allowed and (obj is None or not obj.sources.exists()):
            context |= {"fills": True, "video_address": request.POST.get(ADDRESS, "")}
        return super().render_change_form(request, context, add, change, form_url, obj)

    def _fill(self, request: HttpRequest, object_id: str | None) -> HttpResponse:
        broadcast = None if object_id is None else self.get_object(request, object_id)
        if object_id is not None and broadcast is None:
            return self._get_obj_does_not_exist_redirect(  # type: ignore[attr-defined,no-any-return]
                request, self.opts, object_id
            )
        if not (
            self.has_add_permission(request)
            if broadcast is None
            else self.has_change_permission(request, broadcast)
        ):
            raise PermissionDenied
        told, filling = _find(request.POST.get(ADDRESS, ""))
        context = {"told": told, "filled": filling is not None}
        if getattr(request, "htmx", False):
            rows = _rows_of(filling) if filling else {}
            values = {"fields": _fields_of(filling) if filling else {}, "rows": rows}
            context["values"] = json.dumps(values)
            return render(request, "admin/broadcasts/broadcast/filled.html", context)
        data = request.POST.copy()
        if filling is not None:
            _fill_data(data, filling)
        request.POST = data  # type: ignore[assignment]  # immutable for Django's stubs
        return self._unsaved_page(request, broadcast, context)

    def _unsaved_page(
        self, request: HttpRequest, broadcast: Broadcast | None, told: dict[str, Any]
    ) -> HttpResponse:
        """The form with what was sent, as the first time: nothing is judged before it is saved."""
        add = broadcast is None
        form_class: Any = self.get_form(request, broadcast, change=not add)
        form = form_class(request.POST, instance=broadcast)
        formsets, inlines = self._create_formsets(  # type: ignore[attr-defined]
            request, form.instance, change=not add
        )
        form._errors = ErrorDict()
        for formset in formsets:
            for row in formset.forms:
                row._errors = ErrorDict()
            formset._errors = [ErrorDict() for _ in formset.forms]
            formset._non_form_errors = ErrorList()
        fieldsets: Any = self.get_fieldsets(request, broadcast)
        shown = AdminForm(
            form,
            fieldsets,
            self.get_prepopulated_fields(request, broadcast),
            self.get_readonly_fields(request, broadcast),
            model_admin=self,
        )
        rows = self.get_inline_formsets(request, formsets, inlines, broadcast)
        name = str(self.opts.verbose_name)
        context = {
            **self.admin_site.each_context(request),
            "title": f"Ajout : {name}" if add else capfirst(name),
            "subtitle": None if add else str(broadcast),
            "adminform": shown,
            "object_id": None if broadcast is None else str(broadcast.pk),
            "original": broadcast,
            "is_popup": False,
            "to_field": None,
            "media": sum((row.media for row in rows), self.media + shown.media),
            "inline_admin_formsets": rows,
            "errors": ErrorList(),
            "preserved_filters": self.get_preserved_filters(request),
            **told,
        }
        return self.render_change_form(request, context, add=add, change=not add, obj=broadcast)


def _asks_to_fill(data: QueryDict) -> bool:
    """By its button; or by the Enter key, which presses « Enregistrer », in a form just begun."""
    begun = bool(data.get("title", "").strip())
    return BUTTON in data or (bool(data.get(ADDRESS, "").strip()) and not begun)


def _find(address: str) -> tuple[str, Filling | None]:
    """What to tell about an address, and what was found there."""
    try:
        filling = find_filling(address)
    except TakenVideoError as error:
        form = reverse("admin:broadcasts_broadcast_change", args=[error.broadcast.pk])
        taken = "Cette vidéo est déjà celle de «{}<a href='{}'>{}</a>{}»."
        return format_html(taken, NBSP, form, error.broadcast, NBSP), None
    except SilentPlatformError as error:
        return f"{error} Rien n’est perdu{NBSP}: réessayez, ou remplissez à la main.", None
    except (NoVideoError, UnknownVideoError) as error:
        return str(error), None
    if filling.video is None:
        return (
            f"{filling.platform} ne se lit pas d’ici{NBSP}: l’adresse est gardée comme source, "
            "le reste s’écrit à la main.",
            filling,
        )
    return (
        f"Les champs vides sont remplis d’après {filling.platform}, «{NBSP}{filling.video.title}"
        f"{NBSP}». Relisez, puis enregistrez.",
        filling,
    )


def _fields_of(filling: Filling) -> Values:
    """The form's fields by name, as somebody would type them in; those that are known."""
    season, number = filling.season_and_number or ("", "")
    values = {"title": filling.title, "dek": filling.dek}
    values |= {"season": str(season), "number": str(number)}
    if filling.video is not None:
        video, moment = filling.video, moment_of(filling.video)
        values |= {
            **_moment("scheduled_for", video.scheduled_for),
            **_moment("aired_at", moment if moment and moment <= timezone.now() else None),
            "duration_seconds": timecode(video.duration_seconds) if video.duration_seconds else "",
        }
    return {name: value for name, value in values.items() if value}


def _moment(name: str, moment: dt.datetime | None) -> Values:
    if moment is None:
        return {}
    local = timezone.localtime(moment)
    return {f"{name}_0": f"{local:%d/%m/%Y}", f"{name}_1": f"{local:%H:%M:%S}"}


def _rows_of(filling: Filling) -> dict[str, list[Values]]:
    """Rows for the form's inlines, by prefix."""
    source = {
        "platform": filling.address.platform,
        "external_id": filling.address.external_id,
        "role": filling.role.value,
    }
    if filling.video is not None and filling.video.duration_seconds:
        source["duration_seconds"] = timecode(filling.video.duration_seconds)
    chapters = [
        {"start_seconds": timecode(chapter.start_seconds), "title": chapter.title[:200]}
        for chapter in filling.chapters
        if chapter.title
    ]
    return {"sources": [source], "chapters": chapters}


def _fill_data(data: QueryDict, filling: Filling) -> None:
    """Into what is empty only; rows where there are none."""
    fields = _fields_of(filling)
    halves = {"scheduled_for", "aired_at"}
    for name, value in fields.items():
        whole = name.removesuffix("_0").removesuffix("_1")
        touched = [f"{whole}_0", f"{whole}_1"] if whole in halves else [name]
        if not any(data.get(one, "").strip() and data[one] != fields.get(one) for one in touched):
            data[name] = value
    for prefix, rows in _rows_of(filling).items():
        if data.get(f"{prefix}-TOTAL_FORMS", "0") != "0":
            continue
        data[f"{prefix}-TOTAL_FORMS"] = str(len(rows))
        for number, row in enumerate(rows):
            for name, value in row.items():
                data[f"{prefix}-{number}-{name}"] = value
