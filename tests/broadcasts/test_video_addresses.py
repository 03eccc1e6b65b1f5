"""Addresses of videos, as people paste them."""

import pytest

from broadcasts.video_addresses import (
    PEERTUBE,
    TWITCH,
    YOUTUBE,
    VideoAddress,
    find_videos,
    identifier_in,
    read_address,
)

OURS = "https://video.auposte.example"
ID = "Vd-MyW1zq_U"
UUID, SHORT = "9c9de5e8-0a1e-484a-b099-e80766180a6d", "kkGMgK9ZtnKfYAgnEtQxbv"


def read(url: str) -> tuple[str, str] | None:
    address = read_address(url, peertube_url=OURS)
    return (address.platform, address.external_id) if address else None


@pytest.mark.parametrize(
    "url",
    [
        f"https://www.youtube.com/watch?v={ID}",
        f"http://youtube.com/watch?t=3&list=PL1&v={ID}&feature=share#t=3",
        f"https://m.youtube.com/watch/?app=desktop&v={ID}",
        f"https://music.youtube.com/watch?v={ID}",
        f"https://www.youtube.com/watch/{ID}",
        f"https://youtu.be/{ID}?si=x&t=12",
        f"HTTPS://YouTu.be/{ID}/",
        f"youtu.be/{ID}",
        f"//www.youtube.com/embed/{ID}",
        f"https://www.youtube-nocookie.com/embed/{ID}?autoplay=1",
        f"https://www.youtube.com/live/{ID}?feature=share",
        f"https://youtube.com/shorts/{ID}",
        f"https://www.youtube.com/v/{ID}",
        f"  https://www.youtube.com/watch?v={ID}  ",
        f"https://youtu.be/{ID}?redirect=https://example.org/",
    ],
)
def test_youtube(url: str) -> None:
    assert read(url) == (YOUTUBE, ID)


@pytest.mark.parametrize(
    "url",
    [
        f"{OURS}/w/{SHORT}",
        f"{OURS}/w/{UUID}?start=1m2s",
        f"{OURS}/w/{UUID.upper()}",
        f"{OURS}/videos/watch/{UUID}",
        f"{OURS}/videos/embed/{UUID}?p2p=0&warningTitle=0",
        f"{OURS}/videos/embed/{SHORT}",
        f"http://Video.AuPoste.example/w/{SHORT}/",
    ],
)
def test_peertube_by_its_uuid_however_it_is_written(url: str) -> None:
    assert read(url) == (PEERTUBE, UUID)


@pytest.mark.parametrize(
    "url",
    [
        "https://www.twitch.tv/videos/1234567890",
        "https://m.twitch.tv/videos/1234567890?t=1h",
        "https://www.twitch.tv/auposte/v/1234567890",
        "https://player.twitch.tv/?video=v1234567890&parent=x",
    ],
)
def test_twitch(url: str) -> None:
    assert read(url) == (TWITCH, "1234567890")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://www.youtube.com/",
        "https://www.youtube.com/@auposte",
        "https://www.youtube.com/watch",
        "https://www.youtube.com/watch?v=court",
        f"https://www.youtube.com/watch?v={ID}x",
        f"https://www.youtube.com/watch?w={ID}",
        f"https://www.youtube.com/embed?v={ID}",
        "https://www.youtube.com/embed/videoseries?list=PL1",
        "https://www.youtube.com/embed/live_stream?channel=UC1",
        f"https://notyoutube.com/watch?v={ID}",
        f"https://youtube.com.example.org/watch?v={ID}",
        f"https://example.org/?u=https://youtu.be/{ID}",
        f"ftp://youtu.be/{ID}",
        f"javascript:youtu.be/{ID}",
        f"https://autre.example/w/{SHORT}",
        f"{OURS}:8443/w/{SHORT}",
        f"{OURS}/w/50",
        f"{OURS}/videos/watch/50",
        f"{OURS}/w/{'z' * 22}",
        f"{OURS}/w/p/{SHORT}",
        f"{OURS}/w/{SHORT}x",
        f"{OURS}/c/auposte/videos",
        OURS,
        "https://www.twitch.tv/auposte",
        "https://www.twitch.tv/videos/12",
        "https://www.twitch.tv/videos/١٢٣٤٥٦٧٨",
        "https://[::1/",
        "https://youtu.be:99999/" + ID,
        "https://www.youtube.com/watch?" + "a=1&" * 500,
    ],
)
def test_other_addresses_are_none(url: str) -> None:
    assert read(url) is None


def test_a_text_gives_each_video_once_in_order() -> None:
    text = f"""Rediffusion : youtu.be/{ID}. Et sur PeerTube (sans pub) : [ici]({OURS}/w/{SHORT}),
    <a href="https://www.youtube.com/watch?list=x&amp;v=autre-video">« l’autre »</a>
    {OURS}/videos/watch/{UUID} — https://www.twitch.tv/videos/1234567890 ; *https://youtu.be/{ID}*
    moi@youtu.be/adresse-ici et https://auposte.example/emissions/x"""
    assert find_videos(text, peertube_url=OURS) == tuple(
        VideoAddress(platform=platform, external_id=identifier)
        for platform, identifier in (
            (YOUTUBE, ID),
            (PEERTUBE, UUID),
            (YOUTUBE, "autre-video"),
            (TWITCH, "1234567890"),
        )
    )


def test_without_an_instance_there_is_no_peertube() -> None:
    assert find_videos(f"{OURS}/w/{SHORT}", peertube_url="") == ()


def test_long_texts_are_read_quickly_and_in_bounds() -> None:
    for piece in ("a." * 50_000, "a/" * 50_000, "http://" * 15_000, "youtu.be/" * 10_000):
        assert find_videos(piece, peertube_url=OURS) == ()
    many = " ".join(f"https://youtu.be/{n:011d}" for n in range(200))
    assert len(find_videos(many, peertube_url=OURS)) == 50


@pytest.mark.parametrize(
    ("typed", "platform", "identifier"),
    [
        (f"https://youtu.be/{ID}", YOUTUBE, ID),
        (f" {ID} ", YOUTUBE, ID),
        (f"https://youtu.be/{ID}", TWITCH, f"https://youtu.be/{ID}"),
        (f"https://autre.example/w/{SHORT}", PEERTUBE, UUID),
        (UUID, PEERTUBE, UUID),
        ("50", PEERTUBE, "50"),
        (f"https://youtu.be/{ID}", "ailleurs", f"https://youtu.be/{ID}"),
    ],
)
def test_what_a_form_files(typed: str, platform: str, identifier: str) -> None:
    assert identifier_in(typed, platform=platform) == identifier
