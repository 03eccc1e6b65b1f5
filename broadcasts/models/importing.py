"""What an import wrote, so that the next one knows what the newsroom changed since.

Nothing here shows anywhere. Rows outlive what they speak of: what an editor deleted stays deleted.
"""

from django.db import models
from django.db.models import Q

from auposte.images import StoredImageField
from broadcasts.models.broadcast import Broadcast
from broadcasts.models.taxonomy import Series, Tag
from guests.models import Guest


class ImportedPost(models.Model):
    """A WordPress post. `written` holds a digest of each field as the import last wrote it."""

    wp_post_id = models.PositiveIntegerField("numéro WordPress", unique=True)
    broadcast = models.OneToOneField(
        Broadcast, models.SET_NULL, null=True, related_name="imported_post",
        verbose_name="émission",
    )  # fmt: skip
    written = models.JSONField("écrit", default=dict)

    class Meta:
        verbose_name = "article importé"
        verbose_name_plural = "articles importés"

    def __str__(self) -> str:
        return str(self.wp_post_id)


class ImportedTerm(models.Model):
    """A term of a taxonomy and what it became: a tag, a series or a person; nothing when deleted.

    `written` is a digest of the description as the import last wrote it.
    """

    taxonomy = models.CharField("taxonomie", max_length=64)
    nicename = models.CharField("identifiant", max_length=250)
    tag = models.ForeignKey(
        Tag, models.SET_NULL, null=True, related_name="imported_terms", verbose_name="mot-clé"
    )
    series = models.ForeignKey(
        Series, models.SET_NULL, null=True, related_name="imported_terms", verbose_name="série"
    )
    guest = models.ForeignKey(
        Guest, models.SET_NULL, null=True, related_name="imported_terms", verbose_name="personne"
    )
    written = models.CharField("écrit", max_length=32, blank=True)

    class Meta:
        verbose_name = "terme importé"
        verbose_name_plural = "termes importés"
        constraints = (
            models.UniqueConstraint(fields=["taxonomy", "nicename"], name="imported_term_once"),
            models.CheckConstraint(
                condition=Q(tag=None, series=None)
                | Q(tag=None, guest=None)
                | Q(series=None, guest=None),
                name="imported_term_is_one_thing",
            ),
        )

    def __str__(self) -> str:
        return f"{self.taxonomy}/{self.nicename}"


class ImportedPicture(models.Model):
    """An image of a text, kept here since only this site's images are shown."""

    source_url = models.CharField("adresse d’origine", max_length=500, unique=True)
    image = StoredImageField("image", upload_to="archives")

    class Meta:
        verbose_name = "image importée"
        verbose_name_plural = "images importées"

    def __str__(self) -> str:
        return self.source_url
