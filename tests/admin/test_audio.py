"""Sound, uploaded on a broadcast's form and served in parts."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from broadcasts.models import Audio, Broadcast
from tests import sounds
from tests.admin.html import text_of
from tests.admin.test_broadcasts import change, send
from tests.admin.world import episode

pytestmark = pytest.mark.django_db
# For what is read in parts, and for what must not come in.
BYTES = b"ID3\x04" + bytes(range(256)) * 4


def upload(client: Client, broadcast: Broadcast, content: bytes, **fields: object) -> object:
    file = SimpleUploadedFile("Émission n°3.wav", content)
    return send(
        client, change(broadcast),
        **{"audio-TOTAL_FORMS": "1", "audio-0-file": file, "audio-0-broadcast": str(broadcast.pk),
           **fields},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("content", "ending", "mime"),
    [
        (sounds.mp3(24), "mp3", "audio/mpeg"),
        (sounds.broken_tags() + sounds.mp3(24), "mp3", "audio/mpeg"),
        (sounds.m4a(24), "m4a", "audio/mp4"),
        (sounds.opus(24), "opus", "audio/ogg"),
        (sounds.vorbis(24), "ogg", "audio/ogg"),
    ],
)
def test_its_bytes_say_what_it_is(
    content: bytes, ending: str, mime: str, editor: Client, client: Client, own_media: Path
) -> None:
    upload(editor, episode(1), content)
    sound = Audio.objects.get()
    assert (sound.mime, sound.size_bytes, sound.duration_seconds) == (mime, len(content), 24)
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


@pytest.mark.parametrize(
    "content", [BYTES, sounds.mp3(24)[:900], sounds.m4a(24)[:-9], sounds.vorbis(24)[:60]]
)
def test_what_only_begins_as_a_sound_is_refused(content: bytes, editor: Client) -> None:
    assert "commence comme un son, mais ne se lit pas" in text_of(
        upload(editor, episode(1), content)
    )
    assert not Audio.objects.exists()


def test_a_length_is_kept_when_it_was_typed_and_measured_when_it_was_not(
    editor: Client, own_media: Path
) -> None:
    broadcast = episode(1)
    upload(editor, broadcast, sounds.mp3(24), **{"audio-0-duration_seconds": "1:00:00"})
    sound = Audio.objects.get()
    assert sound.duration_seconds == 3600
    again = {"audio-0-id": str(sound.pk), "audio-0-duration_seconds": "1:00:00"}
    upload(editor, broadcast, sounds.mp3(48), **again)
    sound.refresh_from_db()
    assert sound.duration_seconds == 48, "the hour was the other file's"
    upload(editor, broadcast, sounds.m4a(0), **{**again, "audio-0-duration_seconds": "0:50"})
    sound.refresh_from_db()
    assert sound.duration_seconds == 50, "it does not tell its own"


def test_too_heavy(editor: Client, settings: object) -> None:
    settings.AUDIO_MAX_BYTES = 1024
    assert "pèse trop" in text_of(upload(editor, episode(1), BYTES))


def test_it_takes_the_place_of_peertubes_and_gives_it_back(
    editor: Client, own_media: Path, django_capture_on_commit_callbacks: object
) -> None:
    broadcast = episode(1)
    source = broadcast.sources.create(
        platform="peertube", external_id="9c9de5e8-0a1e-484a-b099-e80766180a6d", etag="seen"
    )
    sound = Audio.objects.create(
        broadcast=broadcast, source=source, url="https://x/0.mp4", mime="audio/mp4", size_bytes=1,
        download_url="https://x/download/0.mp4",
    )  # fmt: skip
    upload(editor, broadcast, sounds.mp3(24), **{"audio-0-id": str(sound.pk)})
    sound.refresh_from_db()
    assert (sound.url, sound.source, sound.mime) == ("", None, "audio/mpeg")
    assert sound.download_url == ""
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
        ("bytes=0-3", 206, BYTES[:4], "bytes 0-3/1028"),
        ("bytes=1000-", 206, BYTES[1000:], "bytes 1000-1027/1028"),
        ("bytes=-5", 206, BYTES[-5:], "bytes 1023-1027/1028"),
        ("bytes=5-99999", 206, BYTES[5:], "bytes 5-1027/1028"),
        ("bytes=9-3", 200, BYTES, None),
        ("bytes=-", 200, BYTES, None),
        ("bytes=0-1,4-5", 200, BYTES, None),
        ("lignes=1-2", 200, BYTES, None),
        ("bytes=1028-", 416, b"", "bytes */1028"),
    ],
)
def test_a_player_asks_for_a_part(
    asked: str, status: int, part: bytes, told: str | None, client: Client, own_media: Path
) -> None:
    (own_media / "audio").mkdir(parents=True)
    (own_media / "audio" / "x.mp3").write_bytes(BYTES)
    answer = client.get("/media/audio/x.mp3", headers={"Range": asked})
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    assert (answer.status_code, content) == (status, part)
    assert answer.get("Content-Range") == told
    assert status == 416 or answer["Content-Length"] == str(len(part))
