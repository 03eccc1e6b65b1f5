"""The outbox: letters are written with the booking and leave once, however often it is repeated."""

import datetime as dt
from typing import Any
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import F
from django.template import TemplateDoesNotExist
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString

from donations.models import Gift, OutgoingEmail, Receipt, ReceiptFile, ReceiptIssuer
from donations.services import campaigns, months

log = structlog.get_logger(__name__)
FIRST_RETRY_SECONDS, LAST_RETRY_SECONDS = 60, 6 * 3600


def write(
    *,
    key: str,
    to: str,
    subject: str,
    template: str,
    context: dict[str, Any] | None = None,
    receipt: Receipt | None = None,
) -> None:
    """Put a letter into the outbox, once per `key`: `donations/mail/<template>.txt`, and `.html`
    where there is one. Call it in the transaction of what it tells. Without `to` nothing happens.
    """
    if not to:
        return
    shown = {
        "site_url": settings.SITE_URL,
        "site_name": urlsplit(settings.SITE_URL).netloc,
        "contact": settings.CONTACT_EMAIL,
        **(context or {}),
    }
    try:
        html = render_to_string(f"donations/mail/{template}.html", shown)
    except TemplateDoesNotExist:
        html = SafeString()
    OutgoingEmail.objects.bulk_create(
        [
            OutgoingEmail(
                key=key,
                to=to,
                subject=subject,
                text=render_to_string(f"donations/mail/{template}.txt", shown),
                html=html,
                receipt=receipt,
            )
        ],
        ignore_conflicts=True,
    )


def tell_treasurer(
    *, key: str, subject: str, template: str, context: dict[str, Any] | None = None
) -> None:
    """The same, to whoever keeps the money."""
    write(key=key, to=settings.TREASURER_EMAIL, subject=subject, template=template, context=context)


def statement_of(gift: Gift) -> str:
    """What the giver's bank statement says. Of monthly gifts Stripe takes no suffix."""
    monthly = gift.kind == Gift.Kind.MONTHLY
    return settings.STRIPE_STATEMENT_PREFIX if monthly else settings.STRIPE_STATEMENT


def write_thanks(gift: Gift) -> None:
    """Put the thanks for a paid gift into the outbox, once per gift. Call it while booking."""
    donor = gift.donor
    if donor is None or not donor.email or gift.paid_at is None:
        return
    renewal = months.is_renewal(gift)
    month = campaigns.MONTHS[campaigns.paris_month(gift.paid_at).month - 1]
    of_month = f"d’{month}" if month[0] in "ao" else f"de {month}"
    write(
        key=f"thanks:{gift.pk}",
        to=donor.email,
        subject=f"Votre don {of_month} à Au Poste"
        if renewal
        else "Merci pour votre don à Au Poste",
        template="thanks",
        context={
            "gift": gift,
            "renewal": renewal,
            "of_month": of_month,
            "statement": statement_of(gift),
            "tax_receipt_entity": ReceiptIssuer.entitled_name(),
        },
    )


def send(letter_id: int) -> bool:
    """Send one due letter. False when somebody else has it, or when it could not leave.

    Moving `next_attempt_at` is the claim. A worker killed between the handing over and the note
    of it sends again: the Message-ID is made of the key, so mail readers show one letter.
    """
    now = timezone.now()
    letter = OutgoingEmail.objects.select_related("receipt").filter(pk=letter_id).first()
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
    if letter.receipt is not None:
        # A letter with a paper waits for it: the sweeper comes again.
        pdf = ReceiptFile.objects.filter(receipt=letter.receipt).first()
        if pdf is None:
            return False
        message.attach(f"{letter.receipt.full_number}.pdf", bytes(pdf.pdf), "application/pdf")
    try:
        message.send()
    except Exception as error:  # mail backends raise all sorts; none is fatal
        log.warning("email_failed", letter=letter.key, error=type(error).__name__)
        OutgoingEmail.objects.filter(pk=letter_id).update(last_error=f"{error}"[:500])
        return False
    OutgoingEmail.objects.filter(pk=letter_id).update(sent_at=timezone.now(), last_error="")
    return True
