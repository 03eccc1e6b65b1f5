"""Where Stripe announces events. The announcement is a trigger; the truth is asked for."""

import structlog
from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from auposte.queue import enqueue
from donations import stripe_client, tasks
from donations.services import events

log = structlog.get_logger(__name__)
LONGEST_LENGTH = 12  # digits: Python reads no number of thousands of them


def _plain(status: int, text: str) -> HttpResponse:
    return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")


@csrf_exempt
@require_POST
def stripe_webhook(request: HttpRequest) -> HttpResponse:
    """Verify the raw body, put the event into the inbox, commit, answer 200.

    400: not signed by Stripe, or of the other mode; 413: too big; 503: could not be kept, so that
    Stripe delivers it again.
    """
    declared = request.headers.get("content-length") or "0"
    readable = declared.isascii() and declared.isdigit() and len(declared) < LONGEST_LENGTH
    if not readable or int(declared) > settings.STRIPE_WEBHOOK_MAX_BYTES:
        return _plain(413, "Trop long.")
    try:
        notice = stripe_client.read_notice(
            body=request.body, signature=request.headers.get("Stripe-Signature", "")
        )
    except stripe_client.SignatureError:
        return _plain(400, "Signature refusée.")
    if notice.livemode != settings.STRIPE_LIVEMODE:
        log.error("wrong_livemode", stripe_event=notice.event_id)
        return _plain(400, "Mauvais mode.")
    try:
        due = events.receive([notice])
    except DatabaseError:
        return _plain(503, "Base de données indisponible.")
    for event_id in due:
        enqueue(tasks.process_event, event_id)
    return _plain(200, "Reçu.")
