"""The feed of new broadcasts (RSS 2.0), for those who subscribed to the old site's too.

An item keeps the guid that WordPress gave it: a reader's program that knows it is not told of the
whole archive again.
"""

from collections.abc import Iterable

from django.conf import settings
from django.utils.feedgenerator import Rss201rev2Feed

from broadcasts.models import Broadcast

PATH = "/flux/emissions.xml"
ITEMS = 30


def feed_items() -> list[Broadcast]:
    """The newest public broadcasts, in two queries."""
    newest = Broadcast.objects.public().newest_first().defer("body_opening", "body_rest")
    return list(newest.prefetch_related("tags")[:ITEMS])


def guid_of(broadcast: Broadcast) -> str:
    """What names the item for ever, also when its address changes."""
    return broadcast.feed_guid or f"auposte:emission:{broadcast.pk}"


def write_feed(broadcasts: Iterable[Broadcast]) -> bytes:
    """The feed as UTF-8 XML; addresses are absolute, on SITE_URL."""
    feed = Rss201rev2Feed(
        title="Au Poste",
        link=f"{settings.SITE_URL}/",
        description="De longs entretiens en direct, financés par celles et ceux qui les regardent.",
        language="fr",
        feed_url=f"{settings.SITE_URL}{PATH}",
    )
    for broadcast in broadcasts:
        feed.add_item(
            title=broadcast.title,
            link=f"{settings.SITE_URL}{broadcast.get_absolute_url()}",
            description=broadcast.dek,
            pubdate=broadcast.published_at,
            updateddate=broadcast.updated_at,
            unique_id=guid_of(broadcast),
            unique_id_is_permalink=False,
            categories=[tag.name for tag in broadcast.tags.all()],
        )
    return feed.writeString("utf-8").encode()
