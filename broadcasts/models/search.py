"""What searching goes over. All of it is derived: it can be deleted and built again.

`SearchDocument.vector` is kept by triggers of the database (see the migration `search_triggers`),
so that no way of writing a title, a name or a keyword can leave it behind. Passages are built from
cues by `services/passages.py`; triggers note in `StaleSpeech` whose cues have changed.
"""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Lower

from broadcasts.models.broadcast import Broadcast
from broadcasts.models.transcript import Transcript
from guests.models import ImmutableUnaccent


class FrenchVector(Func):
    """The words of a text as French is searched: see `french_vector` in the migration."""

    function = "french_vector"


class DocumentWords(Func):
    """Every word of a broadcast, written or said, without its places."""

    template = "(strip(%(expressions)s))"
    arg_joiner = ") || ("


class Passage(models.Model):
    """About a minute of speech. Only one transcript of a broadcast has passages.

    `text` has a line a cue; `cue_starts_ms` has their starts, on the transcript's clock.
    """

    broadcast = models.ForeignKey(
        Broadcast, models.CASCADE, related_name="passages", verbose_name="émission"
    )
    transcript = models.ForeignKey(
        Transcript, models.CASCADE, related_name="passages", verbose_name="transcription"
    )
    position = models.PositiveIntegerField("rang")
    start_ms = models.PositiveIntegerField("début (ms)")
    end_ms = models.PositiveIntegerField("fin (ms)")
    text = models.TextField("texte")
    cue_starts_ms = ArrayField(models.PositiveIntegerField(), verbose_name="débuts (ms)")
    vector = models.GeneratedField(
        expression=FrenchVector("text"), output_field=SearchVectorField(), db_persist=True
    )

    class Meta:
        verbose_name = "passage"
        verbose_name_plural = "passages"
        ordering = ("position",)
        indexes = (GinIndex(fields=["vector"], name="passage_words"),)
        constraints = (
            models.UniqueConstraint(fields=["broadcast", "position"], name="passage_once"),
            models.CheckConstraint(
                condition=Q(end_ms__gte=F("start_ms")), name="passage_ends_after_its_start"
            ),
        )

    def __str__(self) -> str:
        return self.text


class StaleSpeech(models.Model):
    """Cues of this broadcast were written since its passages were built; a row for each time.

    Written by triggers, also for a broadcast that is just going: hence a number and no foreign key.
    """

    broadcast_number = models.PositiveBigIntegerField("numéro de l’émission", db_index=True)

    class Meta:
        verbose_name = "parole à relire"
        verbose_name_plural = "paroles à relire"

    def __str__(self) -> str:
        return str(self.broadcast_number)


class SearchDocument(models.Model):
    """A broadcast as search knows it.

    `vector` holds what is written, with weights: A the title, B guests, keywords, series, C dek and
    functions, D body and hosts. `spoken` holds the words of its passages, `vocabulary` the same
    words as they are written. `words` tells in one look whether a broadcast has a word anywhere.
    """

    broadcast = models.OneToOneField(
        Broadcast, models.CASCADE, primary_key=True, related_name="search_document",
        verbose_name="émission",
    )  # fmt: skip
    vector = SearchVectorField("mots écrits")
    spoken = SearchVectorField("mots dits")
    vocabulary = ArrayField(models.TextField(), verbose_name="vocabulaire")
    words = models.GeneratedField(
        expression=DocumentWords("vector", "spoken"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    class Meta:
        verbose_name = "document de recherche"
        verbose_name_plural = "documents de recherche"
        indexes = (GinIndex(fields=["words"], name="search_document_words"),)

    def __str__(self) -> str:
        return f"nº {self.pk}"


class SearchWord(models.Model):
    """A word that the archive knows, to mend a misspelt one; in how many broadcasts it is."""

    word = models.TextField("mot", primary_key=True)
    plain = models.GeneratedField(
        expression=Lower(ImmutableUnaccent("word")),
        output_field=models.TextField(),
        db_persist=True,
    )
    broadcasts = models.PositiveIntegerField("émissions")

    class Meta:
        verbose_name = "mot connu"
        verbose_name_plural = "mots connus"
        indexes = (
            GinIndex(fields=["plain"], opclasses=["gin_trgm_ops"], name="search_word_likeness"),
        )

    def __str__(self) -> str:
        return self.word
