"""Accounts: only those who may do everything may decide who else may do what."""

from typing import TYPE_CHECKING, Any

from axes.utils import reset
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.forms import UserCreationForm
from django.contrib.auth.models import Group, Permission, User
from django.db.models import Exists, ManyToManyField, Model, OuterRef, QuerySet
from django.http import HttpRequest
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from auposte import second_factor
from auposte.modeladmin import ModelAdmin
from auposte.permissions import APPS

if TYPE_CHECKING:
    DjangoUserAdmin = UserAdmin[User]
else:
    DjangoUserAdmin = UserAdmin


class OnlySuperusers(ModelAdmin):
    """Whoever could change accounts could make themselves a superuser: so it is one already."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return bool(request.user.is_superuser)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return bool(request.user.is_superuser)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return bool(request.user.is_superuser)


admin.site.unregister((User, Group, TOTPDevice, StaticDevice))


@admin.register(User)
class AccountAdmin(OnlySuperusers, DjangoUserAdmin):
    """Rights come from groups; single permissions would be forgotten there."""

    list_display = (
        "username", "person", "is_active", "is_superuser", "second_factor", "last_login",
    )  # fmt: skip
    list_filter = ("is_active", "is_staff", "is_superuser", "groups")
    filter_horizontal = ()
    autocomplete_fields = ("groups",)
    actions = ("remove_second_factor", "lift_lockout")
    add_form = UserCreationForm  # everybody has a password: nobody comes in another way
    add_fieldsets = ((None, {"fields": ("username", "password1", "password2")}),)
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Personne", {"fields": ("first_name", "last_name", "email")}),
        (
            "Droits",
            {
                "fields": ("is_active", "is_staff", "is_superuser", "groups"),
                "description": "Entrer ici demande le statut équipe, et au moins un groupe.",
            },
        ),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    readonly_fields = ("last_login", "date_joined")

    def get_queryset(self, request: HttpRequest) -> "QuerySet[User]":
        devices = TOTPDevice.objects.filter(user=OuterRef("pk"), confirmed=True)
        accounts: QuerySet[User] = super().get_queryset(request)
        return accounts.annotate(has_device=Exists(devices))

    @admin.display(description="personne", ordering="last_name")
    def person(self, account: User) -> str:
        return account.get_full_name()

    @admin.display(description="second facteur", boolean=True, ordering="has_device")
    def second_factor(self, account: Any) -> bool:
        return bool(account.has_device)

    @admin.action(description="Retirer le second facteur (téléphone perdu)")
    def remove_second_factor(self, request: HttpRequest, accounts: "QuerySet[User]") -> None:
        for account in accounts:
            second_factor.remove(user=account)
            self.log_change(request, account, "Second facteur retiré.")
        messages.success(request, "Ces comptes s’ouvrent de nouveau par leur seul mot de passe.")

    @admin.action(description="Lever le blocage de connexion")
    def lift_lockout(self, request: HttpRequest, accounts: "QuerySet[User]") -> None:
        for account in accounts:
            reset(username=account.get_username())
        messages.success(request, "Ces comptes peuvent de nouveau essayer leur mot de passe.")


@admin.register(Group)
class AccountGroupAdmin(OnlySuperusers, GroupAdmin):
    """The site's own groups are written by each deployment: see `auposte.permissions`."""

    def formfield_for_manytomany(
        self,
        db_field: "ManyToManyField[Any, Any]",
        request: HttpRequest | None = None,
        **kwargs: Any,
    ) -> Any:
        if db_field.name == "permissions":
            kwargs["queryset"] = Permission.objects.filter(content_type__app_label__in=APPS)
        return super().formfield_for_manytomany(db_field, request, **kwargs)
