"""Where a broadcast can be watched. The platforms' cuts differ, so each has its own clock."""

from django.conf import settings
from django.db import models
from django.db.models import Case, IntegerField, Q, Value, When
from django.utils import timezone

from auposte.images import StoredImageField
from broadcasts.models.broadcast import Broadcast

YOUTUBE_ID = r"^[A-Za-z0-9_-]{11}$"
PEERTUBE_UUID = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
TWITCH_ID = r"^[0-9]{6,20}$"


class VideoSourceQuerySet(models.QuerySet["VideoSource"]):
    def playable(self) -> "VideoSourceQuerySet":
        """What a page can offer: what is live now first, a live that is over last.

        Of equals PeerTube comes first: it watches nobody.
        """
        over = Q(role=VideoSource.Role.LIVE) & ~Q(live_state=VideoSource.LiveState.LIVE)
        rank = Case(
            When(live_state=VideoSource.LiveState.LIVE, then=Value(0)),
            When(over, then=Value(2)),
            default=Value(1),
            output_field=IntegerField(),
        )
        preference = Case(
            When(platform=VideoSource.Platform.PEERTUBE, then=Value(0)),
            default=Value(1),
            output_field=IntegerField(),
        )
        return (
            self.filter(availability=VideoSource.Availability.AVAILABLE)
            .exclude(role=VideoSource.Role.AUDIO)
            .order_by(rank, preference, "pk")
        )


class VideoSource(models.Model):
    """One video on one platform; on PeerTube `external_id` is the uuid (old data holds "50")."""

    class Platform(models.TextChoices):
        YOUTUBE = "youtube", "YouTube"
        PEERTUBE = "peertube", "PeerTube"
        TWITCH = "twitch", "Twitch"

    class Role(models.TextChoices):
        LIVE = "live", "Direct"
        REPLAY = "replay", "Rediffusion"
        AUDIO = "audio", "Audio"

    class LiveState(models.TextChoices):
        NONE = "none", "Pas un direct"
        UPCOMING = "upcoming", "À venir"
        LIVE = "live", "En direct"
        ENDED = "ended", "Terminé"

    class Availability(models.TextChoices):
        AVAILABLE = "available", "Disponible"
        UNAVAILABLE = "unavailable", "Indisponible"

    broadcast = models.ForeignKey(
        Broadcast, models.CASCADE, related_name="sources", verbose_name="émission"
    )
    platform = models.CharField("plateforme", max_length=10, choices=Platform.choices)
    external_id = models.CharField("identifiant", max_length=40)
    role = models.CharField("rôle", max_length=8, choices=Role.choices, default=Role.REPLAY)
    peertube_id = models.PositiveIntegerField("numéro PeerTube", null=True, blank=True)
    peertube_short_uuid = models.CharField("uuid court PeerTube", max_length=30, blank=True)
    title = models.CharField("titre chez la plateforme", max_length=300, blank=True)
    published_at = models.DateTimeField("mise en ligne le", null=True, blank=True)
    changed_at = models.DateTimeField("modifiée là-bas le", null=True, blank=True)
    duration_seconds = models.PositiveIntegerField("durée (secondes)", null=True, blank=True)
    aspect_ratio = models.DecimalField(
        "format", max_digits=6, decimal_places=4, null=True, blank=True
    )
    views_count = models.PositiveBigIntegerField("vues", null=True, blank=True)
    comments_count = models.PositiveBigIntegerField("commentaires", null=True, blank=True)
    live_state = models.CharField(
        "direct", max_length=10, choices=LiveState.choices, default=LiveState.NONE
    )
    scheduled_for = models.DateTimeField("direct prévu le", null=True, blank=True)
    started_at = models.DateTimeField("direct commencé le", null=True, blank=True)
    ended_at = models.DateTimeField("direct fini le", null=True, blank=True)
    availability = models.CharField(
        "disponibilité", max_length=12, choices=Availability.choices,
        default=Availability.AVAILABLE,
    )  # fmt: skip
    consecutive_misses = models.PositiveSmallIntegerField("absences de suite", default=0)
    unavailable_since = models.DateTimeField("indisponible depuis", null=True, blank=True)
    offset_seconds = models.IntegerField(
        "décalage (secondes)", null=True, blank=True,
        help_text="Par rapport à l’émission ; vide tant que personne ne l’a vérifié.",
    )  # fmt: skip
    fetched_at = models.DateTimeField("lue le", null=True, blank=True)
    etag = models.CharField("ETag", max_length=200, blank=True)
    read_due_at = models.DateTimeField("à relire le", default=timezone.now)
    details_read_at = models.DateTimeField("chapitres et sous-titres lus le", null=True, blank=True)
    chapters_digest = models.CharField("empreinte des chapitres", max_length=64, blank=True)
    # The platform's picture, kept here: `thumbnail_url` is where the stored one came from.
    thumbnail = StoredImageField("vignette", upload_to="vignettes", blank=True)
    thumbnail_url = models.URLField("adresse de la vignette gardée", max_length=500, blank=True)
    thumbnail_offered = models.URLField("adresse de la vignette", max_length=500, blank=True)
    thumbnail_failures = models.PositiveSmallIntegerField("vignette : échecs", default=0)

    objects = VideoSourceQuerySet.as_manager()

    class Meta:
        verbose_name = "source vidéo"
        verbose_name_plural = "sources vidéo"
        ordering = ("pk",)
        indexes = (models.Index(fields=["platform", "read_due_at"], name="video_source_due"),)
        constraints = (
            models.UniqueConstraint(
                fields=["platform", "external_id"],
                name="video_source_once",
                violation_error_message="Cette vidéo appartient déjà à une émission.",
            ),
            models.CheckConstraint(
                condition=Q(platform="youtube", external_id__regex=YOUTUBE_ID)
                | Q(platform="peertube", external_id__regex=PEERTUBE_UUID)
                | Q(platform="twitch", external_id__regex=TWITCH_ID),
                name="video_source_id_valid",
                violation_error_message="Cet identifiant n’est pas de ceux de la plateforme.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_platform_display()} {self.external_id}"

    @property
    def platform_name(self) -> str:
        """What Django's `get_platform_display` says, at a twentieth of its time."""
        return PLATFORM_NAMES[self.platform]

    @property
    def watch_url(self) -> str:
        """Where the platform shows it; the plain link that works without JavaScript."""
        match self.platform:
            case self.Platform.YOUTUBE:
                return f"https://www.youtube.com/watch?v={self.external_id}"
            case self.Platform.PEERTUBE:
                return f"{settings.PEERTUBE_URL}/w/{self.peertube_short_uuid or self.external_id}"
            case _:
                return f"https://www.twitch.tv/videos/{self.external_id}"

    @property
    def embed_url(self) -> str:
        """The player's address, loaded only after the reader's click."""
        match self.platform:
            case self.Platform.YOUTUBE:
                return f"https://www.youtube-nocookie.com/embed/{self.external_id}?autoplay=1&rel=0"
            case self.Platform.PEERTUBE:
                return (
                    f"{settings.PEERTUBE_URL}/videos/embed/{self.external_id}"
                    "?autoplay=1&p2p=0&warningTitle=0"
                )
            case _:
                return f"https://player.twitch.tv/?video={self.external_id}&autoplay=true"


PLATFORM_NAMES: dict[str, str] = {each.value: each.label for each in VideoSource.Platform}
