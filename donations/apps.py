from django.apps import AppConfig


class DonationsConfig(AppConfig):
    name = "donations"
    verbose_name = "Dons"

    def ready(self) -> None:
        from auposte.pages import store
        from auposte.pages.versions import pages_show
        from broadcasts.services import reading
        from donations import models
        from donations.services import attribution, campaigns

        reading.READ_ALONG[attribution.TOLD] = lambda _: attribution.gifts_told()
        reading.READ_ALONG[campaigns.SHOWN] = campaigns.shown_on_page
        pages_show(
            models.BudgetChange,
            models.BudgetLine,
            models.Campaign,
            models.Crossing,
            models.GivingSettings,
        )
        pages_show(models.Progress, version=store.MONEY)
