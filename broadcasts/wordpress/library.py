"""What a body needs to know of the world around it, and what it tells of itself."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from broadcasts.video_addresses import VideoAddress


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A file of the media library. `caption` is HTML."""

    post_id: int
    url: str
    alt: str = ""
    caption: str = ""
    parent: int = 0


@dataclass(frozen=True, kw_only=True)
class Picture:
    """An image that this site serves; its size in pixels."""

    src: str
    width: int
    height: int


@dataclass(frozen=True, kw_only=True)
class InternalLink:
    """A link to the exported site. `path` is where it leads here; empty when that is unknown."""

    path: str = ""
    title: str = ""
    reason: str = ""


class Kind(StrEnum):
    """What a report tells of a body; the values are keys in report.json."""

    SHORTCODE = "unknown_shortcodes"
    BRACKETS = "brackets_kept"
    BLOCK = "unknown_blocks"
    EMBED = "embeds_made_links"
    PICTURE = "broken_media"
    LINK = "links_rewritten"
    LINK_KEPT = "links_kept"
    VIDEO = "videos"
    VIDEO_TAKEN = "videos_of_others"
    LOOK = "to_look_at"
    DRAFT = "made_drafts"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing worth telling: what, and in words (French) more of it.

    `once` when it is not about the text, and one text is enough to name.
    """

    kind: Kind
    what: str
    detail: str = ""
    once: bool = False


@dataclass
class Findings:
    """Gathers what was found, each thing once."""

    found: dict[Finding, None] = field(default_factory=dict)

    def add(self, kind: Kind, what: str, detail: str = "") -> None:
        self.found.setdefault(Finding(kind=kind, what=what[:500], detail=detail[:500]))


class Library(Protocol):
    """The world as a body sees it. Addresses are as the text has them."""

    @property
    def shortcode_names(self) -> frozenset[str]:
        """In lower case: those that the exports prove to be shortcodes."""

    def video(self, url: str) -> VideoAddress | None:
        """The video that is at this address, if it is one of a platform that the site plays."""

    def may_own(self, video: VideoAddress) -> bool:
        """Whether no other broadcast has this video."""

    def attachment(self, post_id: int) -> Attachment | None: ...

    def attachments_of_post(self) -> list[Attachment]:
        """Those that were uploaded to the post whose body this is."""

    def attachment_at(self, url: str) -> Attachment | None:
        """The attachment that this image, in any of its sizes, is of."""

    def picture(self, url: str) -> Picture | None:
        """The image of this address as this site serves it; None when it is not here."""

    def why_missing(self, url: str) -> str:
        """Why `picture` found none, in French."""

    def link(self, url: str) -> InternalLink | None:
        """Where a link of the old site leads; None for a link to elsewhere."""
