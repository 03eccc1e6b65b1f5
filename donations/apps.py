from django.apps import AppConfig


class DonationsConfig(AppConfig):
    name = "donations"
    verbose_name = "Dons"

    def ready(self) -> None:
        from auposte.pages import store
        from auposte.pages.versions import pages_show
        from broadcasts.services import reading
        from donations import models
        from donations.services import attribution

        reading.READ_ALONG[attribution.TOLD] = attribution.gifts_told()
        pages_show(
            models.BudgetChange,
            models.BudgetLine,
            models.Campaign,
            models.Crossing,
            models.GivingSettings,
        )
        pages_show(models.Progress, version=store.MONEY)
