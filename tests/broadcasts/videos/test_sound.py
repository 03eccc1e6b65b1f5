"""PeerTube keeps the sound of its videos by itself: it is the broadcast's until an editor's is."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from broadcasts.models import Audio, SyncRun, VideoSource
from sandbox.peertube import PeerTubeStandIn
from sandbox.video_world.world import World
from tests.broadcasts.test_peertube_payloads import HERE, read
from tests.factories import BroadcastFactory, VideoSourceFactory

Run = Callable[[str], SyncRun]
SOUND = {"resolution": {"id": 0}, "size": 1000, "hasVideo": False, "hasAudio": True}
PICTURE = {"resolution": {"id": 720}, "size": 9, "fileUrl": f"{HERE}/720.mp4", "hasVideo": True}


def in_playlist(*files: Any) -> dict[str, Any]:
    return {"streamingPlaylists": [{"files": list(files)}]}


@pytest.mark.parametrize(
    ("changes", "address"),
    [
        (in_playlist(PICTURE, SOUND | {"fileUrl": f"{HERE}/0.mp4"}), f"{HERE}/0.mp4"),
        ({"files": [PICTURE, SOUND | {"fileUrl": "/static/0.mp4"}]}, f"{HERE}/static/0.mp4"),
        (in_playlist(SOUND | {"fileUrl": "/0.mp4", "hasVideo": None}), f"{HERE}/0.mp4"),
        (in_playlist(PICTURE), None),
        (in_playlist(SOUND | {"fileUrl": "javascript:alert(1)"}), None),
        (in_playlist(SOUND | {"fileUrl": f"/{'x' * 1000}.mp4"}), None),
        (in_playlist(SOUND | {"fileUrl": "/0.mp4", "size": -1}), None),
        (in_playlist(SOUND | {"fileUrl": "/0.mp4", "hasAudio": False}), None),
        (in_playlist(7, None, "x"), None),
        ({"files": "x", "streamingPlaylists": 4}, None),
    ],
)
def test_the_file_without_a_picture(changes: dict[str, Any], address: str | None) -> None:
    audio = read(**changes).audio
    assert (audio.url if audio else None) == address
    if audio:
        assert (audio.size_bytes, audio.mime) == (1000, "audio/mp4")


@pytest.mark.parametrize(
    ("told", "allowed", "address"),
    [
        (f"{HERE}/download/0.mp4", True, f"{HERE}/download/0.mp4"),
        ("/download/0.mp4", None, f"{HERE}/download/0.mp4"),
        (f"{HERE}/download/0.mp4", False, ""),
        (f"/download/{'x' * 1000}.mp4", True, ""),
        ("javascript:alert(1)", True, ""),
        (None, True, ""),
    ],
)
def test_the_address_to_keep_it_from(told: str | None, allowed: bool | None, address: str) -> None:
    file = SOUND | {"fileUrl": "/0.mp4", "fileDownloadUrl": told}
    audio = read(**in_playlist(file), downloadEnabled=allowed).audio
    assert audio
    assert audio.download_url == address


def again() -> None:
    VideoSource.objects.update(read_due_at=timezone.now(), etag="")


@pytest.mark.django_db
def test_it_becomes_the_broadcasts(peertube: PeerTubeStandIn, world: World, run: Run) -> None:
    video = world.add(platforms=["peertube"], duration=7265)["peertube"]
    source = VideoSourceFactory(on_peertube=True, external_id=video.id)
    run("peertube-refresh")
    sound = Audio.objects.get()
    assert (sound.broadcast, sound.source) == (source.broadcast, source)
    assert sound.address.startswith(f"{peertube.url}/static/")
    assert sound.download_url.startswith(f"{peertube.url}/download/")
    assert (sound.size_bytes, sound.duration_seconds) == (7265 * 16_000, 7265)
    before = sound.updated_at
    again()
    run("peertube-refresh")
    sound.refresh_from_db()
    assert sound.updated_at == before, "nothing new, nothing written"


@pytest.mark.django_db
def test_an_uploaded_one_stays(peertube: PeerTubeStandIn, world: World, run: Run) -> None:
    video = world.add(platforms=["peertube"], duration=60)["peertube"]
    source = VideoSourceFactory(on_peertube=True, external_id=video.id)
    Audio.objects.create(
        broadcast=source.broadcast, file="audio/x.mp3", mime="audio/mpeg", size_bytes=3
    )
    run("peertube-refresh")
    assert Audio.objects.get().address.endswith("/media/audio/x.mp3")


@pytest.mark.django_db
def test_what_goes_with_its_video_is_not_offered() -> None:
    source = VideoSourceFactory(on_peertube=True)
    Audio.objects.create(
        broadcast=source.broadcast, source=source, url="https://x/0.mp4", mime="audio/mp4",
        size_bytes=1,
    )  # fmt: skip
    Audio.objects.create(
        broadcast=BroadcastFactory(), file="audio/x.mp3", mime="audio/mpeg", size_bytes=3
    )
    assert Audio.objects.playable().count() == 2
    VideoSource.objects.update(availability=VideoSource.Availability.UNAVAILABLE)
    assert Audio.objects.playable().count() == 1
