from django.apps import AppConfig


class DonationsConfig(AppConfig):
    name = "donations"
    verbose_name = "Dons"

    def ready(self) -> None:
        from broadcasts.services import reading
        from donations.services import attribution

        reading.READ_ALONG[attribution.TOLD] = attribution.gifts_told()
