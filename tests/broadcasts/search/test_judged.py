"""What people ask, and what they should be given: the figure that says how good search is.

Recall here: of the episodes that a question should bring, the share that is among the first five.
"""

from __future__ import annotations

from urllib.parse import quote

import pytest
from django.test import Client

from broadcasts.services.search.spelling import learn_words
from tests.broadcasts.pages import Page
from tests.broadcasts.search.corpus import write_corpus

pytestmark = pytest.mark.django_db
TOP = 5
REACHED = 0.98

# Question → the slugs that belong among the first five.
JUDGED = {
    # Feminine, masculine, plural, conjugated.
    "policière": {"policieres"},
    "policiers": {"policieres", "dufresne", "lbd"},
    "policieres": {"policieres"},
    "infirmière": {"hopital"},
    "communarde": {"commune"},
    "prisonnier": {"prison"},
    "enseignante": {"syndicats"},
    "grenade": {"bassines"},
    "expulsions": {"logement"},
    "encerclé": {"nasses"},
    "syndicat": {"chiffres"},
    "violence policière": {"dufresne", "lbd"},
    "mutilée": {"lbd"},
    "journal": {"presse"},
    "avocats": {"justice"},
    "brigadière": {"bac"},
    "professeure": {"ecole"},
    "démocratique": {"democratie"},
    # Without accents, in capitals, with ligatures.
    "democratie": {"democratie"},
    "DÉMOCRATIE": {"democratie"},
    "controle au facies": {"controle"},
    "hopital": {"hopital"},
    "ecole publique": {"ecole"},
    "oeuvre": {"oeuvre"},
    "œuvre": {"oeuvre"},
    "feminisme": {"feminisme"},
    "oeil": {"lbd"},
    "greve": {"syndicats"},
    "exilé": {"mer"},
    # Apostrophes, hyphens, numbers, initials.
    "l'État": {"etat"},
    "l’Etat de droit": {"etat"},
    "état d'urgence": {"etat"},
    "gilets-jaunes": {"gilets"},
    "gilets jaunes": {"gilets"},
    "Sainte Soline": {"bassines"},
    "49.3": {"retraites"},
    "49-3": {"retraites"},
    "17 octobre 1961": {"algerie"},
    "BAC": {"bac"},
    "N'Goyé": {"lbd"},
    # Quotes, minus.
    '"maintien de l\'ordre"': {"maintien", "bassines", "nasses"},
    "« maintien de l’ordre »": {"maintien", "bassines", "nasses"},
    "jérôme rodrigues -bastille": {"gilets"},
    # People; what is said; both together.
    "Welgryn": {"ia"},
    "rodrigues": {"gilets", "lbd"},
    "monopole de la violence": {"dufresne"},
    "tirage au sort": {"democratie"},
    "reconnaissance faciale": {"drones"},
    "codaccioni matraque": {"maintien"},
    "tréguer reconnaissance": {"drones"},
    "préfet papon": {"algerie"},
    "prix du lait": {"paysans"},
}
# Question with a slip of the finger → the spelling that is offered.
MENDED = {
    "Dufrene": "dufresne",
    "Codacioni": "codaccioni",
    "demoncratie": "démocratie",
    "violances policières": "violences policières",
    "Steigler": "stiegler",
}
# Question → what must not come: minus keeps out passages, and episodes that have it in writing.
UNWANTED = {
    "violences -lanceur": "lbd",
    "rodrigues -mutilé": "lbd",
    '"ordre du maintien"': "maintien",
    "gilets -« gilets jaunes »": "gilets",
}


def first_results(client: Client, question: str) -> list[str]:
    answer = client.get(f"/recherche?q={quote(question)}")
    assert answer.status_code == 200, question
    links = [link for link in Page(answer).links if link.startswith("/emissions/")]
    return [link.removeprefix("/emissions/") for link in links if "?" not in link][:TOP]


def test_questions_bring_what_they_should(visitor: Client) -> None:
    """One archive for all of them: writing it is what takes time."""
    write_corpus()
    found, missed = 0, []
    for question, expected in JUDGED.items():
        brought = expected & set(first_results(visitor, question))
        found += len(brought)
        missed += [f"{question}: {slug}" for slug in sorted(expected - brought)]
    recall = found / sum(map(len, JUDGED.values()))
    assert recall >= REACHED, (recall, missed)

    for question, slug in UNWANTED.items():
        assert slug not in first_results(visitor, question), question

    learn_words()
    assert {question: offered(visitor, question) for question in MENDED} == MENDED
    assert not offered(visitor, "policière"), "what is known is not mended"


def offered(client: Client, question: str) -> str:
    """The other spelling that the page proposes, "" where it proposes none."""
    page = client.get(f"/recherche?q={quote(question)}").content.decode()
    return page.partition("Vouliez-vous dire")[2].partition("</a>")[0].rpartition(">")[2]
