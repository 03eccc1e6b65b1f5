"""What the list of episodes can be narrowed to from where one is, in words, with counts."""

from collections.abc import Iterable
from dataclasses import dataclass

from broadcasts.filters import LENGTHS, Choice, Filters, Pairs, list_address, toggled
from broadcasts.services.facets import Count, Found, Length, Order

# Of keywords and of guests, those that one can click; the others are typed.
NAMES_SHOWN = 8
LENGTH_WORDS = {length.slug: LENGTHS[length] for length in Length}
ORDER_WORDS = {
    Order.NEWEST: "plus récentes",
    Order.OLDEST: "plus anciennes",
    Order.LONGEST: "plus longues",
    Order.TITLE: "titre",
}


@dataclass(frozen=True, kw_only=True)
class Drawer:
    """The choices of one kind; `others` are names for a text field, most frequent first.

    `index` is the page that has all of them.
    """

    label: str
    parameter: str
    choices: list[Choice]
    others: tuple[str, ...] = ()
    field_label: str = ""
    index: str = ""
    index_label: str = ""


def drawers(filters: Filters, found: Found) -> list[Drawer]:
    """Those that hold something. Choosing again what is chosen lifts it."""
    pairs = filters.pairs
    tags, guests = found.of("tags"), found.of("invite")
    every = [
        Drawer(
            label="Série",
            parameter="serie",
            choices=_choices(pairs, "serie", ((c.value, c.label, c) for c in found.of("serie"))),
            index="/series",
            index_label="Les séries",
        ),
        Drawer(
            label="Saison",
            parameter="saison",
            choices=_choices(
                pairs, "saison", ((c.value, f"{int(c.value):02d}", c) for c in found.of("saison"))
            ),
            index="/saisons",
            index_label="Les saisons",
        ),
        Drawer(
            label="Année",
            parameter="annee",
            choices=_choices(pairs, "annee", ((c.value, c.value, c) for c in found.of("annee"))),
        ),
        Drawer(
            label="Mots-clés",
            parameter="tags",
            choices=_choices(pairs, "tags", ((c.label, c.label, c) for c in tags[:NAMES_SHOWN])),
            others=tuple(count.label for count in tags[NAMES_SHOWN:]),
            field_label="Un autre mot-clé",
            index="/tags",
            index_label="Tous les mots-clés",
        ),
        Drawer(
            label="Invité·e",
            parameter="invite",
            choices=_choices(
                pairs, "invite", ((c.value, c.label, c) for c in guests[:NAMES_SHOWN])
            ),
            others=tuple(count.label for count in guests[NAMES_SHOWN:]),
            field_label="Une autre personne",
            index="/invites",
            index_label="Tout le registre",
        ),
        Drawer(
            label="Durée",
            parameter="duree",
            choices=_choices(
                pairs, "duree", ((c.value, LENGTH_WORDS[c.value], c) for c in found.of("duree"))
            ),
        ),
        Drawer(
            label="Transcription",
            parameter="transcription",
            choices=_choices(
                pairs,
                "transcription",
                ((c.value, "avec transcription", c) for c in found.of("transcription")),
            ),
        ),
    ]
    return [drawer for drawer in every if drawer.choices]


def orders(filters: Filters) -> list[Choice]:
    """The ways to sort the list; the first is what an address without `tri` has."""
    others = tuple(pair for pair in filters.pairs if pair[0] != "tri")
    return [
        Choice(
            label=words,
            address=list_address(
                others if order is Order.NEWEST else (*others, ("tri", order.slug))
            ),
            is_chosen=order is filters.order,
            name=f"tri-{order.slug}",
        )
        for order, words in ORDER_WORDS.items()
    ]


def _choices(
    pairs: Pairs, parameter: str, values: Iterable[tuple[str, str, Count]]
) -> list[Choice]:
    return [
        Choice(
            label=label,
            address=toggled(pairs, parameter, value),
            is_chosen=(parameter, value) in pairs,
            name=f"{parameter}-{count.value}",
            broadcasts=count.broadcasts,
        )
        for value, label, count in values
    ]
