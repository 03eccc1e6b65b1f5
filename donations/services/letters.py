"""The outbox: letters are written with the booking and leave once, however often it is repeated."""

import datetime as dt

import structlog
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import F
from django.template.loader import render_to_string
from django.utils import timezone

from donations.models import Gift, OutgoingEmail

log = structlog.get_logger(__name__)
FIRST_RETRY_SECONDS, LAST_RETRY_SECONDS = 60, 6 * 3600


def write_thanks(gift: Gift) -> None:
    """Put the thanks for a paid gift into the outbox, once per gift. Call it while booking."""
    donor = gift.donor
    if donor is None or not donor.email:
        return
    context = {
        "gift": gift,
        "site_url": settings.SITE_URL,
        "statement": settings.STRIPE_STATEMENT,
        "tax_receipt_entity": settings.TAX_RECEIPT_ENTITY,
    }
    OutgoingEmail.objects.bulk_create(
        [
            OutgoingEmail(
                key=f"thanks:{gift.pk}",
                to=donor.email,
                subject="Merci pour votre don à Au Poste",
                text=render_to_string("donations/mail/thanks.txt", context),
                html=render_to_string("donations/mail/thanks.html", context),
            )
        ],
        ignore_conflicts=True,
    )


def send(letter_id: int) -> bool:
    """Send one due letter. False when somebody else has it, or when it could not leave.

    Moving `next_attempt_at` is the claim. A worker killed between the handing over and the note
    of it sends again: the Message-ID is made of the key, so mail readers show one letter.
    """
    now = timezone.now()
    letter = OutgoingEmail.objects.filter(pk=letter_id).first()
    if letter is None:
        return False
    wait = min(FIRST_RETRY_SECONDS * 2**letter.attempts, LAST_RETRY_SECONDS)
    claimed = (
        OutgoingEmail.objects.due()
        .filter(pk=letter_id, next_attempt_at=letter.next_attempt_at)
        .update(attempts=F("attempts") + 1, next_attempt_at=now + dt.timedelta(seconds=wait))
    )
    if not claimed:
        return False
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">")
    message = EmailMultiAlternatives(
        letter.subject,
        letter.text,
        settings.DEFAULT_FROM_EMAIL,
        [letter.to],
        reply_to=[settings.CONTACT_EMAIL],
        headers={"Message-ID": f"<{letter.key.replace(':', '.')}@{domain}>"},
    )
    if letter.html:
        message.attach_alternative(letter.html, "text/html")
    try:
        message.send()
    except Exception as error:  # mail backends raise all sorts; none is fatal
        log.warning("email_failed", letter=letter.key, error=type(error).__name__)
        OutgoingEmail.objects.filter(pk=letter_id).update(last_error=f"{error}"[:500])
        return False
    OutgoingEmail.objects.filter(pk=letter_id).update(sent_at=timezone.now(), last_error="")
    return True
