"""People who come to talk. Their pages list broadcasts, so those are views of `broadcasts`."""

from django.db import models
from django.db.models.functions import Concat, Left, Lower

from auposte.images import StoredImageField
from auposte.richtext import RichTextField
from auposte.versions import Versions
from guests.elsewhere import Elsewhere, read_elsewhere


class ImmutableUnaccent(models.Func):
    """`unaccent()` declared IMMUTABLE by the first migration: columns can be built on it."""

    function = "immutable_unaccent"


class GuestQuerySet(models.QuerySet["Guest"]):
    def in_order(self) -> "GuestQuerySet":
        """By last name, accents folded: Étoile stands before Zèbre."""
        return self.order_by("sort_key", "pk")


class Guest(models.Model):
    """A person. A mononym goes into `last_name`; particles ("de La") stay with the last name."""

    last_name = models.CharField("nom", max_length=120)
    first_name = models.CharField("prénom", max_length=120, blank=True)
    slug = models.SlugField("adresse", max_length=200, unique=True)
    title = models.CharField(
        "fonction", max_length=200, blank=True, help_text="« secrétaire générale de Data for Good »"
    )
    bio = RichTextField("présentation", blank=True)
    # A line each: versions compare them so, and a page that shows a name has no use for them.
    elsewhere = models.TextField("ailleurs", blank=True)
    portrait = StoredImageField("portrait", upload_to="invites", blank=True)
    portrait_alt = models.CharField("texte alternatif", max_length=250, blank=True)
    portrait_credit = models.CharField("crédit", max_length=200, blank=True)
    created_at = models.DateTimeField("créé·e le", auto_now_add=True)
    updated_at = models.DateTimeField("modifié·e le", auto_now=True)
    # Without ICU the database would sort "Étoile" after "zèbre".
    sort_key = models.GeneratedField(
        # Cut last: without its ligatures a name has more letters than the two columns hold.
        expression=Left(
            Lower(ImmutableUnaccent(Concat("last_name", models.Value(" "), "first_name"))), 250
        ),
        output_field=models.CharField(max_length=250),
        db_persist=True,
    )

    objects = GuestQuerySet.as_manager()
    history = Versions(
        name="version d’une fiche",
        name_plural="versions des fiches",
        excluded_fields=["created_at", "updated_at", "sort_key"],
    )

    class Meta:
        verbose_name = "invité·e"
        verbose_name_plural = "invité·es"
        ordering = ("sort_key", "pk")
        indexes = (models.Index(fields=["sort_key"], name="guest_sort"),)
        constraints = (
            models.CheckConstraint(
                condition=~models.Q(last_name="") & ~models.Q(slug=""), name="guest_has_a_name"
            ),
        )

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/invites/{self.slug}"

    @property
    def name(self) -> str:
        """In prose: `Lou Welgryn`."""
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def list_name(self) -> str:
        """In lists: `Welgryn Lou`."""
        return f"{self.last_name} {self.first_name}".strip()

    @property
    def found_elsewhere(self) -> tuple[Elsewhere, ...]:
        return read_elsewhere(self.elsewhere)
