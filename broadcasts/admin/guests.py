"""People. Here rather than in `guests`, since their former addresses are redirects of ours."""

from django.contrib import admin
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from auposte.modeladmin import picture
from broadcasts.admin.addresses import AddressForm
from broadcasts.admin.history import KeepsVersions
from broadcasts.admin.merging import MergesDuplicates
from broadcasts.models import Broadcast
from broadcasts.services.merging import merge_guests
from guests.forms import ElsewhereField
from guests.models import Guest


class GuestForm(AddressForm):
    name_fields = ("first_name", "last_name")

    elsewhere = ElsewhereField(
        label="Ailleurs",
        required=False,
        help_text="Une adresse par ligne : Wikipédia, Wikidata, un site, Mastodon… "
        "La page les montre, et les moteurs de recherche savent de qui il s’agit.",
    )


@admin.register(Guest)
class GuestAdmin(MergesDuplicates, KeepsVersions):
    form = GuestForm
    merge_rows = staticmethod(merge_guests)
    list_display = ("list_name", "title", "appearances_count", "updated_at", "on_site")
    search_fields = ("last_name", "first_name", "slug", "title", "sort_key")
    search_help_text = "Nom, prénom, fonction (sans accents aussi)"
    list_filter = ("appearances__role", "updated_at")
    ordering = ("sort_key", "pk")
    readonly_fields = ("in_broadcasts", "portrait_preview", "created_at", "updated_at")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("last_name", "first_name"),
                    "slug",
                    "title",
                    "bio",
                    "elsewhere",
                    "in_broadcasts",
                ),
                "description": "Un nom unique, ou un pseudonyme, va dans « nom » ; "
                "les particules (« de La ») restent avec lui.",
            },
        ),
        (
            "Portrait",
            {"fields": ("portrait_preview", "portrait", "portrait_alt", "portrait_credit")},
        ),
        ("Dates", {"classes": ("collapse",), "fields": ("created_at", "updated_at")}),
    )

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Guest]":
        guests: QuerySet[Guest] = super().get_queryset(request)
        public = Broadcast.objects.public().filter(guests=OuterRef("pk"))
        return guests.annotate(times=Count("appearances"), is_public=Exists(public))

    @admin.display(description="nom", ordering="sort_key")
    def list_name(self, guest: Guest) -> str:
        return guest.list_name

    @admin.display(description="émissions", ordering="times")
    def appearances_count(self, guest: Guest) -> int:
        times: int = guest.times  # type: ignore[attr-defined]  # annotated above
        return times

    @admin.display(description="émissions")
    def in_broadcasts(self, guest: Guest) -> SafeString | str:
        """A link, not an inline: who hosts is in a thousand of them."""
        if guest._state.adding:
            return "–"
        address = reverse("admin:broadcasts_broadcast_changelist")
        return format_html(
            '<a href="{}?guests__id__exact={}">{}</a>',
            address,
            guest.pk,
            self.appearances_count(guest),
        )

    def _facts(self, guest: Guest) -> list[str]:
        facts = [guest.title, guest.slug, f"{self.appearances_count(guest)} émissions"]
        return [fact for fact in (*facts, "portrait" if guest.portrait else "") if fact]

    @admin.display(description="sur le site")
    def on_site(self, guest: Guest) -> SafeString | str:
        return self.site_link(guest)

    @admin.display(description="aperçu")
    def portrait_preview(self, guest: Guest) -> str | SafeString:
        return picture(guest.portrait, width=200)
