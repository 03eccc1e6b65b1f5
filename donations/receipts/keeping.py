"""Papers are kept for as long as the law asks, and no longer: then the names go."""

import datetime as dt

from django.db import transaction

from donations.models import ReceiptFile, ReceiptIdentity


@transaction.atomic
def forget(today: dt.date) -> int:
    """Empty the identities whose time is over on that Paris day, and drop their PDFs.

    Numbers, sums and cancellations stay. Returns how many were emptied.
    """
    over = ReceiptIdentity.objects.filter(keep_until__lt=today)
    ReceiptFile.objects.filter(receipt__identity__in=over).delete()
    named = over.exclude(name="", street="", postal_code="", city="", country="")
    return named.update(name="", street="", postal_code="", city="", country="")
