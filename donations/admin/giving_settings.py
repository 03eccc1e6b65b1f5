"""The switch of the till, and the overlay's address."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest
from django.shortcuts import redirect
from django.urls import reverse

from donations.admin.shield import ShieldAdmin
from donations.models import GivingSettings
from donations.services import on_air

if TYPE_CHECKING:
    ModelForm = forms.ModelForm[Any]
else:
    ModelForm = forms.ModelForm


class GivingSettingsForm(ModelForm):
    renew_key = forms.BooleanField(
        label="Nouvelle adresse",
        required=False,
        help_text="L’ancienne s’éteint aussitôt : donnez la nouvelle à qui règle OBS.",
    )


@admin.register(GivingSettings)
class GivingSettingsAdmin(ShieldAdmin):
    """One row: its list is its form. The régie writes it too."""

    form = GivingSettingsForm
    readonly_fields = ("shield_state", "overlay_address")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "is_open",
                    "closed_message",
                    "sepa_debit",
                    "gifts_shown_from",
                    "shield_state",
                )
            },
        ),
        ("À l’antenne", {"fields": ("overlay_address", "renew_key")}),
    )

    @admin.display(description="habillage pour OBS")
    def overlay_address(self, till: GivingSettings) -> str:
        path = reverse("donations:overlay")
        return f"{settings.SITE_URL}{path}?cle={on_air.overlay_key()}"

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if self.has_change_permission(request, obj):
            return self.fieldsets
        return self.fieldsets[:1]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj.save(update_fields=[name for name in form.changed_data if name != "renew_key"])
        if form.cleaned_data["renew_key"]:
            on_air.renew_overlay_key()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        if not self.has_view_or_change_permission(request):
            return super().changelist_view(request, extra_context)
        row, _created = GivingSettings.objects.get_or_create(pk=1)
        return redirect("admin:donations_givingsettings_change", row.pk)
