"""Links to a text that is not out, for a guest or a proofreader: signed, expiring, revocable."""

import datetime as dt
import re
import uuid
from dataclasses import dataclass

from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from auposte.money import NBSP
from auposte.templatetags.french import french_moment
from broadcasts.models import Broadcast
from broadcasts.services.reading import find_by_key

DAYS = (1, 7, 30)
SALT = "broadcasts.preview"
# Whose, until when (seconds since 1970), and the signature of both. Lower case and hyphens alone:
# mail programs cut links at anything else.
TOKEN = re.compile(r"(?P<pk>[0-9]{1,18})-(?P<until>[0-9]{1,11})-(?P<signature>[0-9a-f]{40})")


class PreviewError(Exception):
    """The link opens nothing: a French message for whoever followed it, and the HTTP status."""

    def __init__(self, message: str, *, status: int) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, kw_only=True)
class Preview:
    """A broadcast as `find_broadcast` gives it, and until when (UTC) the link opens it."""

    broadcast: Broadcast
    until: dt.datetime


def preview_path(*, broadcast: Broadcast, days: int) -> str:
    """`/apercu/1037-1764012345-5f…`, good for `days` × 24 hours from now."""
    until = int(timezone.now().timestamp()) + days * 86_400
    return f"/apercu/{broadcast.pk}-{until}-{_signature(broadcast, until)}"


def open_preview(token: str) -> Preview:
    """What the link leads to, public meanwhile or not, in one query. Raises PreviewError."""
    parts = TOKEN.fullmatch(token)
    broadcast = find_by_key(int(parts["pk"])) if parts else None
    if parts is None or broadcast is None:
        raise PreviewError("Ce lien d’aperçu est incomplet, ou n’existe pas.", status=404)
    until = int(parts["until"])
    if not constant_time_compare(parts["signature"], _signature(broadcast, until)):
        raise PreviewError("Ce lien d’aperçu n’existe pas, ou a été révoqué.", status=404)
    ends = dt.datetime.fromtimestamp(until, tz=dt.UTC)
    if ends <= timezone.now():
        raise PreviewError(
            f"Ce lien d’aperçu était valable jusqu’au {french_moment(ends)}. "
            f"Demandez-en un autre à la rédaction{NBSP}: c’est l’affaire d’un clic.",
            status=410,
        )
    if broadcast.status == Broadcast.Status.ARCHIVED:
        raise PreviewError("Cette émission a été retirée.", status=410)
    return Preview(broadcast=broadcast, until=ends)


def revoke_previews(*, broadcast: Broadcast) -> None:
    """From now on no link made before opens anything."""
    broadcast.preview_key = uuid.uuid4()
    Broadcast.objects.filter(pk=broadcast.pk).update(preview_key=broadcast.preview_key)


def _signature(broadcast: Broadcast, until: int) -> str:
    value = f"{broadcast.pk}-{until}-{broadcast.preview_key.hex}"
    return salted_hmac(SALT, value, algorithm="sha256").hexdigest()[:40]
