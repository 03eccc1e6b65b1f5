from django.apps import AppConfig


class BroadcastsConfig(AppConfig):
    name = "broadcasts"
    verbose_name = "Émissions"

    def ready(self) -> None:
        from auposte.pages.versions import pages_show
        from broadcasts import models
        from guests.models import Guest

        pages_show(
            Guest,
            models.Airing,
            models.Appearance,
            models.Audio,
            models.Broadcast,
            models.Chapter,
            models.Correction,
            models.Motto,
            models.Quote,
            models.Redirect,
            models.Series,
            models.Tag,
            models.TagAlias,
            models.Transcript,
            models.VideoSource,
        )
