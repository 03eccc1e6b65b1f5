"""Small French pages where PeerTube has its player: they say what would play. No script."""

from __future__ import annotations

from html import escape
from urllib.parse import parse_qs

from sandbox.http.messages import Answer
from sandbox.peertube.resources import PREVIEW
from sandbox.video_world.videos import Video
from sandbox.video_world.words import clock

HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    # Anybody may frame it, as PeerTube's own player; it loads nothing from elsewhere.
    "Content-Security-Policy": "default-src 'none'; img-src 'self'; style-src 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
STYLE = """\
* { box-sizing: border-box; margin: 0 }
body { background: #161616; color: #f4efe1; font: 1rem/1.4 system-ui, sans-serif }
main { display: grid; min-height: 100vh; place-content: end start; padding: 1.25rem; gap: .25rem;
  position: relative; overflow: hidden }
img { position: absolute; inset: 0; width: 100%; height: 100%; object-fit: cover; opacity: .45 }
p, h1 { position: relative; text-shadow: 0 1px 3px #000 }
h1 { font-size: 1.15rem }
.watch main { place-content: start; max-width: 50rem; margin: auto }
.watch img { position: static; height: auto; opacity: 1 }
.text { white-space: pre-line }
"""
STATES = {
    "none": "",
    "upcoming": "Le direct n’a pas commencé.",
    "live": "En direct.",
    "ended": "Le direct est terminé.",
}


def player(video: Video, query: str) -> Answer:
    """Return the page that is framed; `start` (`72s`) is said."""
    start = parse_qs(query).get("start", [""])[0].removesuffix("s")
    words = [STATES[video.live] or f"Durée : {clock(video.duration)}"]
    if start.isdecimal() and int(start):
        words.append(f"Départ à {clock(int(start))}")
    return _page(video, "player", f"<p>{escape(' · '.join(words))}</p>")


def watch(video: Video, description: str) -> Answer:
    """Return the page of a video, with its description."""
    return _page(video, "watch", f'<p class="text">{escape(description)}</p>')


def nothing(status: int) -> Answer:
    """Return the page for a video that is not there, or not for everybody."""
    text = "Cette vidéo est privée." if status in (401, 403) else "Cette vidéo n’existe pas."
    return _answer(status, "Vidéo indisponible", "player", f"<h1>{text}</h1>")


def style() -> Answer:
    """Return the pages' style sheet."""
    return Answer(body=STYLE.encode(), headers={"Content-Type": "text/css; charset=utf-8"})


def _page(video: Video, kind: str, more: str) -> Answer:
    folder, width, _height = PREVIEW
    picture = f"/lazy-static/{folder}/{video.id}-{video.picture}-{width}.jpg"
    return _answer(
        200,
        video.title,
        kind,
        f'<img src="{picture}" alt="">'
        f"<p>Lecteur PeerTube de démonstration</p><h1>{escape(video.title)}</h1>{more}",
    )


def _answer(status: int, title: str, kind: str, body: str) -> Answer:
    page = (
        '<!DOCTYPE html><html lang="fr"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title>"
        '<link rel="stylesheet" href="/demonstration.css"></head>'
        f'<body class="{kind}"><main>{body}</main></body></html>'
    )
    return Answer(status=status, body=page.encode(), headers=dict(HEADERS))
