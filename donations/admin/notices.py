"""What the treasurer should see first."""

import datetime as dt

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from auposte.money import NBSP, euros
from auposte.notices import Notice, notice_source
from auposte.templatetags.french import french_moment
from donations.admin import outbox, stripe_events
from donations.models import GivingSettings, LedgerEntry, OutgoingEmail, RefundOrder, StripeEvent
from donations.services import moderation, reconciling
from donations.services.disputes import open_disputes, warnings_to_act_on

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


@notice_source
def disputes_wait(request: HttpRequest) -> Notice | None:
    """The nearest deadline is what counts: after it, a dispute is lost unread."""
    if not request.user.has_perm("donations.view_dispute"):
        return None
    waiting = list(open_disputes())
    if not waiting:
        return None
    text = _counted(
        len(waiting), "Un litige attend une réponse", "{} litiges attendent une réponse"
    )
    due_by = waiting[0].due_by
    if due_by is not None:
        first = "" if len(waiting) == 1 else "le premier "
        text += f", {first}avant le {french_moment(due_by)}"
    return Notice(
        text, reverse("admin:donations_dispute_changelist") + "?etat=a-repondre", "warning"
    )


@notice_source
def banks_warn(request: HttpRequest) -> Notice | None:
    if not request.user.has_perm("donations.view_fraudwarning"):
        return None
    warnings = list(warnings_to_act_on()[:100])
    if not warnings:
        return None
    lists = reverse("admin:donations_fraudwarning_changelist") + "?actionable__exact=1"
    alone = reverse("admin:donations_gift_change", args=[warnings[0].gift_id])
    return Notice(
        _counted(
            len(warnings),
            "Une alerte de fraude\u00a0: rembourser évite un litige",
            "{} alertes de fraude\u00a0: rembourser évite des litiges",
        ),
        alone if len(warnings) == 1 else lists,
        "warning",
    )


@notice_source
def refunds_wait(request: HttpRequest) -> Notice | None:
    if not request.user.has_perm("donations.view_refundorder"):
        return None
    count = RefundOrder.objects.filter(state=RefundOrder.State.ASKED).count()
    if not count:
        return None
    return Notice(
        _counted(count, "Un remboursement attend Stripe", "{} remboursements attendent Stripe"),
        reverse("admin:donations_refundorder_changelist") + "?state__exact=asked",
    )
