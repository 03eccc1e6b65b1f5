"""A filter for what broadcasts lack: the start page leads to it."""

from django.contrib import admin
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest

from broadcasts.models import Appearance, Broadcast, VideoSource

_RELATED = OuterRef("pk")
LACKS: dict[str, tuple[str, Q]] = {
    "image": ("Image", Q(image="")),
    "alt": ("Texte alternatif", ~Q(image="") & Q(image_alt="")),
    "chapo": ("Chapô", Q(dek="")),
    "texte": ("Texte", Q(body_opening="", body_rest="")),
    "invites": ("Invité·es", ~Q(Exists(Appearance.objects.filter(broadcast=_RELATED)))),
    "video": (
        "Vidéo qui marche",
        ~Q(
            Exists(
                VideoSource.objects.filter(
                    broadcast=_RELATED, availability=VideoSource.Availability.AVAILABLE
                )
            )
        ),
    ),
}


class LackFilter(admin.SimpleListFilter):
    title = "ce qui manque"
    parameter_name = "manque"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [(name, label) for name, (label, _) in LACKS.items()]

    def queryset(
        self, request: HttpRequest, queryset: "QuerySet[Broadcast]"
    ) -> "QuerySet[Broadcast]":
        found = LACKS.get(self.value() or "")
        return queryset.filter(found[1]) if found else queryset
