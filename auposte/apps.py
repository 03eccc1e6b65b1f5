from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.contrib.staticfiles import apps as staticfiles_apps
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate


class AuPosteConfig(AppConfig):
    name = "auposte"
    verbose_name = "Au Poste"
    default = True

    def ready(self) -> None:
        from django.urls import register_converter

        from auposte import checks  # noqa: F401  # registers the checks
        from auposte.converters import NumberConverter
        from auposte.pages.versions import watch
        from auposte.permissions import keep_groups

        register_converter(NumberConverter, "number")
        connection_created.connect(watch, dispatch_uid="auposte.pages")
        post_migrate.connect(keep_groups, dispatch_uid="auposte.permissions")


class AuPosteAdminConfig(admin_apps.AdminConfig):
    """Django's admin with our site class, which asks for a second factor where it must."""

    default = False  # or it would stand for the app `auposte` itself
    default_site = "auposte.admin_site.AuPosteAdminSite"


class AuPosteStaticFilesConfig(staticfiles_apps.StaticFilesConfig):
    """Static files without htmx's optional extensions: they import a module that is not shipped."""

    default = False
    ignore_patterns = [*staticfiles_apps.StaticFilesConfig.ignore_patterns, "django_htmx/ext/*"]
