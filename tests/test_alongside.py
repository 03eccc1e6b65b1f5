"""Rows read along with another are what the queryset itself gives, and ask for nothing later."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Model, OuterRef

from auposte.alongside import Alongside
from broadcasts.models import Appearance, Broadcast, Correction, VideoSource
from tests.factories import AppearanceFactory, BroadcastFactory, VideoSourceFactory

pytestmark = pytest.mark.django_db


def columns_of(row: Model) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_every_column_comes_back_as_it_is(django_assert_num_queries: Any) -> None:
    source = VideoSourceFactory(
        aspect_ratio=Decimal("1.7778"),
        scheduled_for=dt.datetime(2026, 3, 29, 1, 30, 0, 120_000, tzinfo=dt.UTC),
        duration_seconds=7_200,
        title='« L’œil » \\ " \u2028 <b>',
    )
    Correction.objects.create(
        broadcast=source.broadcast, dated=dt.date(2026, 2, 28), text="<p>Non.</p>"
    )
    sources, corrections = Alongside(VideoSource), Alongside(Correction)
    ours = {"broadcast": OuterRef("pk")}
    with django_assert_num_queries(1):
        found: Any = Broadcast.objects.annotate(
            source_rows=sources.read_by(VideoSource.objects.filter(**ours)),
            correction_rows=corrections.read_by(Correction.objects.filter(**ours)),
        ).get()
        (read_source,) = sources.instances(found.source_rows)
        (read_correction,) = corrections.instances(found.correction_rows)
        read = columns_of(read_source), columns_of(read_correction)
    assert read == (
        columns_of(VideoSource.objects.get()),
        columns_of(Correction.objects.get()),
    )


def test_the_row_pointed_at_comes_too_and_the_order_is_kept(django_assert_num_queries: Any) -> None:
    broadcast = BroadcastFactory()
    for position in (3, 1, 2):
        AppearanceFactory(broadcast=broadcast, position=position)
    appearances = Alongside(Appearance, joined="guest")
    with django_assert_num_queries(1):
        found: Any = Broadcast.objects.annotate(
            rows=appearances.read_by(Appearance.objects.filter(broadcast=OuterRef("pk")))
        ).get()
        read = [(one.position, columns_of(one.guest)) for one in appearances.instances(found.rows)]
    expected = Appearance.objects.select_related("guest").order_by("position")
    assert read == [(one.position, columns_of(one.guest)) for one in expected]


def test_a_row_of_few_columns(django_assert_num_queries: Any) -> None:
    source = VideoSourceFactory(title="Un titre")
    sources = Alongside(VideoSource, only=("title", "platform"))
    found: Any = Broadcast.objects.annotate(
        rows=sources.read_by(VideoSource.objects.filter(broadcast=OuterRef("pk")))
    ).get()
    assert found.rows == [[source.platform, "Un titre"]]
    with django_assert_num_queries(0):
        (read,) = sources.instances(found.rows)
        assert (read.title, read.platform) == ("Un titre", source.platform)


def test_nothing_there_is_nothing() -> None:
    BroadcastFactory()
    sources = Alongside(VideoSource)
    found: Any = Broadcast.objects.annotate(
        rows=sources.read_by(VideoSource.objects.filter(broadcast=OuterRef("pk")))
    ).get()
    assert sources.instances(found.rows) == ()
