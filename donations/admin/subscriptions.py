"""Monthly gifts: how each stands, and what the treasurer does for somebody who calls."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from auposte.admin_filters import StateFilter
from auposte.external import ExternalServiceError
from auposte.fields import EuroField
from auposte.modeladmin import ReadOnlyAdmin
from auposte.money import NBSP, euros
from donations.admin.gifts import GiftInline
from donations.models import Gift, Subscription
from donations.services import monthly
from donations.tasks import follow_up

Status = Subscription.Status
NO_ANSWER = "Stripe ne répond pas. Rien n’est changé, réessayez dans un instant."


class SubscriptionStateFilter(StateFilter):
    conditions = {
        "en-cours": ("En cours", Q(status=Status.ACTIVE)),
        "en-retard": ("En retard", Q(status=Status.PAST_DUE)),
        "banque": ("La banque attend une confirmation", Q(action_required=True)),
        "termine": ("Terminé", Q(status=Status.ENDED) & ~Q(ending=Subscription.Ending.LAPSED)),
        "attente": ("En attente", Q(status=Status.PENDING)),
        "jamais": ("Jamais commencé", Q(ending=Subscription.Ending.LAPSED)),
    }


class StopForm(forms.Form):
    """Nothing to fill in: the page is there to look once more."""


class AmountForm(forms.Form):
    amount = EuroField(label="Don par mois (€)")
    cover_fee = forms.BooleanField(
        label="Avec les frais bancaires",
        required=False,
        help_text=f"1,5{NBSP}% et 25{NBSP}centimes en plus, comptés à part.",
    )


@admin.register(Subscription)
class SubscriptionAdmin(ReadOnlyAdmin):
    """No field is edited here: what holds is what Stripe says."""

    change_form_template = "admin/donations/subscription/change_form.html"
    list_display = (
        "__str__", "state", "amount", "donor", "next_payment_at", "failures", "gift_count",
        "created_at",
    )  # fmt: skip
    list_filter = (SubscriptionStateFilter, "livemode")
    list_select_related = ("donor",)
    search_fields = ("id", "donor__email", "donor__name", "subscription_id", "customer_id")
    search_help_text = "Référence, nom, adresse électronique, sub_… ou cus_…"
    date_hierarchy = "created_at"
    show_full_result_count = False
    inlines = (GiftInline,)
    fieldsets = (
        (
            "Don mensuel",
            {
                "fields": (
                    "id", "state", "amount", "fee_cover", "total", "next_payment_at", "donor",
                    "broadcast", "public_name", "created_at", "started_at", "ended_at", "ending",
                )
            },
        ),
        (
            "Paiement",
            {
                "fields": (
                    "paid_by", "last_four", "failures", "failed_at", "action_required",
                    "hosted_invoice_url", "subscription_id", "customer_id", "livemode", "read_at",
                )
            },
        ),
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Subscription]":
        rows: QuerySet[Subscription] = super().get_queryset(request)
        succeeded = Q(gifts__status=Gift.Status.SUCCEEDED)
        return rows.annotate(gift_total=Count("gifts", filter=succeeded))

    @admin.display(description="état", ordering="status")
    def state(self, subscription: Subscription) -> str:
        shown = str(subscription.get_status_display())
        if subscription.action_required:
            return f"{shown} (la banque attend une confirmation)"
        return f"{shown} ({subscription.get_ending_display()})" if subscription.ending else shown

    @admin.display(description="don par mois", ordering="amount_cents")
    def amount(self, subscription: Subscription) -> str:
        return euros(subscription.amount_cents)

    @admin.display(description="frais couverts")
    def fee_cover(self, subscription: Subscription) -> str:
        return euros(subscription.fee_cover_cents)

    @admin.display(description="total par mois")
    def total(self, subscription: Subscription) -> str:
        return euros(subscription.total_cents)

    @admin.display(description="moyen")
    def paid_by(self, subscription: Subscription) -> str:
        known = dict(Gift.Means.choices)
        return str(known.get(subscription.means, subscription.means))

    @admin.display(description="dons", ordering="gift_total")
    def gift_count(self, subscription: Any) -> int:
        return int(subscription.gift_total)

    # --- What the treasurer does ------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        def own(slug: str, view: Callable[..., HttpResponse]) -> URLPattern:
            return path(
                f"<uuid:pk>/{slug}/",
                self.admin_site.admin_view(view),
                name=f"donations_subscription_{slug}",
            )

        return [
            own("arreter", self.stop_view),
            own("montant", self.amount_view),
            *super().get_urls(),
        ]

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        context |= {"may_act": obj is not None and _runs(obj) and _may_act(request)}
        return super().render_change_form(request, context, add, change, form_url, obj)

    def stop_view(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """`…/arreter/`: asks once more, then ends the monthly gift at Stripe."""

        def do(subscription: Subscription, _answers: dict[str, Any]) -> str:
            monthly.stop(subscription, "treasurer", request.user)
            return "Ce don mensuel est arrêté. Plus rien ne sera prélevé."

        return self._ask(
            request, pk, StopForm, lambda _promise: {}, do, "Arrêter ce don mensuel", "Arrêter"
        )

    def amount_view(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """`…/montant/`: another amount, from the next month on."""

        def do(subscription: Subscription, answers: dict[str, Any]) -> str:
            monthly.change_amount(
                subscription, answers["amount"], answers["cover_fee"], "treasurer", request.user
            )
            return "Le nouveau montant vaut à partir du prochain prélèvement."

        return self._ask(
            request,
            pk,
            AmountForm,
            lambda promise: {
                "amount": promise.amount_cents,
                "cover_fee": promise.fee_cover_cents > 0,
            },
            do,
            "Changer le montant",
            "Changer le montant",
        )

    def _ask(
        self,
        request: HttpRequest,
        pk: Any,
        form_class: type[forms.Form],
        initial: Callable[[Subscription], dict[str, Any]],
        do: Callable[[Subscription, dict[str, Any]], str],
        title: str,
        button: str,
    ) -> HttpResponse:
        if not _may_act(request):
            raise PermissionDenied
        subscription = self.get_object(request, str(pk))
        if subscription is None or not _runs(subscription):
            messages.warning(request, "Ce don mensuel n’est pas en cours.")
            return redirect("admin:donations_subscription_changelist")
        form = form_class(
            request.POST if request.method == "POST" else None,
            initial=initial(subscription),
        )
        if request.method == "POST" and form.is_valid():
            try:
                told = do(subscription, form.cleaned_data)
            except ExternalServiceError:
                messages.error(request, NO_ANSWER)
            except ValueError:
                form.add_error("amount", "Ce montant est hors des limites d’un don.")
            else:
                follow_up()
                self.log_change(request, subscription, f"{title}.")
                messages.success(request, told)
                return redirect("admin:donations_subscription_change", subscription.pk)
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.opts,
            "original": subscription,
            "subscription": subscription,
            "form": form,
            "button": button,
        }
        return TemplateResponse(request, "admin/donations/subscription/ask.html", context)


def _may_act(request: HttpRequest) -> bool:
    return request.user.has_perm("donations.change_subscription")


def _runs(subscription: Subscription) -> bool:
    return subscription.status in {Status.ACTIVE, Status.PAST_DUE}
