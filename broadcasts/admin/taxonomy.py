"""Series, tags, and the banner's mottoes."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from auposte.admin_filters import StateFilter
from auposte.modeladmin import InlineModelAdmin, ModelAdmin
from broadcasts.admin.addresses import AddressForm, PageAdmin
from broadcasts.admin.history import KeepsVersions
from broadcasts.admin.merging import MergesDuplicates
from broadcasts.models import Broadcast, Motto, Series, Tag, TagAlias
from broadcasts.services.merging import merge_tags, remember_tag


class ShelfAdmin(PageAdmin):
    """Something that broadcasts are put under, by their field `relation`."""

    relation: str

    def get_queryset(self, request: HttpRequest) -> Any:
        rows: QuerySet[Any] = super().get_queryset(request)
        public = Broadcast.objects.public().filter(**{self.relation: OuterRef("pk")})
        return rows.annotate(broadcast_count=Count("broadcasts"), is_public=Exists(public))

    @admin.display(description="émissions", ordering="broadcast_count")
    def broadcast_total(self, row: Any) -> int:
        return int(row.broadcast_count)

    @admin.display(description="sur le site")
    def on_site(self, row: Series | Tag) -> SafeString | str:
        return self.site_link(row)


class OnSiteFilter(StateFilter):
    """Whether something public is under it: without, it has no page and waits for its use."""

    title = "présence sur le site"
    parameter_name = "en-ligne"
    conditions = {
        "oui": ("Sur le site", Q(is_public=True)),
        "non": ("Sans émission en ligne", Q(is_public=False)),
    }


class TagForm(AddressForm):
    name_fields = ("name",)


@admin.register(Series)
class SeriesAdmin(ShelfAdmin, KeepsVersions):
    relation = "series"
    form = AddressForm
    list_display = ("title", "position", "broadcast_total", "on_site")
    ordering = ("position", "title")
    list_filter = (OnSiteFilter, ("description", admin.EmptyFieldListFilter))
    search_fields = ("title", "slug")
    fields = ("title", "slug", "position", "description")


class TagAliasInline(InlineModelAdmin):
    model = TagAlias
    extra = 0
    fields = ("name", "slug")


@admin.register(Tag)
class TagAdmin(MergesDuplicates, ShelfAdmin):
    """A tag's own page is the list narrowed to its name: a new name leaves the old one behind."""

    relation = "tags"
    merge_rows = staticmethod(merge_tags)
    form = TagForm
    inlines = (TagAliasInline,)
    list_display = ("name", "broadcast_total", "on_site")
    ordering = ("slug",)  # accents folded, which names are not: « École » before « Musique »
    list_filter = (OnSiteFilter, ("description", admin.EmptyFieldListFilter))
    search_fields = ("name", "slug", "aliases__name")
    fields = ("name", "slug", "description")

    def save_model(self, request: HttpRequest, obj: Tag, form: Any, change: bool) -> None:
        before = Tag.objects.filter(pk=obj.pk).first() if change else None
        super().save_model(request, obj, form, change)
        if before is not None and (before.name, before.slug) != (obj.name, obj.slug):
            remember_tag(tag=obj, name=before.name, slug=before.slug)

    def _facts(self, row: Tag) -> list[str]:
        return [
            f"{self.broadcast_total(row)} émissions",
            *([row.description] * bool(row.description)),
        ]


@admin.register(Motto)
class MottoAdmin(ModelAdmin):
    list_display = ("text", "position", "is_active")
    list_filter = ("is_active",)
    search_fields = ("text",)
