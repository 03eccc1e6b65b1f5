"""Stored images as <picture>: AVIF, WebP, JPEG, each in the widths that exist."""

from dataclasses import dataclass
from typing import Any

from django import template

from auposte.images import StoredImageFile, rendition_name, rendition_widths

register = template.Library()

FOCUS_STEP = 10


@dataclass(frozen=True, kw_only=True)
class Renditions:
    """A `srcset` and what it is made of."""

    mime: str
    srcset: str


@register.inclusion_tag("picture.html")
def picture(
    image: StoredImageFile,
    *,
    alt: str = "",
    sizes: str = "100vw",
    eager: bool = False,
    focus_x: int = 50,
    focus_y: int = 50,
) -> dict[str, Any]:
    """An image that reserves its place. `eager` for the one that opens the page.

    `focus_x`, `focus_y` (percent) stay in sight where the image is cropped: as classes, rounded
    to tens, since the policy allows no inline style.
    """
    width, height = image.size_in_pixels
    return {
        "src": image.url,
        "alt": alt,
        "sizes": sizes,
        "eager": eager,
        "width": width or None,
        "height": height or None,
        "focus": " ".join(
            f"focus-{axis}-{round(percent / FOCUS_STEP) * FOCUS_STEP}"
            for axis, percent in (("x", focus_x), ("y", focus_y))
            if percent != 50
        ),
        "sources": [
            Renditions(mime="image/avif", srcset=_srcset(image, width, "avif")),
            Renditions(mime="image/webp", srcset=_srcset(image, width, "webp")),
        ],
        "srcset": _srcset(image, width, "jpg"),
    }


def _srcset(image: StoredImageFile, master_width: int, extension: str) -> str:
    name = image.name or ""
    return ", ".join(
        f"{image.storage.url(_stored_name(name, width, master_width, extension))} {width}w"
        for width in rendition_widths(master_width)
    )


def _stored_name(name: str, width: int, master_width: int, extension: str) -> str:
    """The master is itself the widest JPEG."""
    if extension == "jpg" and width == master_width:
        return name
    return rendition_name(name, width, extension)
