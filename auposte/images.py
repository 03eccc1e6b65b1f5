"""Images as the site keeps them: re-encoded on the way in, in the widths that pages ask for.

Nothing that somebody uploads is served as it came: Pillow decodes it (within limits) and writes
new files, so a script dressed as a picture, or a photograph's GPS position, stops here.
"""

import io
import secrets
from pathlib import PurePosixPath
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File
from django.db import models
from django.db.models.fields.files import ImageFieldFile
from PIL import Image, ImageOps, UnidentifiedImageError

ACCEPTED = ("JPEG", "PNG", "WEBP", "AVIF")
MASTER_WIDTH = 1920
WIDTHS = (480, 960, 1440)
FORMATS = (("avif", "AVIF", {"quality": 55, "speed": 8}), ("webp", "WEBP", {"quality": 78}))
JPEG = {"quality": 84, "optimize": True, "progressive": True}


def open_picture(data: bytes) -> Image.Image:
    """The decoded picture, upright and in RGB. ValidationError (in French) when it will not do."""
    if len(data) > settings.IMAGE_MAX_BYTES:
        megabytes = settings.IMAGE_MAX_BYTES // (1024 * 1024)
        raise ValidationError(f"Cette image pèse trop : {megabytes} Mo au plus.")
    try:
        picture = Image.open(io.BytesIO(data), formats=ACCEPTED)
        if picture.width * picture.height > settings.IMAGE_MAX_PIXELS:
            megapixels = settings.IMAGE_MAX_PIXELS // 1_000_000
            raise ValidationError(f"Cette image est trop grande : {megapixels} mégapixels au plus.")
        picture = ImageOps.exif_transpose(picture)
        if picture.mode in {"RGBA", "LA", "P", "PA"}:
            layered = picture.convert("RGBA")
            ground = Image.new("RGB", layered.size, "white")
            ground.paste(layered, mask=layered.getchannel("A"))
            return ground
        return picture.convert("RGB")
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError) as error:
        raise ValidationError("Ce fichier n’est pas une image JPEG, PNG, WebP ou AVIF.") from error


def _encoded(picture: Image.Image, kind: str, options: dict[str, Any]) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def _resized(picture: Image.Image, width: int) -> Image.Image:
    height = max(1, round(picture.height * width / picture.width))
    return picture.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=2.0)


def rendition_widths(master_width: int) -> list[int]:
    """The widths (pixels) that exist beside a master of this width, the master's own last."""
    return [width for width in WIDTHS if width < master_width] + [master_width]


def rendition_name(name: str, width: int, extension: str) -> str:
    """`emissions/a1b2-1280x720.jpg`, 480, `webp` → `emissions/a1b2-1280x720.480.webp`."""
    path = PurePosixPath(name)
    return str(path.with_name(f"{path.stem}.{width}.{extension}"))


class StoredImageFile(ImageFieldFile):
    """The master JPEG; its size is in its name, so that a list of pages opens no file."""

    @property
    def size_in_pixels(self) -> tuple[int, int]:
        """Width and height of the master."""
        width, _, height = PurePosixPath(self.name or "").stem.rpartition("-")[2].partition("x")
        return (int(width), int(height)) if width.isdigit() and height.isdigit() else (0, 0)

    def save(self, name: str, content: "File[Any]", save: bool = True) -> None:
        content.seek(0)
        picture = open_picture(content.read())
        if picture.width > MASTER_WIDTH:
            picture = _resized(picture, MASTER_WIDTH)
        unguessable = secrets.token_hex(8)
        super().save(
            f"{unguessable}-{picture.width}x{picture.height}.jpg",
            ContentFile(_encoded(picture, "JPEG", JPEG)),
            save,
        )
        assert self.name is not None
        for width in rendition_widths(picture.width):
            smaller = _resized(picture, width) if width < picture.width else picture
            for extension, kind, options in FORMATS:
                self.storage.save(
                    rendition_name(self.name, width, extension),
                    ContentFile(_encoded(smaller, kind, options)),
                )
            if width < picture.width:
                self.storage.save(
                    rendition_name(self.name, width, "jpg"),
                    ContentFile(_encoded(smaller, "JPEG", JPEG)),
                )


class StoredImageField(models.ImageField):
    """An image kept as a re-encoded master with AVIF, WebP and JPEG renditions."""

    attr_class = StoredImageFile

    def clean(self, value: Any, model_instance: models.Model | None) -> Any:
        cleaned = super().clean(value, model_instance)
        if cleaned and not cleaned._committed:
            cleaned.seek(0)
            open_picture(cleaned.read())
            cleaned.seek(0)
        return cleaned
