"""How broadcasts are sorted: series and tags; and the mottoes of the banner."""

from urllib.parse import quote_plus

from django.db import models

from auposte.richtext import RichTextField
from auposte.versions import Versions


class Series(models.Model):
    """A recurring show, such as « Causerie ». Seasons are numbers of a broadcast, not series."""

    title = models.CharField("titre", max_length=120, unique=True)
    slug = models.SlugField("adresse", max_length=120, unique=True)
    description = RichTextField("présentation", blank=True)
    position = models.PositiveSmallIntegerField("rang", default=0)

    history = Versions(name="version d’une série", name_plural="versions des séries")

    class Meta:
        verbose_name = "série"
        verbose_name_plural = "séries"
        ordering = ("position", "title")
        constraints = (
            models.CheckConstraint(
                condition=~models.Q(title="") & ~models.Q(slug=""), name="series_has_a_title"
            ),
        )

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"/series/{self.slug}"


class Tag(models.Model):
    """A keyword. "Saison 04" is never one: `?tags=Saison+04` is read as the season's number."""

    name = models.CharField("nom", max_length=120, unique=True)
    slug = models.SlugField("adresse", max_length=120, unique=True)
    description = models.TextField("description", blank=True)

    class Meta:
        verbose_name = "mot-clé"
        verbose_name_plural = "mots-clés"
        ordering = ("name",)
        constraints = (
            models.CheckConstraint(
                condition=~models.Q(name="") & ~models.Q(slug=""), name="tag_has_a_name"
            ),
            models.CheckConstraint(
                condition=~models.Q(name__iregex=r"^\s*saison\s*\d+\s*$"),
                name="tag_is_not_a_season",
                violation_error_message="Une saison se note dans le champ « saison ».",
            ),
        )

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The list, as the outlet's links have always had it."""
        return f"/emissions?tags={quote_plus(self.name)}"

    @property
    def page_address(self) -> str:
        """Its own page: what it is about, since when, who was heard on it."""
        return f"/tags/{self.slug}"


class TagAlias(models.Model):
    """A name that a tag had, or the name of one that was merged into it: links hold it still."""

    tag = models.ForeignKey(
        Tag, models.CASCADE, related_name="aliases", verbose_name="mot-clé d’aujourd’hui"
    )
    name = models.CharField("ancien nom", max_length=120, unique=True)
    slug = models.SlugField("ancienne adresse", max_length=120, unique=True)

    class Meta:
        verbose_name = "ancien nom d’un mot-clé"
        verbose_name_plural = "anciens noms des mots-clés"
        ordering = ("name",)
        constraints = (
            models.CheckConstraint(
                condition=~models.Q(name="") & ~models.Q(slug=""), name="tag_alias_has_a_name"
            ),
        )

    def __str__(self) -> str:
        return self.name


class Motto(models.Model):
    """A line of the banner. Pages take turns; nothing moves while one reads."""

    text = models.CharField("devise", max_length=120, unique=True)
    position = models.PositiveSmallIntegerField("rang", default=0)
    is_active = models.BooleanField("affichée", default=True)

    class Meta:
        verbose_name = "devise"
        verbose_name_plural = "devises"
        ordering = ("position", "pk")

    def __str__(self) -> str:
        return self.text
