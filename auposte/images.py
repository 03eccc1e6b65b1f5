"""Images as the site keeps them: re-encoded on the way in, in the widths that pages ask for.

Nothing that somebody uploads is served as it came: Pillow decodes it (within limits) and writes
new files, so a script dressed as a picture, or a photograph's GPS position, stops here.
"""

import io
import secrets
from pathlib import PurePosixPath
from typing import Any, TypeAlias

import structlog
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage
from django.db import models
from django.db.models.fields.files import ImageFieldFile
from PIL import Image, ImageCms, ImageOps

from auposte.stored_files import RemovesFiles

log = structlog.get_logger(__name__)

ACCEPTED = ("JPEG", "PNG", "WEBP", "AVIF")
ACCEPTED_TYPES = "image/jpeg,image/png,image/webp,image/avif"
# The frames that a JPEG may hold (MPO) are one scene from other angles: those are no animation.
MAY_MOVE = {"PNG", "WEBP", "AVIF"}
MASTER_WIDTH = 1920
WIDTHS = (480, 960, 1440)
Formats: TypeAlias = tuple[tuple[str, str, dict[str, Any]], ...]
FORMATS: Formats = (
    ("avif", "AVIF", {"quality": 55, "speed": 8}),
    ("webp", "WEBP", {"quality": 78}),
)
JPEG = {"quality": 84, "optimize": True, "progressive": True}


def open_picture(content: "File[Any]") -> Image.Image:
    """The decoded picture: upright, in sRGB, without any metadata.

    ValidationError, in French, for what will not do; the file is left rewound.
    """
    if (content.size or 0) > settings.IMAGE_MAX_BYTES:
        megabytes = settings.IMAGE_MAX_BYTES // (1024 * 1024)
        raise ValidationError(f"Cette image pèse trop : {megabytes} Mo au plus.")
    content.seek(0)
    data = content.read()
    content.seek(0)
    try:
        picture = Image.open(io.BytesIO(data), formats=ACCEPTED)
        _refuse_excess(picture)
        return _plain(ImageOps.exif_transpose(picture))
    except ValidationError:
        raise
    except Exception as error:  # on hostile bytes Pillow's decoders raise all sorts
        raise ValidationError(
            "Ce fichier n’est pas une image JPEG, PNG, WebP ou AVIF lisible."
        ) from error


def _refuse_excess(picture: Image.Image) -> None:
    """Judge by the header, before a single pixel takes memory."""
    if picture.width * picture.height > settings.IMAGE_MAX_PIXELS:
        megapixels = settings.IMAGE_MAX_PIXELS // 1_000_000
        raise ValidationError(f"Cette image est trop grande : {megapixels} mégapixels au plus.")
    if picture.format in MAY_MOVE and getattr(picture, "is_animated", False):
        raise ValidationError("Cette image est animée : il en faut une qui ne bouge pas.")


def _plain(picture: Image.Image) -> Image.Image:
    profile = picture.info.get("icc_profile")
    if picture.mode in {"RGBA", "LA", "P", "PA"}:
        layered = picture.convert("RGBA")
        picture = Image.new("RGB", layered.size, "white")
        picture.paste(layered, mask=layered.getchannel("A"))
    if profile and picture.mode in {"RGB", "CMYK", "L"}:
        picture = _in_srgb(picture, profile)
    plain = picture.convert("RGB")
    plain.info.clear()  # JPEG would carry a comment along, AVIF a colour profile
    return plain


def _in_srgb(picture: Image.Image, profile: bytes) -> Image.Image:
    try:
        converted = ImageCms.profileToProfile(
            picture,
            ImageCms.ImageCmsProfile(io.BytesIO(profile)),
            ImageCms.createProfile("sRGB"),
            outputMode="RGB",
        )
    except (ImageCms.PyCMSError, OSError):  # a broken profile is no reason to refuse a picture
        return picture
    return converted or picture


def _encoded(picture: Image.Image, kind: str, options: dict[str, Any]) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def _resized(picture: Image.Image, width: int) -> Image.Image:
    height = max(1, round(picture.height * width / picture.width))
    return picture.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=2.0)


def rendition_widths(master_width: int) -> list[int]:
    """The widths (pixels) that exist beside a master of this width, the master's own last.

    One a little narrower than the master would cost its encoding and spare no reader anything.
    """
    return [width for width in WIDTHS if width < master_width * 0.8] + [master_width]


def rendition_name(name: str, width: int, extension: str) -> str:
    """`emissions/a1b2-1280x720.jpg`, 480, `webp` → `emissions/a1b2-1280x720.480.webp`."""
    path = PurePosixPath(name)
    return str(path.with_name(f"{path.stem}.{width}.{extension}"))


def size_from_name(name: str) -> tuple[int, int]:
    """Width and height of a master, in pixels; (0, 0) when the name is not one of ours."""
    width, _, height = PurePosixPath(name).stem.rpartition("-")[2].partition("x")
    return (int(width), int(height)) if width.isdigit() and height.isdigit() else (0, 0)


def _renditions(picture: Image.Image, name: str, formats: Formats) -> dict[str, bytes]:
    files = {}
    for width in rendition_widths(picture.width):
        smaller = _resized(picture, width) if width < picture.width else picture
        for extension, kind, options in formats:
            files[rendition_name(name, width, extension)] = _encoded(smaller, kind, options)
        if width < picture.width:
            files[rendition_name(name, width, "jpg")] = _encoded(smaller, "JPEG", JPEG)
    return files


def _all_names(name: str) -> list[str]:
    """The master of this name, last, and every rendition that it may have."""
    width, _ = size_from_name(name)
    return [
        rendition_name(name, rendition, kind)
        for rendition in (rendition_widths(width) if width else [])
        for kind in ("avif", "webp", "jpg")
    ] + [name]


def copy_image(source: ImageFieldFile, *, to: ImageFieldFile) -> str:
    """Copy a stored image for another row, without encoding anything; the name for its field."""
    width, height = size_from_name(source.name or "")
    unguessable = f"{secrets.token_hex(8)}-{width}x{height}.jpg"
    name: str = to.field.generate_filename(to.instance, unguessable)
    for old, new in zip(_all_names(source.name or ""), _all_names(name), strict=True):
        if source.storage.exists(old):
            with source.storage.open(old) as content:
                to.storage.save(new, content)
    return name


def remove_files(storage: Storage, name: str) -> None:
    """Delete a master and its renditions. What will not go is logged and left: it harms nobody."""
    for found in _all_names(name):
        try:
            storage.delete(found)
        except OSError as error:
            log.warning("image_not_removed", file=found, error=type(error).__name__)


class StoredImageFile(ImageFieldFile):
    """The master JPEG; its size is in its name, so that a list of pages opens no file.

    `formats` may be set before `save`: quick encoders rather than small files.
    """

    formats = FORMATS

    @property
    def size_in_pixels(self) -> tuple[int, int]:
        """Width and height of the master."""
        return size_from_name(self.name or "")

    @property
    def smallest_url(self) -> str:
        """The address of the narrowest JPEG, for a preview."""
        width = rendition_widths(self.size_in_pixels[0])[0]
        narrower = width < self.size_in_pixels[0]
        name = rendition_name(self.name or "", width, "jpg") if narrower else self.name
        return self.storage.url(name)

    def save(self, name: str, content: "File[Any]", save: bool = True) -> None:
        picture = open_picture(content)
        if picture.width > MASTER_WIDTH:
            picture = _resized(picture, MASTER_WIDTH)
        unguessable = f"{secrets.token_hex(8)}-{picture.width}x{picture.height}.jpg"
        name = self.field.generate_filename(self.instance, unguessable)
        # Everything is encoded before anything is written; the master, which the row names, last.
        files = _renditions(picture, name, self.formats)
        master = ContentFile(_encoded(picture, "JPEG", JPEG))
        try:
            for rendition, data in files.items():
                self.storage.save(rendition, ContentFile(data))
            super().save(unguessable, master, save)
        except OSError:
            remove_files(self.storage, name)
            raise

    def delete(self, save: bool = True) -> None:
        storage, name = self.storage, self.name
        super().delete(save)
        if name:
            remove_files(storage, name)


class StoredImageFormField(forms.ImageField):
    """Takes what `open_picture` takes. The file's name is not kept, so it may be anything."""

    default_validators = []

    def to_python(self, data: Any) -> Any:
        upload = forms.FileField.to_python(self, data)
        if upload is not None:
            open_picture(upload)
        return upload

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {**super().widget_attrs(widget), "accept": ACCEPTED_TYPES}


class StoredImageField(RemovesFiles, models.ImageField):
    """An image kept as a re-encoded master with AVIF, WebP and JPEG renditions.

    Files whose row let go of them are removed once that is committed, unless another row of the
    same model names them too.
    """

    attr_class = StoredImageFile

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(
            **{"form_class": StoredImageFormField, **kwargs, "max_length": None}
        )

    def discard(self, name: str) -> None:
        remove_files(self.storage, name)
