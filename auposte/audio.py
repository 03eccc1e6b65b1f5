"""Sound as an editor uploads it: served as it came, so its first bytes must say what it is.

https://mutagen.readthedocs.io/
"""

import secrets
from typing import Any

import structlog
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.db import models
from django.db.models.fields.files import FieldFile
from mutagen.mp3 import MPEGInfo
from mutagen.mp4 import MP4
from mutagen.oggopus import OggOpus
from mutagen.oggvorbis import OggVorbis

from auposte.stored_files import RemovesFiles

log = structlog.get_logger(__name__)

# By the ending of the stored file.
KINDS = {
    "mp3": "audio/mpeg",
    "m4a": "audio/mp4",
    "ogg": "audio/ogg",
    "opus": "audio/ogg",
}
ACCEPTED = ".mp3,.m4a,.ogg,.opus,audio/mpeg,audio/mp4,audio/ogg"
HEAD = 4096
UNREADABLE = (
    "Ce fichier commence comme un son, mais ne se lit pas : il est peut-être coupé. "
    "Exportez-le à nouveau."
)
# `MPEGInfo` leaves the tags before an MP3's sound alone, broken as they often are.
READERS = {"mp3": MPEGInfo, "m4a": MP4, "opus": OggOpus, "ogg": OggVorbis}


def kind_of(content: "File[Any]") -> str:
    """The ending that the sound should have, told by its first bytes; the file is left rewound.

    ValidationError, in French, for what is too heavy or no sound that browsers play.
    """
    if (content.size or 0) > settings.AUDIO_MAX_BYTES:
        megabytes = settings.AUDIO_MAX_BYTES // (1024 * 1024)
        raise ValidationError(f"Ce fichier pèse trop : {megabytes} Mo au plus.")
    content.seek(0)
    head = content.read(HEAD)
    content.seek(0)
    if head[:3] == b"ID3" or _is_mpeg_frame(head):
        return "mp3"
    if head[4:8] == b"ftyp":
        return "m4a"
    if head[:4] == b"OggS" and b"theora" not in head:
        return "opus" if b"OpusHead" in head else "ogg"
    raise ValidationError("Ce fichier n’est pas un son MP3, M4A, Ogg ou Opus.")


def _is_mpeg_frame(head: bytes) -> bool:
    """Eleven bits of one, then a layer: bare AAC has none there."""
    return len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0 and head[1] & 0x06 != 0


def length_of(content: "File[Any]") -> int | None:
    """Seconds of sound; None where the file does not tell. The file is left rewound.

    An MP3 without a header of its own is taken to have one bit rate throughout. ValidationError,
    in French, for what `kind_of` refuses and for what cannot be played.
    """
    kind = kind_of(content)
    try:
        read = READERS[kind](content)
    except Exception as error:  # on hostile bytes the readers raise all sorts
        log.info("audio_unreadable", error=type(error).__name__)
        raise ValidationError(UNREADABLE) from error
    finally:
        content.seek(0)
    info = read if isinstance(read, MPEGInfo) else read.info
    if getattr(info, "sketchy", False):
        raise ValidationError(UNREADABLE)
    return max(1, round(info.length)) if info.length > 0 else None


class StoredAudioFile(FieldFile):
    """Kept under a name that nobody can guess, with the ending that its bytes deserve."""

    def save(self, name: str, content: "File[Any]", save: bool = True) -> None:
        super().save(f"{secrets.token_hex(8)}.{kind_of(content)}", content, save)


class StoredAudioFormField(forms.FileField):
    """Takes what `kind_of` takes. The file's name is not kept, so it may be anything."""

    def to_python(self, data: Any) -> Any:
        upload = super().to_python(data)
        if upload is not None:
            kind_of(upload)
        return upload

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {**super().widget_attrs(widget), "accept": ACCEPTED}


class StoredAudioField(RemovesFiles, models.FileField):
    """A sound file; it is removed once its row let go of it."""

    attr_class = StoredAudioFile

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(
            **{"form_class": StoredAudioFormField, **kwargs, "max_length": None}
        )

    def discard(self, name: str) -> None:
        try:
            self.storage.delete(name)
        except OSError as error:
            log.warning("audio_not_removed", file=name, error=type(error).__name__)
