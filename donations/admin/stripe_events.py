"""Stripe's events: what came, what became of it, and another try."""

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from auposte.admin_filters import StateFilter
from auposte.modeladmin import ReadOnlyAdmin
from auposte.queue import enqueue
from donations.models import StripeEvent
from donations.services.retrying import replay_events
from donations.tasks import process_event

WAITING = Q(processed_at__isnull=True)
FAILING = WAITING & ~Q(last_error="")


class EventStateFilter(StateFilter):
    conditions = {
        "attente": ("En attente", WAITING),
        "erreur": ("En erreur", FAILING),
        "traite": ("Traité", ~WAITING),
    }


@admin.register(StripeEvent)
class StripeEventAdmin(ReadOnlyAdmin):
    list_display = (
        "id", "type", "object_id", "created", "state", "attempts", "next_attempt_at", "last_error",
    )  # fmt: skip
    list_filter = (EventStateFilter, "livemode", "type")
    date_hierarchy = "created"
    search_fields = ("id", "object_id", "type")
    show_full_result_count = False
    actions = ("replay",)

    def has_replay_permission(self, request: HttpRequest) -> bool:
        """Asking for another try changes no fact, so it has a right of its own."""
        return request.user.has_perm("donations.change_stripeevent")

    @admin.action(description="Rejouer", permissions=["replay"])
    def replay(self, request: HttpRequest, events: "QuerySet[StripeEvent]") -> None:
        ids = replay_events(event_ids=events.values_list("pk", flat=True))
        for event_id in ids:
            enqueue(process_event, event_id)
        for event in StripeEvent.objects.filter(pk__in=ids):
            self.log_change(request, event, "Rejoué.")
        messages.success(request, f"Événements remis en file : {len(ids)}.")

    @admin.display(description="état", ordering="processed_at")
    def state(self, event: StripeEvent) -> str:
        if event.processed_at:
            return "Traité"
        return "En erreur" if event.last_error else "En attente"
