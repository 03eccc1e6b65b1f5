"""Sound, uploaded on a broadcast's form and served in parts."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from broadcasts.models import Audio, Broadcast
from tests.admin.html import text_of
from tests.admin.test_broadcasts import change, send
from tests.admin.world import episode

pytestmark = pytest.mark.django_db
MP3 = b"ID3\x04" + bytes(range(256)) * 4


def upload(client: Client, broadcast: Broadcast, content: bytes, **fields: object) -> object:
    file = SimpleUploadedFile("Émission n°3.wav", content)
    return send(
        client, change(broadcast),
        **{"audio-TOTAL_FORMS": "1", "audio-0-file": file, "audio-0-broadcast": str(broadcast.pk),
           "audio-0-duration_seconds": "1:00:00", **fields},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("content", "ending", "mime"),
    [
        (MP3, "mp3", "audio/mpeg"),
        (b"\xff\xfb\x90\x00" + bytes(99), "mp3", "audio/mpeg"),
        (b"\x00\x00\x00\x20ftypM4A " + bytes(99), "m4a", "audio/mp4"),
        (b"OggS" + bytes(24) + b"OpusHead", "opus", "audio/ogg"),
        (b"OggS" + bytes(24) + b"\x01vorbis", "ogg", "audio/ogg"),
    ],
)
def test_its_bytes_say_what_it_is(
    content: bytes, ending: str, mime: str, editor: Client, client: Client, own_media: Path
) -> None:
    upload(editor, episode(1), content)
    sound = Audio.objects.get()
    assert (sound.mime, sound.size_bytes, sound.duration_seconds) == (mime, len(content), 3600)
    assert sound.file.name.endswith(f".{ending}")
    assert "mission" not in sound.file.name
    served = client.get(sound.file.url)
    assert served["Content-Type"] == mime
    assert b"".join(served.streaming_content) == content


@pytest.mark.parametrize("content", [b"<script>x</script>", b"\xff\xf1AAC", b"OggS theora", b"x"])
def test_nothing_else_comes_in(content: bytes, editor: Client) -> None:
    answer = upload(editor, episode(1), content)
    assert "n’est pas un son MP3, M4A, Ogg ou Opus" in text_of(answer)
    assert not Audio.objects.exists()


def test_too_heavy(editor: Client, settings: object) -> None:
    settings.AUDIO_MAX_BYTES = 1024
    assert "pèse trop" in text_of(upload(editor, episode(1), MP3))


def test_it_takes_the_place_of_peertubes_and_gives_it_back(
    editor: Client, own_media: Path, django_capture_on_commit_callbacks: object
) -> None:
    broadcast = episode(1)
    source = broadcast.sources.create(
        platform="peertube", external_id="9c9de5e8-0a1e-484a-b099-e80766180a6d", etag="seen"
    )
    sound = Audio.objects.create(
        broadcast=broadcast, source=source, url="https://x/0.mp4", mime="audio/mp4", size_bytes=1
    )
    upload(editor, broadcast, MP3, **{"audio-0-id": str(sound.pk)})
    sound.refresh_from_db()
    assert (sound.url, sound.source, sound.mime) == ("", None, "audio/mpeg")
    stored = own_media / sound.file.name
    assert stored.exists()
    with django_capture_on_commit_callbacks(execute=True):
        send(editor, change(broadcast), **{"audio-0-DELETE": "on"})
    assert not Audio.objects.exists()
    assert not stored.exists()
    source.refresh_from_db()
    assert source.etag == "", "PeerTube is asked for its own again"


@pytest.mark.parametrize(
    ("asked", "status", "part", "told"),
    [
        ("bytes=0-3", 206, MP3[:4], "bytes 0-3/1028"),
        ("bytes=1000-", 206, MP3[1000:], "bytes 1000-1027/1028"),
        ("bytes=-5", 206, MP3[-5:], "bytes 1023-1027/1028"),
        ("bytes=5-99999", 206, MP3[5:], "bytes 5-1027/1028"),
        ("bytes=9-3", 200, MP3, None),
        ("bytes=-", 200, MP3, None),
        ("bytes=0-1,4-5", 200, MP3, None),
        ("lignes=1-2", 200, MP3, None),
        ("bytes=1028-", 416, b"", "bytes */1028"),
    ],
)
def test_a_player_asks_for_a_part(
    asked: str, status: int, part: bytes, told: str | None, client: Client, own_media: Path
) -> None:
    (own_media / "audio").mkdir(parents=True)
    (own_media / "audio" / "x.mp3").write_bytes(MP3)
    answer = client.get("/media/audio/x.mp3", headers={"Range": asked})
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    assert (answer.status_code, content) == (status, part)
    assert answer.get("Content-Range") == told
    assert status == 416 or answer["Content-Length"] == str(len(part))
