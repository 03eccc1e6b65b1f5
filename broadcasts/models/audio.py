"""What a broadcast sounds like: one file to listen to, ours or PeerTube's."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from auposte.audio import StoredAudioField
from broadcasts.models.broadcast import Broadcast
from broadcasts.models.video import VideoSource


class AudioQuerySet(models.QuerySet["Audio"]):
    def playable(self) -> "AudioQuerySet":
        """Without what went away with its video."""
        return self.exclude(source__availability=VideoSource.Availability.UNAVAILABLE)


class Audio(models.Model):
    """The sound of a broadcast: an uploaded `file`, or the `url` of `source`'s at PeerTube.

    `download_url` gives the latter as a file to keep, where PeerTube tells of such an address:
    browsers open another site's sound, whatever the link asks.
    An uploaded one has no source, and is never written over by a platform's.
    """

    broadcast = models.OneToOneField(
        Broadcast, models.CASCADE, related_name="audio", verbose_name="émission"
    )
    source = models.ForeignKey(
        VideoSource, models.CASCADE, null=True, blank=True, editable=False,
        related_name="audios", verbose_name="source vidéo",
    )  # fmt: skip
    file = StoredAudioField("fichier", upload_to="audio", blank=True)
    url = models.URLField("adresse", max_length=1000, blank=True)
    download_url = models.URLField(
        "adresse de téléchargement", max_length=1000, blank=True, editable=False
    )
    mime = models.CharField("type", max_length=40)
    size_bytes = models.PositiveBigIntegerField("taille (octets)")
    duration_seconds = models.PositiveIntegerField("durée (secondes)", null=True, blank=True)
    updated_at = models.DateTimeField("modifié le", auto_now=True)

    objects = AudioQuerySet.as_manager()

    class Meta:
        verbose_name = "son"
        verbose_name_plural = "sons"
        constraints = (
            models.CheckConstraint(
                condition=(Q(file="") & ~Q(url="")) | (Q(url="") & ~Q(file="")),
                name="audio_file_or_url",
            ),
        )

    def __str__(self) -> str:
        return self.file.name or self.url

    @property
    def address(self) -> str:
        """Where the sound is, absolute."""
        return f"{settings.SITE_URL}{self.file.url}" if self.file else self.url
