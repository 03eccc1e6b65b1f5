"""« Enregistrer un don hors ligne »."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from auposte.money import euros
from broadcasts.admin.widgets import NamesFields
from donations.admin.offline_form import OfflineGiftForm
from donations.models import Gift
from donations.services.offline import record_offline_gift
from donations.tasks import follow_up


class RecordsOfflineGifts(NamesFields):
    """A gift is added by hand only when it never saw Stripe. See `reversal` for taking it back."""

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = OfflineGiftForm(
            request.POST if request.method == "POST" else None, initial={"key": uuid.uuid4()}
        )
        if request.method == "POST" and form.is_valid() and form.order is not None:
            return self._record(request, form)
        context = {
            **self.admin_site.each_context(request),
            "title": "Enregistrer un don hors ligne",
            "opts": self.opts,
            "form": form,
            "media": self.media + form.media,
        }
        return TemplateResponse(request, "admin/donations/gift/offline.html", context)

    def _record(self, request: HttpRequest, form: OfflineGiftForm) -> HttpResponse:
        order = form.order
        assert order is not None  # noqa: S101  # the caller has looked
        again = Gift.objects.filter(pk=order.gift_id).exists()
        gift = record_offline_gift(
            key=order.key,
            amount_cents=order.amount_cents,
            occurred_at=order.occurred_at,
            means=order.means,
            donor=order.donor,
            donor_name=order.name,
            donor_email=order.email,
            address=order.address,
            broadcast=order.broadcast,
            collection=order.collection,
            note=order.note,
        )
        follow_up()
        if again:
            messages.info(request, "Ce don est déjà enregistré : rien n’a été compté deux fois.")
        else:
            self.log_addition(request, gift, "Don hors ligne enregistré")
            messages.success(
                request,
                f"Don de {euros(gift.amount_cents)} enregistré, compté dans « {gift.campaign} ».",
            )
        if "_addanother" in request.POST:
            return redirect("admin:donations_gift_add")
        return redirect("admin:donations_gift_change", gift.pk)
