"""Who gets the newsletter, who wrote, and what waits for the mail server."""

from typing import Any

import structlog
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from auposte.admin_filters import StateFilter
from auposte.modeladmin import ModelAdmin, ReadOnlyAdmin, SavesOnlyChanges
from auposte.spreadsheets import csv_text
from outlet.models import ContactMessage, OutgoingLetter, Subscriber
from outlet.services import newsletter

log = structlog.get_logger(__name__)
CONFIRMED = Q(confirmed_at__isnull=False)


class SubscriberStateFilter(StateFilter):
    conditions = {
        "confirmee": ("Confirmée", CONFIRMED),
        "attente": ("À confirmer", ~CONFIRMED),
    }


@admin.register(Subscriber)
class SubscriberAdmin(ModelAdmin):
    """Nobody is put on the list by others: they ask, and confirm. They can be taken off it."""

    list_display = ("email", "state", "asked_at", "confirmed_at")
    list_filter = (SubscriberStateFilter,)
    search_fields = ("email",)
    fields = ("email", "state", "asked_at", "confirmed_at")
    readonly_fields = fields
    change_list_template = "admin/outlet/subscriber/change_list.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.export_view)
        return [path("lettre.csv", view, name="outlet_subscriber_export"), *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        context = {"confirmed": Subscriber.objects.confirmed().count(), **(extra_context or {})}
        return super().changelist_view(request, context)

    def export_view(self, request: HttpRequest) -> HttpResponse:
        """Everybody on the list, each with their own link to leave."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        log.info("newsletter_exported", user=request.user.pk)
        return HttpResponse(
            csv_text(newsletter.list_rows()),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": 'attachment; filename="lettre.csv"'},
        )

    @admin.display(description="état", ordering="confirmed_at")
    def state(self, subscriber: Subscriber) -> str:
        return "Confirmée" if subscriber.confirmed_at else "À confirmer"


@admin.register(ContactMessage)
class ContactMessageAdmin(SavesOnlyChanges):
    list_display = ("__str__", "name", "email", "beginning", "created_at", "is_answered")
    list_filter = ("is_answered",)
    date_hierarchy = "created_at"
    search_fields = ("name", "email", "text")
    fields = ("created_at", "name", "answer_link", "text", "is_answered")
    readonly_fields = ("created_at", "name", "answer_link", "text")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @admin.display(description="début")
    def beginning(self, message: ContactMessage) -> str:
        return Truncator(message.text).chars(80)

    @admin.display(description="adresse électronique")
    def answer_link(self, message: ContactMessage) -> SafeString:
        return format_html('<a href="mailto:{0}">{0}</a>', message.email)


class LetterStateFilter(StateFilter):
    conditions = {
        "attente": ("À envoyer", Q(attempts=0)),
        "echec": ("En échec", Q(attempts__gt=0)),
    }


@admin.register(OutgoingLetter)
class OutgoingLetterAdmin(ReadOnlyAdmin):
    list_display = ("subject", "to", "created_at", "attempts", "next_attempt_at", "last_error")
    list_filter = (LetterStateFilter,)
    search_fields = ("to", "subject")
    fields = (
        "subject", "to", "reply_to", "created_at", "attempts", "next_attempt_at", "last_error",
    )  # fmt: skip
