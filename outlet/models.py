"""What the outlet says of itself, and how readers reach it: pages, the newsletter, messages."""

import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from auposte.richtext import RichTextField
from auposte.versions import Versions

# Pages that everybody looks for at an address of this form.
LEGAL = ("mentions-legales", "confidentialite", "accessibilite")
# The text above the form of `/contact`.
CONTACT = "contact"


class PageQuerySet(models.QuerySet["Page"]):
    def in_foot(self) -> "PageQuerySet":
        """Those that the foot of every page links to; « Contact » stands there by itself."""
        return self.filter(status=Page.Status.PUBLISHED).exclude(slug=CONTACT)


class Page(models.Model):
    """A text of the outlet's own: who publishes, what is kept about readers…

    An address is chosen once: the law has readers find these pages where they were.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", "brouillon"
        PUBLISHED = "published", "en ligne"
        ARCHIVED = "archived", "retirée"

    title = models.CharField("titre", max_length=200)
    slug = models.SlugField("adresse", max_length=80, unique=True)
    body = RichTextField("texte", blank=True)
    status = models.CharField("état", max_length=10, choices=Status.choices, default=Status.DRAFT)
    position = models.PositiveSmallIntegerField(
        "place", default=100, help_text="Au pied des pages, du plus petit au plus grand."
    )
    updated_at = models.DateTimeField("modifiée le", auto_now=True)

    objects = PageQuerySet.as_manager()
    history = Versions(
        name="version d’une page",
        name_plural="versions des pages",
        excluded_fields=["updated_at"],
    )

    class Meta:
        verbose_name = "page"
        verbose_name_plural = "pages"
        ordering = ("position", "title")
        constraints = (
            models.CheckConstraint(condition=~Q(title="") & ~Q(slug=""), name="page_has_a_name"),
        )

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        at_the_root = self.slug == CONTACT or self.slug in LEGAL
        return f"/{self.slug}" if at_the_root else f"/pages/{self.slug}"

    @property
    def is_public(self) -> bool:
        return self.status == self.Status.PUBLISHED


class SubscriberQuerySet(models.QuerySet["Subscriber"]):
    def confirmed(self) -> "SubscriberQuerySet":
        """Who gets the newsletter."""
        return self.filter(confirmed_at__isnull=False)

    def unconfirmed(self) -> "SubscriberQuerySet":
        return self.filter(confirmed_at__isnull=True)


class Subscriber(models.Model):
    """Somebody who asked for the newsletter, and maybe confirmed. Who leaves is deleted.

    `key` is in the links of their letters: it confirms, and leaves.
    """

    email = models.EmailField("adresse électronique", unique=True)
    key = models.UUIDField("clé", default=uuid.uuid4, unique=True, editable=False)
    asked_at = models.DateTimeField("demandée le", default=timezone.now)
    confirmed_at = models.DateTimeField("confirmée le", null=True, blank=True)
    # At most one letter in a while, however often the address is typed.
    written_at = models.DateTimeField("dernier courriel", null=True, blank=True)

    objects = SubscriberQuerySet.as_manager()

    class Meta:
        verbose_name = "inscription à la lettre"
        verbose_name_plural = "inscriptions à la lettre"
        ordering = ("-asked_at", "-pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(email=Lower("email")) & ~Q(email=""),
                name="subscriber_email_folded",
                violation_error_message="L’adresse s’écrit en minuscules.",
            ),
        )

    def __str__(self) -> str:
        return self.email


class ContactMessage(models.Model):
    """What somebody wrote by `/contact`."""

    name = models.CharField("nom", max_length=120, blank=True)
    email = models.EmailField("adresse électronique")
    text = models.TextField("message")
    created_at = models.DateTimeField("reçu le", auto_now_add=True)
    is_answered = models.BooleanField("traité", default=False)

    class Meta:
        verbose_name = "message"
        verbose_name_plural = "messages"
        ordering = ("-created_at", "-pk")

    def __str__(self) -> str:
        return f"Message nº\u00a0{self.pk}"


class OutgoingLetterQuerySet(models.QuerySet["OutgoingLetter"]):
    def due(self) -> "OutgoingLetterQuerySet":
        """Its next attempt's time has come."""
        return self.filter(next_attempt_at__lte=timezone.now())


class OutgoingLetter(models.Model):
    """A letter that has not left yet. Once it has, the row goes: nobody's address stays here."""

    to = models.EmailField("à")
    reply_to = models.EmailField("réponse à", blank=True)
    subject = models.CharField("objet", max_length=200)
    text = models.TextField("texte")
    # For mail readers' own button (RFC 8058); empty in what is no newsletter.
    leave_url = models.URLField("lien de désinscription", blank=True)
    created_at = models.DateTimeField("écrit le", auto_now_add=True)
    next_attempt_at = models.DateTimeField("prochain essai le", default=timezone.now)
    attempts = models.PositiveIntegerField("essais", default=0)
    last_error = models.CharField("dernière erreur", max_length=500, blank=True)

    objects = OutgoingLetterQuerySet.as_manager()

    class Meta:
        verbose_name = "courriel en attente"
        verbose_name_plural = "courriels en attente"
        ordering = ("next_attempt_at", "pk")
        indexes = (models.Index(fields=["next_attempt_at"], name="outlet_letter_due"),)

    def __str__(self) -> str:
        return self.subject
