"""What the treasurer should see first."""

from django.http import HttpRequest
from django.urls import reverse

from auposte.notices import Notice, notice_source
from donations.admin import outbox, stripe_events
from donations.models import GivingSettings, OutgoingEmail, StripeEvent


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
