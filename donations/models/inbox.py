"""Stripe's events as they came in, and the switch that closes the till."""

from collections.abc import Iterable

from django.db import connection, models
from django.utils import timezone


class StripeEventQuerySet(models.QuerySet["StripeEvent"]):
    def due(self) -> "StripeEventQuerySet":
        """Not processed, and its next attempt's time has come."""
        return self.filter(processed_at__isnull=True, next_attempt_at__lte=timezone.now())

    def add(self, events: "Iterable[StripeEvent]") -> list[str]:
        """Insert those that are not here yet; their ids. One statement, which tells what it did:
        Django's own bulk insert cannot, and this is where a rush of gifts comes in.
        """
        columns = list(self.model._meta.concrete_fields)
        rows = [
            [field.get_db_prep_save(getattr(event, field.attname), connection) for field in columns]
            for event in events
        ]
        if not rows:
            return []
        names = ", ".join(connection.ops.quote_name(str(field.column)) for field in columns)
        row = f"({', '.join(['%s'] * len(columns))})"
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {self.model._meta.db_table} ({names})"  # noqa: S608  # our names
                f" VALUES {', '.join([row] * len(rows))} ON CONFLICT DO NOTHING RETURNING id",
                [value for values in rows for value in values],
            )
            return [key for (key,) in cursor.fetchall()]


class StripeEvent(models.Model):
    """An event that Stripe announced. Only a trigger: no payload is kept, the object is asked for.

    `next_attempt_at` doubles as the claim: whoever moves it forward works on the event, and if
    that worker dies the sweeper finds the event again once the time has passed.
    """

    id = models.CharField("événement", max_length=255, primary_key=True)
    type = models.CharField("type", max_length=100)
    object_id = models.CharField("objet", max_length=255, blank=True)
    livemode = models.BooleanField("argent réel")
    api_version = models.CharField("version", max_length=40, blank=True)
    created = models.DateTimeField("créé chez Stripe le")
    received_at = models.DateTimeField("reçu le", default=timezone.now)
    processed_at = models.DateTimeField("traité le", null=True, blank=True)
    next_attempt_at = models.DateTimeField("prochain essai le", default=timezone.now)
    attempts = models.PositiveIntegerField("essais", default=0)
    last_error = models.CharField("dernière erreur", max_length=500, blank=True)

    objects = StripeEventQuerySet.as_manager()

    class Meta:
        verbose_name = "événement Stripe"
        verbose_name_plural = "événements Stripe"
        ordering = ("-created", "-pk")
        indexes = (
            models.Index(
                fields=["next_attempt_at"],
                name="stripe_event_due",
                condition=models.Q(processed_at__isnull=True),
            ),
            models.Index(fields=["object_id"], name="stripe_event_object"),
            models.Index(fields=["-created"], name="stripe_event_newest"),
        )

    def __str__(self) -> str:
        return self.id


class GivingSettings(models.Model):
    """The one row that the newsroom changes at once: is the till open, what to say if not."""

    is_open = models.BooleanField("dons ouverts", default=True)
    closed_message = models.CharField(
        "message si fermé", max_length=300, blank=True,
        default="Les dons par carte sont suspendus un moment. Revenez bientôt.",
    )  # fmt: skip
    sepa_debit = models.BooleanField(
        "prélèvement SEPA", default=False,
        help_text="Propose aussi le prélèvement. La somme met quelques jours à venir.",
    )  # fmt: skip
    gifts_shown_from = models.PositiveSmallIntegerField(
        "dons d’une émission montrés à partir de", default=5,
        help_text="En dessous de ce nombre de donateur·ices, la page n’en dit rien.",
    )  # fmt: skip
    # Raised by itself while cards are being tried out; see services/shield.py.
    shield_until = models.DateTimeField("bouclier levé jusqu’au", null=True, blank=True)
    shield_reason = models.CharField("raison du bouclier", max_length=200, blank=True)
    # On air: the key in the overlay's address, and the hand that hides all at once.
    overlay_key = models.CharField("clé de l’habillage", max_length=64, blank=True)
    on_air_hidden = models.BooleanField("tout masquer à l’antenne", default=False)

    class Meta:
        verbose_name = "réglage des dons"
        verbose_name_plural = "réglages des dons"
        constraints = (
            models.CheckConstraint(condition=models.Q(pk=1), name="giving_settings_one_row"),
        )

    def __str__(self) -> str:
        return "Dons ouverts" if self.is_open else "Dons fermés"

    @classmethod
    def load(cls) -> "GivingSettings":
        """The row, or its defaults while nobody has saved it."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)
