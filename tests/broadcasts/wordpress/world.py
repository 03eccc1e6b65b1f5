"""A small world for bodies: what the exports and the database would say."""

from dataclasses import dataclass, field

from broadcasts.video_addresses import VideoAddress, read_address
from broadcasts.wordpress.bodies import Body, convert
from broadcasts.wordpress.library import Attachment, InternalLink, Kind, Picture

PEERTUBE = "https://video.auposte.example"
UPLOADS = "https://www.auposte.example/wp-content/uploads"


@dataclass
class World:
    """The library of a test. Images under `UPLOADS` are here, others are not."""

    shortcode_names: frozenset[str] = frozenset()
    taken: set[VideoAddress] = field(default_factory=set)

    def video(self, url: str) -> VideoAddress | None:
        return read_address(url, peertube_url=PEERTUBE)

    def may_own(self, video: VideoAddress) -> bool:
        return video not in self.taken

    def attachment(self, post_id: int) -> Attachment | None:
        if not 1 <= post_id <= 9:
            return None
        return Attachment(
            post_id=post_id,
            url=f"{UPLOADS}/{post_id}.jpg",
            alt=f"Alt {post_id}",
            caption=f"Légende <b>{post_id}</b>" if post_id % 2 else "",
        )

    def attachments_of_post(self) -> list[Attachment]:
        return [one for one in (self.attachment(1), self.attachment(2)) if one]

    def attachment_at(self, url: str) -> Attachment | None:
        return self.attachment(1) if url == f"{UPLOADS}/1-300x200.jpg" else None

    def picture(self, url: str) -> Picture | None:
        if not url.startswith(UPLOADS):
            return None
        return Picture(src=f"/media/{url.rpartition('/')[2]}", width=3, height=2)

    def why_missing(self, url: str) -> str:
        return "absente"

    def link(self, url: str) -> InternalLink | None:
        if "auposte.example/" not in url or "/wp-content/" in url:
            return None
        if "secret" in url:
            return InternalLink(reason="pas public")
        return InternalLink(path="/emissions/la-suite", title="La suite")


def converted(text: str, **world: object) -> Body:
    return convert(text, World(**world))  # type: ignore[arg-type]


def opening(text: str, **world: object) -> str:
    """The first part, without what the sanitiser adds to every link."""
    return converted(text, **world).opening.replace(' rel="noopener noreferrer"', "")


def found(body: Body, kind: Kind) -> list[str]:
    """What was reported of this kind."""
    return [finding.what for finding in body.findings if finding.kind is kind]
