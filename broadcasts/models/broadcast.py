"""The broadcast: one page of the site, from its draft to the archive."""

import datetime as dt
import uuid
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.functions import RandomUUID
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.expressions import Combinable
from django.db.models.functions import JSONObject
from django.utils import timezone

from auposte.images import StoredImageField
from auposte.money import NBSP
from auposte.richtext import RichTextField
from auposte.versions import Versions
from broadcasts.models.parts import WithParts
from broadcasts.models.taxonomy import Series, Tag
from guests.models import Guest


class Licence(models.TextChoices):
    BY_NC_SA = "by-nc-sa", "CC BY-NC-SA"
    BY_SA = "by-sa", "CC BY-SA"
    RESERVED = "reserved", "Tous droits réservés"

    @property
    def url(self) -> str:
        """The licence's deed in French; empty where there is none."""
        if self is Licence.RESERVED:
            return ""
        return f"https://creativecommons.org/licenses/{self.value}/4.0/deed.fr"


CARD_FIELDS = (
    "title", "slug", "dek", "season", "number", "published_at", "scheduled_for", "aired_at",
    "duration_seconds", "image", "focal_x", "focal_y", "extract_of",
)  # fmt: skip


class BroadcastQuerySet(models.QuerySet["Broadcast"]):
    def public(self, at: dt.datetime | Combinable | None = None) -> "BroadcastQuerySet":
        """What a reader may see now: published, and its time has come.

        A query that is written once says when: by a blank, or by the database's clock.
        """
        when = timezone.now() if at is None else at
        return self.filter(status=Broadcast.Status.PUBLISHED, published_at__lte=when)

    def newest_first(self) -> "BroadcastQuerySet":
        return self.order_by("-published_at", "-pk")

    def for_cards(self) -> "BroadcastQuerySet":
        """What a card in a list shows and nothing else, in one query.

        `series_title`, and `guests_as_json`: `[{"first": "Lou", "last": "Welgryn"}, …]` in order.
        """
        guests = (
            Appearance.objects.filter(broadcast=models.OuterRef("pk"), role=Appearance.Role.GUEST)
            .order_by("position", "pk")
            .values(json=JSONObject(first="guest__first_name", last="guest__last_name"))
        )
        shown = self.annotate(series_title=F("series__title"), guests_as_json=ArraySubquery(guests))
        return shown.only(*CARD_FIELDS)

    def with_airing(self) -> "BroadcastQuerySet":
        """Of `for_cards()`: also whether it is on the air (`airing`), in the same query."""
        read = ("airing__broadcast", "airing__state", "airing__since")
        return self.select_related("airing").only(*CARD_FIELDS, *read)


class Broadcast(models.Model):
    """An episode or a text. Public means published with `published_at` (UTC) not in the future."""

    class Status(models.TextChoices):
        DRAFT = "draft", "Brouillon"
        PUBLISHED = "published", "Publiée"
        ARCHIVED = "archived", "Retirée"

    title = models.CharField("titre", max_length=250)
    slug = models.SlugField("adresse", max_length=200, unique=True)
    dek = models.TextField("chapô", blank=True)
    body_opening = RichTextField("texte, avant la collecte", blank=True)
    body_rest = RichTextField("texte, après la collecte", blank=True)

    series = models.ForeignKey(
        Series, models.SET_NULL, null=True, blank=True, related_name="broadcasts",
        verbose_name="série",
    )  # fmt: skip
    season = models.PositiveSmallIntegerField("saison", null=True, blank=True)
    number = models.PositiveSmallIntegerField("numéro", null=True, blank=True)
    extract_of = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="extracts",
        verbose_name="extrait de",
        help_text="L’émission entière dont celle-ci n’est qu’un passage.",
    )  # fmt: skip
    extract_start_seconds = models.PositiveIntegerField("début de l’extrait", null=True, blank=True)
    tags = models.ManyToManyField(
        Tag, blank=True, related_name="broadcasts", verbose_name="mots-clés"
    )
    guests = models.ManyToManyField(
        Guest, through="Appearance", related_name="broadcasts", verbose_name="invité·es"
    )

    status = models.CharField("état", max_length=12, choices=Status.choices, default=Status.DRAFT)
    published_at = models.DateTimeField("publiée le", null=True, blank=True)
    scheduled_for = models.DateTimeField("antenne prévue le", null=True, blank=True)
    aired_at = models.DateTimeField("à l’antenne le", null=True, blank=True)
    duration_seconds = models.PositiveIntegerField("durée (secondes)", null=True, blank=True)

    image = StoredImageField("image", upload_to="emissions", blank=True)
    image_alt = models.CharField("texte alternatif", max_length=250, blank=True)
    image_credit = models.CharField("crédit", max_length=200, blank=True)
    focal_x = models.PositiveSmallIntegerField(
        "point d’intérêt, horizontal (%)", default=50, validators=[MaxValueValidator(100)]
    )
    focal_y = models.PositiveSmallIntegerField(
        "point d’intérêt, vertical (%)", default=50, validators=[MaxValueValidator(100)]
    )
    licence = models.CharField("licence", max_length=12, choices=Licence, default=Licence.BY_NC_SA)

    wp_legacy_id = models.PositiveIntegerField(
        "numéro WordPress", null=True, blank=True, unique=True
    )
    wp_legacy_link = models.URLField("lien WordPress", max_length=500, blank=True)
    legacy_source_url = models.URLField("source d’origine", max_length=500, blank=True)
    feed_guid = models.CharField(
        "identifiant dans les flux", max_length=500, null=True, blank=True, unique=True
    )
    # Links to the preview are signed with it: a new one revokes them all.
    preview_key = models.UUIDField(
        "clé des aperçus", default=uuid.uuid4, db_default=RandomUUID(), editable=False
    )
    created_at = models.DateTimeField("créée le", auto_now_add=True)
    updated_at = models.DateTimeField("modifiée le", auto_now=True)

    objects = BroadcastQuerySet.as_manager()
    history = Versions(
        name="version d’une émission",
        name_plural="versions des émissions",
        bases=[WithParts],
        excluded_fields=["preview_key", "created_at", "updated_at"],
    )

    class Meta:
        verbose_name = "émission"
        verbose_name_plural = "émissions"
        ordering = ("-published_at", "-pk")
        indexes = (
            models.Index(
                fields=["-published_at", "-id"],
                name="broadcast_newest",
                condition=Q(status="published"),
            ),
            models.Index(fields=["season", "number"], name="broadcast_season"),
        )
        constraints = (
            models.CheckConstraint(
                condition=~Q(title="") & ~Q(slug=""), name="broadcast_has_a_title"
            ),
            models.CheckConstraint(
                condition=~Q(status="published") | Q(published_at__isnull=False),
                name="broadcast_published_has_a_date",
                violation_error_message="Une émission publiée a une date de publication.",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "published", "archived"]),
                name="broadcast_status_known",
            ),
            models.CheckConstraint(
                condition=Q(focal_x__lte=100) & Q(focal_y__lte=100),
                name="broadcast_focal_in_image",
            ),
            models.CheckConstraint(
                condition=Q(season__isnull=True) | Q(season__gte=1),
                name="broadcast_season_from_one",
                violation_error_message="Les saisons commencent à 1.",
            ),
            models.CheckConstraint(
                condition=Q(extract_of__isnull=True) | ~Q(extract_of=F("id")),
                name="broadcast_no_extract_of_itself",
            ),
        )

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.feed_guid = self.feed_guid or None  # unique: absent is NULL, never ""
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return f"/emissions/{self.slug}"

    def clean(self) -> None:
        """An extract is of a whole episode, never of another extract."""
        super().clean()
        if self.extract_of is None:
            return
        if self.extract_of_id == self.pk:
            # No form checks the constraint that says so: none has the number that it names.
            told = "Une émission n’est pas un extrait d’elle-même."
        elif self.extract_of.extract_of_id is not None:
            told = f"Cette émission est elle-même un extrait{NBSP}: choisissez l’émission entière."
        elif not self._state.adding and self.extracts.exists():
            told = f"Celle-ci a ses propres extraits{NBSP}: elle ne peut pas en être un."
        else:
            return
        raise ValidationError({"extract_of": told})

    @property
    def is_public(self) -> bool:
        return (
            self.status == self.Status.PUBLISHED
            and self.published_at is not None
            and self.published_at <= timezone.now()
        )

    @property
    def is_programmed(self) -> bool:
        """Published for later (« programmé »)."""
        return self.status == self.Status.PUBLISHED and not self.is_public

    def has_been_public(self) -> bool:
        """Whether somebody may hold a link to it: nobody has one to a draft that never went out."""
        if self.status != self.Status.DRAFT and self.published_at is not None:
            return self.published_at <= timezone.now() or self._went_out()
        return self.status == self.Status.ARCHIVED or self._went_out()

    def _went_out(self) -> bool:
        return not self._state.adding and self.steps.filter(was_public=True).exists()

    @property
    def date(self) -> dt.datetime | None:
        """The moment (UTC) that readers know it by: on air, else published."""
        return self.aired_at or self.published_at

    @property
    def licence_terms(self) -> Licence:
        return Licence(self.licence)


class Appearance(models.Model):
    """Somebody in a broadcast, with the function they had that day."""

    class Role(models.TextChoices):
        GUEST = "guest", "Invité·e"
        HOST = "host", "Animation"

    broadcast = models.ForeignKey(
        Broadcast, models.CASCADE, related_name="appearances", verbose_name="émission"
    )
    guest = models.ForeignKey(
        Guest, models.PROTECT, related_name="appearances", verbose_name="personne"
    )
    role = models.CharField("rôle", max_length=8, choices=Role.choices, default=Role.GUEST)
    function = models.CharField(
        "fonction ce jour-là", max_length=200, blank=True,
        help_text="Vide : la fonction de sa fiche.",
    )  # fmt: skip
    position = models.PositiveSmallIntegerField("rang", default=0)

    class Meta:
        verbose_name = "participation"
        verbose_name_plural = "participations"
        ordering = ("position", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=["broadcast", "guest"],
                name="appearance_once",
                violation_error_message="Cette personne est déjà dans l’émission.",
            ),
            models.CheckConstraint(
                condition=Q(role__in=["guest", "host"]), name="appearance_role_known"
            ),
        )

    def __str__(self) -> str:
        return f"{self.guest} – {self.broadcast}"

    @property
    def shown_function(self) -> str:
        return self.function or self.guest.title


class Chapter(models.Model):
    """A titled moment of the broadcast, in seconds from its start."""

    broadcast = models.ForeignKey(
        Broadcast, models.CASCADE, related_name="chapters", verbose_name="émission"
    )
    start_seconds = models.PositiveIntegerField("début (secondes)")
    title = models.CharField("titre", max_length=200)
    # Where it was read; none once an editor has written it, and then no sync touches it.
    source = models.ForeignKey(
        "broadcasts.VideoSource", models.SET_NULL, null=True, blank=True, editable=False,
        related_name="chapters", verbose_name="lu chez",
    )  # fmt: skip

    class Meta:
        verbose_name = "chapitre"
        verbose_name_plural = "chapitres"
        ordering = ("start_seconds",)
        constraints = (
            models.UniqueConstraint(
                fields=["broadcast", "start_seconds"],
                name="chapter_start_once",
                violation_error_message="Un chapitre commence déjà à cette seconde.",
            ),
            models.CheckConstraint(condition=~Q(title=""), name="chapter_has_a_title"),
        )

    def __str__(self) -> str:
        return self.title
