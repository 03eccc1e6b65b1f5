"""A slip to print, fill in by hand and send with a cheque, or to make a transfer by."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from donations.models import ReceiptIssuer


@require_safe
def slip(request: HttpRequest) -> HttpResponse:
    """`/don/bulletin`: whatever part the settings leave empty is not there."""
    iban = settings.GIVING_IBAN
    return render(
        request,
        "donations/slip.html",
        {
            "cheque_order": settings.GIVING_CHEQUE_ORDER,
            "address": settings.GIVING_POSTAL_ADDRESS,
            # As bank papers print it.
            "iban": [iban[at : at + 4] for at in range(0, len(iban), 4)],
            "bic": settings.GIVING_BIC,
            "contact": settings.CONTACT_EMAIL,
            "amounts": settings.GIFT_PRESETS_CENTS,
            "tax_receipt_entity": ReceiptIssuer.entitled_name(),
        },
    )
