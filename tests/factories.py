"""Guests and broadcasts for tests. Each is public and complete enough to have a page."""

import datetime as dt
import io

import factory
from django.core.files.base import ContentFile
from django.utils import timezone
from PIL import Image

from broadcasts.models import (
    Appearance,
    Broadcast,
    Chapter,
    Cue,
    Motto,
    Quote,
    Redirect,
    Series,
    Tag,
    Transcript,
    VideoSource,
)
from guests.models import Guest


def drawn_picture(width: int = 640, height: int = 360) -> ContentFile:
    """A small PNG, as an editor would upload it."""
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(buffer, "PNG")
    return ContentFile(buffer.getvalue(), "dessin.png")


class GuestFactory(factory.django.DjangoModelFactory[Guest]):
    class Meta:
        model = Guest

    first_name = "Ada"
    last_name = factory.Sequence(lambda n: f"Lovelace{n}")
    slug = factory.Sequence(lambda n: f"ada-lovelace-{n}")
    title = "mathématicienne"


class SeriesFactory(factory.django.DjangoModelFactory[Series]):
    class Meta:
        model = Series

    title = factory.Sequence(lambda n: f"Série numéro {n}")
    slug = factory.Sequence(lambda n: f"serie-numero-{n}")
    description = "<p>Une table, deux chaises.</p>"


class TagFactory(factory.django.DjangoModelFactory[Tag]):
    class Meta:
        model = Tag

    name = factory.Sequence(lambda n: f"Mot numéro {n}")
    slug = factory.Sequence(lambda n: f"mot-numero-{n}")


class MottoFactory(factory.django.DjangoModelFactory[Motto]):
    class Meta:
        model = Motto

    text = factory.Sequence(lambda n: f"Devise numéro {n}")
    position = factory.Sequence(int)


class BroadcastFactory(factory.django.DjangoModelFactory[Broadcast]):
    """Public, a day older than the one made before it. Give `published_at` where order matters."""

    class Meta:
        model = Broadcast
        skip_postgeneration_save = True

    title = factory.Sequence(lambda n: f"Émission {n}")
    slug = factory.Sequence(lambda n: f"emission-{n}")
    dek = "Un chapô qui tient en une phrase."
    body_opening = "<p>Première partie.</p>"
    body_rest = "<p>Seconde partie.</p>"
    status = Broadcast.Status.PUBLISHED
    published_at = factory.Sequence(lambda n: timezone.now() - dt.timedelta(days=n + 1))
    duration_seconds = 6480
    season = 9

    class Params:
        draft = factory.Trait(status=Broadcast.Status.DRAFT, published_at=None)
        archived = factory.Trait(status=Broadcast.Status.ARCHIVED)
        programmed = factory.Trait(
            published_at=factory.LazyFunction(lambda: timezone.now() + dt.timedelta(days=2))
        )
        illustrated = factory.Trait(
            image=factory.LazyFunction(drawn_picture), image_alt="Une salle de machines"
        )

    @factory.post_generation
    def tagged(self, create: bool, names: list[Tag] | None, **_: object) -> None:
        if create and names:
            self.tags.add(*names)

    @factory.post_generation
    def with_guests(self, create: bool, people: list[Guest] | None, **_: object) -> None:
        for position, guest in enumerate(people or () if create else ()):
            AppearanceFactory(broadcast=self, guest=guest, position=position)


class AppearanceFactory(factory.django.DjangoModelFactory[Appearance]):
    class Meta:
        model = Appearance

    broadcast = factory.SubFactory(BroadcastFactory)
    guest = factory.SubFactory(GuestFactory)
    role = Appearance.Role.GUEST


class VideoSourceFactory(factory.django.DjangoModelFactory[VideoSource]):
    class Meta:
        model = VideoSource

    broadcast = factory.SubFactory(BroadcastFactory)
    platform = VideoSource.Platform.YOUTUBE
    external_id = factory.Sequence(lambda n: f"video{n:06d}")

    class Params:
        on_peertube = factory.Trait(
            platform=VideoSource.Platform.PEERTUBE,
            external_id=factory.Sequence(lambda n: f"9c9de5e8-0a1e-484a-b099-{n:012x}"),
        )


class ChapterFactory(factory.django.DjangoModelFactory[Chapter]):
    class Meta:
        model = Chapter

    broadcast = factory.SubFactory(BroadcastFactory)
    start_seconds = factory.Sequence(lambda n: n * 60)
    title = factory.Sequence(lambda n: f"Chapitre {n}")


class RedirectFactory(factory.django.DjangoModelFactory[Redirect]):
    class Meta:
        model = Redirect

    path = factory.Sequence(lambda n: f"/ancienne-adresse-{n}")


class TranscriptFactory(factory.django.DjangoModelFactory[Transcript]):
    """Says `said` (a line every ten seconds), in one voice unless told otherwise."""

    class Meta:
        model = Transcript
        skip_postgeneration_save = True

    broadcast = factory.SubFactory(BroadcastFactory)
    origin = Transcript.Origin.PEERTUBE

    @factory.post_generation
    def said(self, create: bool, lines: list[str] | None, voice: str = "", **_: object) -> None:
        Cue.objects.bulk_create(
            Cue(
                transcript=self,
                position=position,
                start_ms=position * 10_000,
                end_ms=position * 10_000 + 9_000,
                speaker=voice,
                text=text,
            )
            for position, text in enumerate(lines or ["Bonsoir à toutes et à tous."])
        )


class QuoteFactory(factory.django.DjangoModelFactory[Quote]):
    class Meta:
        model = Quote

    broadcast = factory.SubFactory(BroadcastFactory)
    start_ms, end_ms = 10_000, 19_000
    text = "Ce n’est pas ce qui est écrit."
    digest = factory.Sequence(lambda n: f"empreinte-{n}")
