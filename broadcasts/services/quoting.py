"""Quotes: lines of a reviewed transcript, copied under an address of their own."""

import hashlib

from django.db import transaction
from django.utils import timezone

from auposte.money import NBSP
from auposte.pages import removal
from broadcasts.models import Quote
from broadcasts.services.transcripts import Line, Words

LONGEST_QUOTE = 600


class QuoteError(Exception):
    """Why these lines cannot be quoted, in French."""


def chosen_lines(words: Words, *, first: int, last: int) -> tuple[Line, ...]:
    """The lines from one position to another, both included, whichever comes first."""
    low, high = sorted((first, last))
    return tuple(line for line in words.lines if low <= line.position <= high)


def text_of(lines: tuple[Line, ...]) -> str:
    return " ".join(" ".join(line.text.split()) for line in lines)


def speaker_of(lines: tuple[Line, ...]) -> str:
    """Who says all of it; "" when it is not told, or several do."""
    voices = {line.speaker for line in lines}
    return voices.pop() if len(voices) == 1 else ""


def check_lines(words: Words, lines: tuple[Line, ...]) -> None:
    """QuoteError for what no quote can be made of."""
    if not words.transcript.is_reviewed:
        raise QuoteError("Cette transcription n’est pas relue : on ne cite pas une machine.")
    if not lines:
        raise QuoteError("Choisissez au moins une ligne.")
    length = len(text_of(lines))
    if length > LONGEST_QUOTE:
        raise QuoteError(
            f"Ce passage est trop long pour une citation{NBSP}: {length} signes, "
            f"{LONGEST_QUOTE} au plus. Gardez-en moins de lignes."
        )


def keep_quote(*, words: Words, lines: tuple[Line, ...]) -> Quote:
    """The quote of these lines; the one that is there when somebody made it before.

    QuoteError when they will not do, or when an editor has taken this very quote away.
    """
    check_lines(words, lines)
    text, speaker = text_of(lines), speaker_of(lines)
    facts = {
        "broadcast_id": words.broadcast.pk,
        "start_ms": lines[0].start_ms,
        "end_ms": max(lines[0].start_ms, lines[-1].end_ms),
        "digest": hashlib.sha256(f"{speaker}\n{text}".encode()).hexdigest(),
    }
    # ON CONFLICT DO NOTHING: two readers who quote the same at once get the same.
    Quote.objects.bulk_create([Quote(**facts, speaker=speaker, text=text)], ignore_conflicts=True)
    quote = Quote.objects.get(**facts)
    if quote.hidden_at:
        raise QuoteError("Cette citation a été retirée par la rédaction.")
    return quote


@transaction.atomic
def hide_quote(quote: Quote) -> None:
    """Take it from readers at once: its page answers 410, and nobody makes it again."""
    hidden = Quote.objects.filter(pk=quote.pk, hidden_at=None).update(hidden_at=timezone.now())
    if hidden:
        removal.take_away(quote.get_absolute_url())


def show_quote(quote: Quote) -> None:
    """Give back what was taken away."""
    quote.hidden_at = None
    quote.save(update_fields=["hidden_at"])
