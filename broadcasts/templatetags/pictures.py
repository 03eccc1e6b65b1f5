"""Stored images as <picture>: AVIF, WebP, JPEG, each in the widths that exist."""

import functools
from dataclasses import dataclass

from django import template
from django.core.files.storage import Storage
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from auposte.images import StoredImageFile, rendition_name, rendition_widths, size_from_name

register = template.Library()

FOCUS_STEP = 10


@dataclass(frozen=True, kw_only=True)
class Renditions:
    """A `srcset` and what it is made of."""

    mime: str
    srcset: str


@register.simple_tag
def picture(
    image: StoredImageFile,
    *,
    alt: str = "",
    sizes: str = "100vw",
    eager: bool = False,
    focus_x: int = 50,
    focus_y: int = 50,
) -> SafeString:
    """An image that reserves its place. `eager` for the one that opens the page.

    `focus_x`, `focus_y` (percent) stay in sight where the image is cropped: as classes, rounded
    to tens, since the policy allows no inline style.
    """
    focus = " ".join(
        f"focus-{axis}-{round(percent / FOCUS_STEP) * FOCUS_STEP}"
        for axis, percent in (("x", focus_x), ("y", focus_y))
        if percent != 50
    )
    return _written(image.name or "", image.storage, str(alt), sizes, bool(eager), focus)


@functools.lru_cache(maxsize=8192)
def _written(
    name: str, storage: Storage, alt: str, sizes: str, eager: bool, focus: str
) -> SafeString:
    """A stored image never changes under its name, so what is written of it does not either."""
    address, (width, height) = storage.url(name), size_from_name(name)
    context = {
        "src": address,
        "alt": alt,
        "sizes": sizes,
        "eager": eager,
        "width": width or None,
        "height": height or None,
        "focus": focus,
        "sources": [
            Renditions(mime="image/avif", srcset=_srcset(address, width, "avif")),
            Renditions(mime="image/webp", srcset=_srcset(address, width, "webp")),
        ],
        "srcset": _srcset(address, width, "jpg"),
    }
    return render_to_string("picture.html", context)


def _srcset(address: str, master_width: int, extension: str) -> str:
    """The candidates of one format; the master is itself the widest JPEG."""
    folder, _, name = address.rpartition("/")
    names = {
        width: rendition_name(name, width, extension) for width in rendition_widths(master_width)
    }
    if extension == "jpg":
        names[master_width] = name
    return ", ".join(f"{folder}/{file} {width}w" for width, file in names.items())
