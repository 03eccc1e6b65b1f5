"""Players and images of a body: what the site shows in their place."""

from urllib.parse import urlsplit

from broadcasts.video_addresses import VideoAddress
from broadcasts.wordpress.library import Findings, Kind, Library
from broadcasts.wordpress.markup import Element, Node, is_blank

PLATFORM_NAMES = {"youtube": "YouTube", "peertube": "PeerTube", "twitch": "Twitch"}
WATCH_URLS = {
    "youtube": "https://www.youtube.com/watch?v={}",
    "twitch": "https://www.twitch.tv/videos/{}",
}
# Frames of these are worth a link; of others nobody knows what they were, so they are reported.
PLAYERS_ELSEWHERE = (
    "acast.com", "archive.org", "arte.tv", "ausha.co", "bandcamp.com", "dailymotion.com",
    "datawrapper.de", "deezer.com", "facebook.com", "flourish.studio", "francetvinfo.fr",
    "genial.ly", "google.com", "helloasso.com", "instagram.com", "libsyn.com", "mixcloud.com",
    "openstreetmap.fr", "openstreetmap.org", "radiofrance.fr", "scribd.com", "soundcloud.com",
    "spotify.com", "tiktok.com", "twitch.tv", "twitter.com", "vimeo.com", "x.com", "youtube.com",
)  # fmt: skip
LONGEST_ALT = 250


def absolute(url: str) -> str:
    """An address as a browser on an https page reads it: `//host/x` has a scheme too."""
    url = url.strip()
    return f"https:{url}" if url.startswith("//") else url


class Media:
    """Players and images of one body. `videos` are what its broadcast is to own, in their order."""

    def __init__(self, library: Library, findings: Findings) -> None:
        self.library = library
        self.findings = findings
        self.videos: list[VideoAddress] = []

    # --- Players ---------------------------------------------------------------------------

    def player(self, element: Element) -> list[Node]:
        """What stands for an iframe, object, embed, video or audio element."""
        names = ("src", "data-src", "data-lazy-src", "data")
        places = [element, *element.walk()]
        urls = [place.attributes[name] for place in places for name in names
                if place.attributes.get(name)]  # fmt: skip
        urls = [url for url in map(absolute, urls) if url.startswith(("http://", "https://"))]
        for url in urls:
            if self.library.video(url):
                return self.embed(url)
        if not urls or _is_unseen(element):
            return []
        host = _host(urls[0])
        if element.tag in {"video", "audio"} or host.endswith(PLAYERS_ELSEWHERE):
            self.findings.add(Kind.EMBED, urls[0], "un lien remplace le lecteur")
            link = Element("a", {"href": urls[0]}, [f"Voir ou écouter sur {host}"])
            return [Element("p", {}, [link])]
        self.findings.add(Kind.EMBED, urls[0], "cadre d’un service inconnu : enlevé")
        return []

    def embed(self, url: str) -> list[Node]:
        """What stands for an address that WordPress made a player of.

        The first video of each platform is the one that the page plays; the text needs it no more.
        Others stay as links where they were.
        """
        video = self.library.video(url)
        if video is None:
            return [self._link_for(url)]
        if not self.library.may_own(video):
            self.findings.add(Kind.VIDEO_TAKEN, url, "appartient déjà à une autre émission")
            return [_watch_link(url, video)]
        if video in self.videos:
            return []
        is_first = all(known.platform != video.platform for known in self.videos)
        self.videos.append(video)
        self.findings.add(Kind.VIDEO, url)
        return [] if is_first else [_watch_link(url, video)]

    def _link_for(self, url: str) -> Node:
        internal = self.library.link(url)
        if internal is not None and internal.path:
            self.findings.add(Kind.LINK, url, internal.path)
            text = internal.title or url
            return Element("p", {}, [Element("a", {"href": internal.path}, [text])])
        self.findings.add(Kind.EMBED, url, "un lien remplace le lecteur")
        return Element("p", {}, [Element("a", {"href": url}, [url])])

    # --- Images ----------------------------------------------------------------------------

    def image(self, element: Element) -> list[Node]:
        """What stands for an image inside a line: ours, or what it showed in words."""
        source, alt = self._source(element)
        picture = self.library.picture(source) if source else None
        if picture is None:
            if source:
                self.findings.add(Kind.PICTURE, source, self.library.why_missing(source))
            return [Element("em", {}, [alt])] if alt else []
        attributes = {
            "src": picture.src,
            "alt": alt,
            "width": str(picture.width),
            "height": str(picture.height),
        }
        return [Element("img", attributes)]

    def figure(self, images: list[Element], caption: list[Node]) -> list[Node]:
        """Images on lines of their own, the caption under the last one."""
        blocks: list[Node] = []
        for image in images:
            shown = self.image(image)
            if shown and isinstance(shown[0], Element) and shown[0].tag == "img":
                blocks.append(Element("figure", {}, shown))
            elif shown and is_blank(caption):
                blocks.append(Element("p", {}, shown))
        if is_blank(caption):
            return blocks
        last = blocks[-1] if blocks else None
        if isinstance(last, Element) and last.tag == "figure":
            last.children.append(Element("figcaption", {}, caption))
        else:
            blocks.append(Element("p", {}, [Element("em", {}, caption)]))
        return blocks

    def _source(self, element: Element) -> tuple[str, str]:
        """An image's address, and what it shows in words: its own alt or its attachment's."""
        urls = map(absolute, element.sources())
        source = next((url for url in urls if not url.startswith("data:")), "")
        alt = element.attributes.get("alt", "").strip()
        known = self.library.attachment_at(source) if source else None
        return source, (alt or (known.alt if known else ""))[:LONGEST_ALT]


def _watch_link(url: str, video: VideoAddress) -> Node:
    """A link to a video that the page does not play by itself."""
    address = WATCH_URLS[video.platform].format(video.external_id) if (
        video.platform in WATCH_URLS
    ) else url  # fmt: skip
    words = f"Voir la vidéo sur {PLATFORM_NAMES.get(video.platform, video.platform)}"
    return Element("p", {}, [Element("a", {"href": address}, [words])])


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def _is_unseen(element: Element) -> bool:
    """A counter's frame: one pixel, or hidden."""
    sizes = {element.attributes.get("width"), element.attributes.get("height")}
    style = element.attributes.get("style", "").replace(" ", "").lower()
    return bool(sizes & {"0", "1"}) or "display:none" in style
