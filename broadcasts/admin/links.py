"""Which links of the archive lead nowhere any more."""

from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from auposte.modeladmin import ReadOnlyAdmin
from broadcasts.models import OutgoingLink


class LinkStateFilter(admin.SimpleListFilter):
    title = "état"
    parameter_name = "etat"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [("casse", "Cassé"), ("douteux", "En échec depuis peu"), ("bon", "Bon")]

    def queryset(
        self, request: HttpRequest, queryset: "QuerySet[OutgoingLink]"
    ) -> "QuerySet[OutgoingLink]":
        broken = OutgoingLink.FAILURES_BEFORE_BROKEN
        match self.value():
            case "casse":
                return queryset.filter(failures__gte=broken)
            case "douteux":
                return queryset.filter(failures__gte=1, failures__lt=broken)
            case "bon":
                return queryset.filter(failures=0, checked_at__isnull=False)
        return queryset


@admin.register(OutgoingLink)
class OutgoingLinkAdmin(ReadOnlyAdmin):
    list_display = ("url", "state", "problem", "checked_at", "uses")
    list_filter = (LinkStateFilter,)
    search_fields = ("url", "broadcasts__title")
    fields = ("url", "state", "problem", "status", "failures", "checked_at", "where")
    readonly_fields = ("state", "where")
    actions = ("check_again",)

    def get_queryset(self, request: HttpRequest) -> "QuerySet[OutgoingLink]":
        links: QuerySet[OutgoingLink] = super().get_queryset(request)
        return links.annotate(use_count=Count("broadcasts"))

    @admin.display(description="état", ordering="failures")
    def state(self, link: OutgoingLink) -> str:
        if link.checked_at is None:
            return "Pas encore essayé"
        if link.is_broken:
            return "Cassé"
        return "En échec" if link.failures else "Bon"

    @admin.display(description="émissions", ordering="use_count")
    def uses(self, link: OutgoingLink) -> int:
        return int(getattr(link, "use_count", 0))

    @admin.display(description="dans")
    def where(self, link: OutgoingLink) -> SafeString | str:
        rows = link.broadcasts.only("title")[:50]
        links = format_html_join(
            ", ",
            '<a href="{}">{}</a>',
            ((reverse("admin:broadcasts_broadcast_change", args=[row.pk]), row) for row in rows),
        )
        return format_html("{}", links) if links else "–"

    def has_check_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("broadcasts.change_broadcast")

    @admin.action(description="Essayer à nouveau bientôt", permissions=["check"])
    def check_again(self, request: HttpRequest, queryset: "QuerySet[OutgoingLink]") -> None:
        rows = OutgoingLink.objects.filter(pk__in=queryset.values("pk"))
        count = rows.update(check_due_at=timezone.now())
        messages.success(
            request,
            "Le lien sera essayé dans les minutes qui viennent."
            if count == 1
            else f"{count} liens seront essayés dans les minutes qui viennent.",
        )
