from django.apps import AppConfig


class OutletConfig(AppConfig):
    name = "outlet"
    verbose_name = "Le média"

    def ready(self) -> None:
        from auposte.pages.versions import pages_show
        from broadcasts.services import reading
        from outlet.models import Page
        from outlet.services import pages

        pages_show(Page)
        reading.READ_ALONG[pages.IN_FOOT] = lambda _: pages.in_foot()
