"""The one door through which HTML reaches a page."""

import re
from typing import Any

import nh3
from django.db import models

from auposte.outside import OWN_PATH
from auposte.richtext_widget import RichTextFormField, RichTextWidget

TAGS = {
    "a", "abbr", "b", "blockquote", "br", "cite", "code", "em", "figcaption", "figure", "footer",
    "h2", "h3", "h4", "hr", "i", "img", "li", "ol", "p", "pre", "q", "s", "small", "strong", "sub",
    "sup", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
ATTRIBUTES = {
    "a": {"href", "title", "hreflang"},
    "abbr": {"title"},
    "blockquote": {"cite"},
    "img": {"src", "alt", "width", "height"},
    "q": {"cite"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
}


ADDRESSES = {"cite", "href", "src"}
# Browsers leave them out around an address.
AROUND = "".join(map(chr, range(0x21)))
OTHER_HOST = re.compile(r"//[^/\\\u0000-\u0020\u007f][^\\\u0000-\u001f\u007f]*\Z")


def _honest_address(tag: str, attribute: str, value: str) -> str | None:
    """Images come from this site: a third party's would see the reader before any click.

    A link that looks like a path of this site leads to this site.
    """
    if attribute not in ADDRESSES:
        return value
    bare = value.strip(AROUND)
    if re.match(OWN_PATH, bare):
        return bare
    if tag == "img" or (bare.startswith(("/", "\\")) and not OTHER_HOST.match(bare)):
        return None
    return value


def sanitise(html: str) -> str:
    """HTML with only the tags and attributes that the site's pages style; safe to show."""
    return nh3.clean(
        html,
        tags=TAGS,
        attributes=ATTRIBUTES,
        attribute_filter=_honest_address,
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener noreferrer",
    )


class RichTextField(models.TextField):  # type: ignore[type-arg]  # generic in stubs only
    """Sanitised HTML: what is written to the database went through `sanitise`, by any road."""

    def get_prep_value(self, value: Any) -> Any:
        text = super().get_prep_value(value)
        return sanitise(text) if isinstance(text, str) else text

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        clean = sanitise(super().pre_save(model_instance, add) or "")
        setattr(model_instance, self.attname, clean)
        return clean

    def formfield(self, **kwargs: Any) -> Any:
        """With the editor, whatever widget the admin has for long texts."""
        return super().formfield(
            **{**kwargs, "form_class": RichTextFormField, "widget": RichTextWidget}
        )
