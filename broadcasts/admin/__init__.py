"""The admin of broadcasts, and of people: what they were called before is a redirect of ours."""

from broadcasts.admin import (
    airing,
    broadcasts,
    guests,
    links,
    proposals,
    redirects,
    sync,
    taxonomy,
    transcripts,
    video,
)

__all__ = [
    "airing", "broadcasts", "guests", "links", "proposals", "redirects", "sync", "taxonomy",
    "transcripts", "video",
]  # fmt: skip
