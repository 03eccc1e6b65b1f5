"""The readers' forms."""

from collections.abc import Iterator
from typing import Any, Self

from django import forms
from django.core.exceptions import ValidationError

from auposte.forms import StampedForm
from broadcasts.services.quoting import QuoteError, check_lines, chosen_lines
from broadcasts.services.transcripts import Line, Words

# Lines around the chosen ones, to take in or leave out.
AROUND = 4
MOST_SHOWN = 60
LONGEST_NUMBER = 6


class QuoteForm(StampedForm):
    """Neighbouring lines of a transcript; `cleaned_data["lines"]` has them.

    `edition` says which words were shown: they may have been corrected meanwhile.
    """

    # Who has chosen on the transcript only confirms.
    least_seconds = 0
    edition = forms.CharField(widget=forms.HiddenInput)
    lines = forms.TypedMultipleChoiceField(
        coerce=int, error_messages={"required": "Choisissez au moins une ligne."}
    )

    def __init__(
        self, data: Any = None, *, words: Words, chosen: tuple[int, ...] = (), **options: Any
    ) -> None:
        super().__init__(data, **options)
        self.words = words
        self.chosen = chosen or self._sent()
        # Of thousands of lines only those that were sent are looked through, for each of these.
        asked = set(self.chosen)
        self.fields["lines"].choices = [  # type: ignore[attr-defined]
            (line.position, line.text) for line in words.lines if line.position in asked
        ]

    @classmethod
    def between(cls, words: Words, *, first: str | None, last: str | None) -> Self:
        """The form with the lines between these two positions ticked, as far as they are any."""
        known = {line.position for line in words.lines}
        ends = [int(text) for text in (first, last) if text and _is_number(text)]
        ends = [end for end in ends if end in known] or [words.lines[0].position]
        lines = chosen_lines(words, first=ends[0], last=ends[-1])[:MOST_SHOWN]
        return cls(words=words, chosen=tuple(line.position for line in lines))

    def _sent(self) -> tuple[int, ...]:
        """Of what was sent, what may be ticked again."""
        if not self.is_bound:
            return ()
        sent = self.fields["lines"].widget.value_from_datadict(self.data, self.files, "lines")
        return tuple(int(text) for text in sent or () if _is_number(text))

    @property
    def shown(self) -> Iterator[tuple[Line, bool]]:
        """The lines to choose from, and whether each is ticked."""
        lines, chosen = self.words.lines, set(self.chosen)
        places = [place for place, line in enumerate(lines) if line.position in chosen]
        start = max(0, (places[0] if places else 0) - AROUND)
        end = (places[-1] if places else 0) + AROUND + 1
        for line in lines[start : min(end, start + MOST_SHOWN)]:
            yield line, line.position in chosen

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("edition") != self.words.edition:
            raise ValidationError("La transcription vient d’être corrigée : relisez ces lignes.")
        positions = data.get("lines")
        if not positions:
            return data
        lines = chosen_lines(self.words, first=min(positions), last=max(positions))
        if len(lines) != len(set(positions)):
            raise ValidationError("Les lignes d’une citation se suivent, sans coupe.")
        try:
            check_lines(self.words, lines)
        except QuoteError as error:
            raise ValidationError(str(error)) from error
        data["lines"] = lines
        return data


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER
