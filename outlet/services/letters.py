"""Letters to readers and to the newsroom: written with what they tell, sent by a worker."""

import datetime as dt
from typing import Any
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import F
from django.template.loader import render_to_string
from django.utils import timezone

from outlet.models import OutgoingLetter

log = structlog.get_logger(__name__)
FIRST_RETRY_SECONDS, LAST_RETRY_SECONDS = 60, 6 * 3600
# What has not left by then is of no use to anybody.
KEPT = dt.timedelta(days=14)
BATCH = 50


def write(
    *,
    to: str,
    subject: str,
    template: str,
    context: dict[str, Any],
    reply_to: str = "",
    leave_url: str = "",
) -> int:
    """Put `outlet/mail/<template>.txt` among those that wait; its key. Call it in the transaction
    of what it tells. `subject` must hold nothing that a stranger has typed.
    """
    shown = {
        "site_url": settings.SITE_URL,
        "site_name": urlsplit(settings.SITE_URL).netloc,
        **context,
    }
    letter = OutgoingLetter.objects.create(
        to=to,
        reply_to=reply_to,
        subject=subject,
        text=render_to_string(f"outlet/mail/{template}.txt", shown),
        leave_url=leave_url,
    )
    return letter.pk


def due() -> list[int]:
    """Those to try now, the longest waiting first; before them those that never failed.

    Else who types addresses that no mail server takes would keep the others waiting.
    """
    due = OutgoingLetter.objects.due().order_by("attempts", "next_attempt_at", "pk")
    return list(due.values_list("pk", flat=True)[:BATCH])


def send(letter_id: int) -> bool:
    """Send one due letter. False when somebody else has it, or when it could not leave.

    Moving `next_attempt_at` is the claim. A worker killed between the handing over and the note
    of it sends again, under the same Message-ID: mail readers show one letter.
    """
    letter = OutgoingLetter.objects.filter(pk=letter_id).first()
    if letter is None:
        return False
    wait = min(FIRST_RETRY_SECONDS * 2 ** min(letter.attempts, 16), LAST_RETRY_SECONDS)
    claimed = (
        OutgoingLetter.objects.due()
        .filter(pk=letter_id, next_attempt_at=letter.next_attempt_at)
        .update(
            attempts=F("attempts") + 1,
            next_attempt_at=timezone.now() + dt.timedelta(seconds=wait),
        )
    )
    if not claimed:
        return False
    try:
        _message(letter).send()
    except Exception as error:  # mail backends raise all sorts; none is fatal
        log.warning("letter_failed", letter=letter_id, error=type(error).__name__)
        OutgoingLetter.objects.filter(pk=letter_id).update(last_error=f"{error}"[:500])
        return False
    OutgoingLetter.objects.filter(pk=letter_id).delete()
    return True


def _message(letter: OutgoingLetter) -> EmailMessage:
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">")
    headers = {"Message-ID": f"<outlet.{letter.pk}.{letter.created_at.timestamp():.0f}@{domain}>"}
    if letter.leave_url:
        # https://www.rfc-editor.org/rfc/rfc8058
        headers["List-Unsubscribe"] = f"<{letter.leave_url}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return EmailMessage(
        letter.subject,
        letter.text,
        settings.DEFAULT_FROM_EMAIL,
        [letter.to],
        reply_to=[letter.reply_to or settings.CONTACT_EMAIL],
        headers=headers,
    )


def forget_old(now: dt.datetime | None = None) -> None:
    """Give up on what could not leave for long."""
    OutgoingLetter.objects.filter(created_at__lt=(now or timezone.now()) - KEPT).delete()
