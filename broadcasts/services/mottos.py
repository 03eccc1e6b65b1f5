"""The lines of the banner, of which every page shows one."""

from django.contrib.postgres.expressions import ArraySubquery

from auposte.written_once import WrittenOnce
from broadcasts.models import Motto

_read = WrittenOnce(lambda: Motto.objects.filter(is_active=True).only("text"))


def active_mottos() -> ArraySubquery:
    """Their texts, for a query that reads something else anyway."""
    return ArraySubquery(Motto.objects.filter(is_active=True).values("text"))


def read_mottos() -> list[str]:
    """Their texts, in a query of their own."""
    return [motto.text for motto in _read()]
