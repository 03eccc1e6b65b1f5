"""Letters on their way out. Written with the booking, sent by a worker, once per key."""

from django.db import models
from django.utils import timezone


class OutgoingEmailQuerySet(models.QuerySet["OutgoingEmail"]):
    def due(self) -> "OutgoingEmailQuerySet":
        """Not sent, and its next attempt's time has come."""
        return self.filter(sent_at__isnull=True, next_attempt_at__lte=timezone.now())


class OutgoingEmail(models.Model):
    """One letter. `key` is unique (`thanks:<gift>`): writing it again changes nothing.

    Once sent, address and text are emptied after a while; the row stays, so the key stays taken.
    """

    key = models.CharField("clé", max_length=120, unique=True)
    to = models.EmailField("à", blank=True)
    subject = models.CharField("objet", max_length=200)
    text = models.TextField("texte")
    html = models.TextField("HTML", blank=True)
    # Its PDF is attached when the letter leaves.
    receipt = models.ForeignKey(
        "donations.Receipt", models.PROTECT, null=True, blank=True, related_name="letters",
        verbose_name="reçu joint",
    )  # fmt: skip
    created_at = models.DateTimeField("écrit le", auto_now_add=True)
    sent_at = models.DateTimeField("envoyé le", null=True, blank=True)
    next_attempt_at = models.DateTimeField("prochain essai le", default=timezone.now)
    attempts = models.PositiveIntegerField("essais", default=0)
    last_error = models.CharField("dernière erreur", max_length=500, blank=True)

    objects = OutgoingEmailQuerySet.as_manager()

    class Meta:
        verbose_name = "courriel"
        verbose_name_plural = "courriels"
        ordering = ("-created_at", "-pk")
        indexes = (
            models.Index(
                fields=["next_attempt_at"],
                name="outgoing_email_due",
                condition=models.Q(sent_at__isnull=True),
            ),
        )

    def __str__(self) -> str:
        return self.subject
