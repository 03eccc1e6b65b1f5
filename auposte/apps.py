from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class AuPosteConfig(AppConfig):
    name = "auposte"
    verbose_name = "Au Poste"
    default = True

    def ready(self) -> None:
        from auposte import checks  # noqa: F401  # registers the checks


class AuPosteAdminConfig(admin_apps.AdminConfig):
    """Django's admin with our site class, which asks for a second factor where it must."""

    default = False  # or it would stand for the app `auposte` itself
    default_site = "auposte.admin_site.AuPosteAdminSite"
