"""Series, tags, and the banner's mottoes."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from auposte.modeladmin import ModelAdmin
from broadcasts.admin.addresses import AddressForm, KeepsOldAddress, PageAdmin
from broadcasts.models import Broadcast, Motto, Series, Tag


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


class TagForm(AddressForm):
    name_fields = ("name",)


@admin.register(Series)
class SeriesAdmin(ShelfAdmin, KeepsOldAddress):
    relation = "series"
    form = AddressForm
    list_display = ("title", "position", "broadcast_total", "on_site")
    ordering = ("position", "title")
    search_fields = ("title", "slug")
    fields = ("title", "slug", "position", "description")


@admin.register(Tag)
class TagAdmin(ShelfAdmin):
    """A tag's own page is the list narrowed to its name, so its slug leads nowhere by itself."""

    relation = "tags"

    form = TagForm
    list_display = ("name", "broadcast_total", "on_site")
    ordering = ("name",)
    search_fields = ("name", "slug")
    fields = ("name", "slug", "description")


@admin.register(Motto)
class MottoAdmin(ModelAdmin):
    list_display = ("text", "position", "is_active")
    list_filter = ("is_active",)
    search_fields = ("text",)
