"""What the treasurer should see first."""

import datetime as dt

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from auposte.money import NBSP, euros
from auposte.notices import Notice, notice_source
from donations.admin import outbox, stripe_events
from donations.models import GivingSettings, LedgerEntry, OutgoingEmail, StripeEvent
from donations.services import moderation, reconciling

RECONCILED_WITHIN = dt.timedelta(hours=36)


def _counted(count: int, one: str, many: str) -> str:
    return one if count == 1 else many.format(count)


@notice_source
def till_is_closed(request: HttpRequest) -> Notice | None:
    if not request.user.has_perm("donations.view_givingsettings") or GivingSettings.load().is_open:
        return None
    return Notice(
        "Les dons par carte sont fermés.",
        reverse("admin:donations_givingsettings_change", args=[1]),
        "warning",
    )


@notice_source
def words_wait(request: HttpRequest) -> Notice | None:
    if not request.user.has_perm("donations.change_gift"):
        return None
    address = reverse("donations:regie")
    if GivingSettings.load().on_air_hidden:
        return Notice("La régie : tout est masqué à l’antenne.", address, "warning")
    count = moderation.waiting_count()
    if not count:
        return Notice("La régie : rien à lire.", address)
    return Notice(_counted(count, "La régie : un don à lire", "La régie : {} dons à lire"), address)


@notice_source
def events_wait(request: HttpRequest) -> Notice | None:
    if not request.user.has_perm("donations.view_stripeevent"):
        return None
    count = StripeEvent.objects.filter(stripe_events.WAITING).count()
    if not count:
        return None
    return Notice(
        _counted(count, "Un événement Stripe en attente", "{} événements Stripe en attente"),
        reverse("admin:donations_stripeevent_changelist") + "?etat=attente",
        "warning" if StripeEvent.objects.filter(stripe_events.FAILING).exists() else "info",
    )


@notice_source
def letters_fail(request: HttpRequest) -> Notice | None:
    if not request.user.has_perm("donations.view_outgoingemail"):
        return None
    count = OutgoingEmail.objects.filter(outbox.FAILING).count()
    if not count:
        return None
    return Notice(
        _counted(count, "Un courriel ne part pas", "{} courriels ne partent pas"),
        reverse("admin:donations_outgoingemail_changelist") + "?etat=echec",
        "warning",
    )


@notice_source
def books_differ(request: HttpRequest) -> Notice | None:
    """The last comparison with Stripe found a difference, or there was none for too long."""
    if not request.user.has_perm("donations.view_reconciliationrun"):
        return None
    newest = reconciling.newest_complete()
    late = timezone.now() - RECONCILED_WITHIN
    if newest is None or newest.ended_at is None or newest.ended_at < late:
        if not LedgerEntry.objects.filter(
            source__startswith="stripe:", recorded_at__lt=late
        ).exists():
            return None
        return Notice(
            f"Le grand livre n’a pas été rapproché de Stripe depuis plus de 36{NBSP}heures.",
            reverse("admin:donations_reconciliationrun_changelist"),
            "warning",
        )
    if newest.state != newest.State.DIFFERENT:
        return None
    return Notice(
        f"Le grand livre et Stripe ne s’accordent pas{NBSP}: {euros(newest.difference_cents)} "
        "d’écart",
        reverse("admin:donations_reconciliationrun_change", args=[newest.pk]),
        "warning",
    )
