"""What was put right after publication stands on the page, with its day."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from broadcasts.models import Broadcast, Correction
from tests.broadcasts.conftest import Read
from tests.donations.factories import month_with_lines
from tests.factories import BroadcastFactory, MottoFactory

pytestmark = pytest.mark.django_db
MAY = dt.date(2025, 5, 12)


@pytest.fixture
def broadcast() -> Broadcast:
    return BroadcastFactory(title="Un article")


def correct(broadcast: Broadcast, **facts: object) -> Correction:
    facts = {"dated": MAY, "text": "<p>Le maire est une mairesse.</p>", **facts}
    return Correction.objects.create(broadcast=broadcast, **facts)


def test_a_page_without_correction_says_nothing_of_it(broadcast: Broadcast, read: Read) -> None:
    page = read(broadcast.get_absolute_url())
    assert "orrig" not in page.text
    assert "correction" not in page.html
    assert "correction" not in page.structured_data


def test_a_correction_stands_below_and_is_announced_above(broadcast: Broadcast, read: Read) -> None:
    correct(broadcast, text='<p>Le maire est une <a href="/don">mairesse</a>.</p>')
    page = read(broadcast.get_absolute_url())
    above = page.text.index("Cet article a été corrigé le 12 mai 2025")
    below = page.text.index("Le maire est une mairesse.")
    assert above < page.text.index("Première partie.") < page.text.index("Seconde partie.") < below
    assert "#corrections" in page.links
    assert page.one("section", id="corrections")
    assert len(page.all("time", datetime="2025-05-12")) == 2, "above and below"
    assert page.structured_data["correction"] == [
        {
            "@type": "CorrectionComment",
            "text": "Le maire est une mairesse [/don].",
            "datePublished": "2025-05-12",
        }
    ]


def test_the_last_day_is_told_above_and_all_stand_in_their_order(
    broadcast: Broadcast, read: Read
) -> None:
    correct(broadcast, text="<p>Troisième.</p>", position=2)
    correct(broadcast, text="<p>Première.</p>", dated=MAY)
    correct(broadcast, text="<p>Deuxième.</p>", dated=MAY.replace(month=6))
    text = read(broadcast.get_absolute_url()).text
    assert "corrigé le 12 juin 2025" in text
    assert "Corrections Correction" in text
    places = [text.index(word) for word in ("Première.", "Deuxième.", "Troisième.")]
    assert places == sorted(places)


def test_a_reply_bears_a_name(broadcast: Broadcast, read: Read) -> None:
    reply = correct(broadcast, kind="reply", author="Préfecture de police", text="<p>Non.</p>")
    page = read(broadcast.get_absolute_url())
    assert "Droit de réponse\u00a0: Préfecture de police, 12 mai 2025" in page.text
    assert "Préfecture de police, droit de réponse" in page.text
    assert "corrigé le" not in page.text
    assert f"#correction-{reply.pk}" in page.links
    assert page.one("article", id=f"correction-{reply.pk}")
    assert "correction" not in page.structured_data
    correct(broadcast)
    assert "Corrections et droits de réponse" in read(broadcast.get_absolute_url()).text


def test_what_somebody_writes_cannot_run(broadcast: Broadcast, read: Read) -> None:
    correct(
        broadcast, kind="reply", author="<script>alert(1)</script>",
        text="<p onclick=x>Oui<script>alert(2)</script></p>",
    )  # fmt: skip
    page = read(broadcast.get_absolute_url())
    assert "<script>alert" not in page.html
    assert "onclick" not in page.html


@pytest.mark.parametrize(
    "facts", [{"kind": "rumeur"}, {"text": ""}, {"kind": "reply", "author": ""}]
)
def test_the_database_refuses(broadcast: Broadcast, facts: dict[str, object]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        correct(broadcast, **facts)


@pytest.mark.parametrize("count", [0, 12])
def test_the_number_of_queries_does_not_grow(
    broadcast: Broadcast,
    visitor: Client,
    django_assert_max_num_queries: DjangoAssertNumQueries,
    count: int,
) -> None:
    month_with_lines()
    MottoFactory.create_batch(3)
    for _ in range(count):
        correct(broadcast)
    visitor.get(broadcast.get_absolute_url())
    with django_assert_max_num_queries(1):
        visitor.get(broadcast.get_absolute_url())
