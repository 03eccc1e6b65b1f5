"""Those who give: where to write to them, what was done for them, and erasing them."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from auposte.external import ExternalServiceError
from auposte.modeladmin import ReadOnlyAdmin, ReadOnlyInline, SavesOnlyChanges
from auposte.money import euros
from donations.admin.gifts import GiftInline
from donations.models import Donor, DonorAction, Gift, LedgerEntry, StripeCustomer, Subscription
from donations.services import erasing


class StripeCustomerInline(ReadOnlyInline):
    model = StripeCustomer
    fields = ("customer_id", "livemode")


class SubscriptionInline(ReadOnlyInline):
    model = Subscription
    fields = ("status", "amount", "next_payment_at", "ending", "ended_at")
    readonly_fields = ("amount",)

    @admin.display(description="montant")
    def amount(self, subscription: Subscription) -> str:
        return euros(subscription.total_cents)


class DonorActionInline(ReadOnlyInline):
    """What was done in this person's name, and by whom: nobody means themselves."""

    model = DonorAction
    fields = readonly_fields = ("made_at", "text", "made_by")
    show_change_link = False


class EraseForm(forms.Form):
    """The reason is kept; names in it are not."""

    reason = forms.CharField(
        label="Raison",
        max_length=200,
        help_text="Gardée dans l’historique. N’y écrivez ni nom ni adresse.",
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )


@admin.register(Donor)
class DonorAdmin(SavesOnlyChanges):
    """« Supprimer » would break the books: a person is erased instead, and their sums stay."""

    change_form_template = "admin/donations/donor/change_form.html"
    list_display = ("__str__", "email", "gift_count", "total", "created_at")
    list_filter = (("erased_at", admin.EmptyFieldListFilter),)
    ordering = ("-created_at", "-pk")
    search_fields = ("email", "name")
    date_hierarchy = "created_at"
    fields = (
        "email", "name", "street", ("postal_code", "city"), "country", "created_at", "erased_at",
    )  # fmt: skip
    readonly_fields = ("email", "created_at", "erased_at")
    inlines = (SubscriptionInline, GiftInline, DonorActionInline, StripeCustomerInline)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Donor | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Donor | None = None) -> bool:
        erased = obj is not None and obj.erased_at is not None
        return not erased and super().has_change_permission(request, obj)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.erase_view)
        return [path("<int:pk>/effacer/", view, name="donations_donor_erase"), *super().get_urls()]

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        context |= {"may_erase": obj is not None and _may_erase(request, obj)}
        return super().render_change_form(request, context, add, change, form_url, obj)

    def erase_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What goes and what stays, then a reason: for somebody who writes or phones."""
        donor = self.get_object(request, str(pk))
        if donor is None:
            return self._get_obj_does_not_exist_redirect(  # type: ignore[attr-defined,no-any-return]
                request, self.opts, str(pk)
            )
        if not (self.has_view_permission(request, donor) and _may_erase(request, donor)):
            raise PermissionDenied
        form = EraseForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                erasing.stop_and_erase(donor, user=request.user, reason=form.cleaned_data["reason"])
            except ExternalServiceError:
                messages.error(
                    request,
                    "Stripe ne répond pas : le don mensuel n’a pas pu être arrêté. "
                    "Rien n’a été effacé, réessayez dans un instant.",
                )
            except erasing.StillGivingError as error:
                messages.error(request, str(error))
            else:
                messages.success(request, "C’est effacé. Aucun total n’a changé.")
                return redirect("admin:donations_donor_change", donor.pk)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": donor,
            "title": "Effacer cette personne",
            "form": form,
            "running": donor.subscriptions.running(),
            "papers": erasing.papers_kept(donor),
        }
        return TemplateResponse(request, "admin/donations/donor/erase.html", context)

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Donor]":
        counted = Q(gifts__entries__kind__in=LedgerEntry.RAISED_KINDS)
        succeeded = Q(gifts__status=Gift.Status.SUCCEEDED)
        donors: QuerySet[Donor] = super().get_queryset(request)
        return donors.annotate(
            gift_total=Count("gifts", filter=succeeded, distinct=True),
            given_cents=Sum("gifts__entries__amount_cents", filter=counted),
        )

    @admin.display(description="dons", ordering="gift_total")
    def gift_count(self, donor: Any) -> int:
        return int(donor.gift_total)

    @admin.display(description="donné en tout", ordering="given_cents")
    def total(self, donor: Any) -> str:
        return euros(donor.given_cents or 0)


def _may_erase(request: HttpRequest, donor: Donor) -> bool:
    return donor.erased_at is None and request.user.has_perm("donations.delete_donor")


@admin.register(StripeCustomer)
class StripeCustomerAdmin(ReadOnlyAdmin):
    list_display = ("customer_id", "donor", "livemode")
    list_filter = ("livemode",)
    list_select_related = ("donor",)
    search_fields = ("customer_id", "donor__email", "donor__name")
