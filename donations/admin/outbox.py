"""Letters: written, sent, or stuck."""

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from auposte.admin_filters import StateFilter
from auposte.modeladmin import ReadOnlyAdmin
from auposte.queue import enqueue
from donations.models import OutgoingEmail
from donations.services.retrying import resend_letters
from donations.tasks import send_letter

WAITING = Q(sent_at__isnull=True)
FAILING = WAITING & Q(attempts__gt=0)


class LetterStateFilter(StateFilter):
    conditions = {
        "attente": ("En attente", WAITING),
        "echec": ("En échec", FAILING),
        "envoye": ("Envoyé", ~WAITING),
    }


@admin.register(OutgoingEmail)
class OutgoingEmailAdmin(ReadOnlyAdmin):
    list_display = (
        "subject", "to", "state", "created_at", "sent_at", "attempts", "next_attempt_at",
        "last_error",
    )  # fmt: skip
    list_filter = (LetterStateFilter,)
    date_hierarchy = "created_at"
    search_fields = ("to", "subject", "key")
    show_full_result_count = False
    actions = ("resend",)
    fields = (
        "subject", "to", "key", "text", "created_at", "sent_at", "attempts", "next_attempt_at",
        "last_error",
    )  # fmt: skip

    def has_resend_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("donations.change_outgoingemail")

    @admin.action(description="Renvoyer (ceux qui ne sont pas partis)", permissions=["resend"])
    def resend(self, request: HttpRequest, letters: "QuerySet[OutgoingEmail]") -> None:
        ids = resend_letters(letter_ids=letters.values_list("pk", flat=True))
        for letter_id in ids:
            enqueue(send_letter, letter_id)
        for letter in OutgoingEmail.objects.filter(pk__in=ids):
            self.log_change(request, letter, "Renvoyé.")
        messages.success(request, f"Courriels remis en file : {len(ids)}.")

    @admin.display(description="état", ordering="sent_at")
    def state(self, letter: OutgoingEmail) -> str:
        if letter.sent_at:
            return "Envoyé"
        return "En échec" if letter.attempts else "En attente"
