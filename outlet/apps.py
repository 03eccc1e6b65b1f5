from django.apps import AppConfig


class OutletConfig(AppConfig):
    name = "outlet"
    verbose_name = "Le média"

    def ready(self) -> None:
        from auposte.pages.versions import pages_show
        from outlet.models import Page

        pages_show(Page)
