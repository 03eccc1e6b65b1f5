"""What can be done with one gift: the buttons of its page, each with a page of its own behind it.

A module that has something to offer registers it when the admin loads:

    gift_tools.register(GiftTool(slug="rembourser", label="Rembourser", …, view=refund_view))
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from auposte.modeladmin import ModelAdmin
from auposte.money import NBSP
from donations.models import Gift


class ToolView(Protocol):
    """Answers a GET and a POST about one gift; `admin` is the gift's, for `log_change`."""

    def __call__(self, request: HttpRequest, gift: Gift, admin: ModelAdmin) -> HttpResponseBase: ...


@dataclass(frozen=True, kw_only=True)
class GiftTool:
    """One button. `slug` ends its address and, with `donations_gift_` before it, names it.

    Whoever lacks `permission` neither sees nor opens it; a gift that it does not apply to has no
    such button, and its address leads back to the gift. With `bears_repeats` a POST reaches the
    view all the same: the second click of somebody whose first one has done it.
    """

    slug: str
    label: str
    permission: str
    applies: Callable[[Gift], bool]
    view: ToolView
    bears_repeats: bool = False

    @property
    def url_name(self) -> str:
        return f"donations_gift_{self.slug.replace('-', '_')}"

    def url(self, gift: Gift) -> str:
        return reverse(f"admin:{self.url_name}", args=[gift.pk])


_tools: list[GiftTool] = []


def register(tool: GiftTool) -> GiftTool:
    """Add a button to the page of gifts; they stand in the order of registration."""
    _tools.append(tool)
    return tool


def tools_for(request: HttpRequest, gift: Gift) -> list[dict[str, str]]:
    """The buttons that this person has for this gift: `label`, `url` and `slug`."""
    return [
        {"label": tool.label, "url": tool.url(gift), "slug": tool.slug}
        for tool in _tools
        if request.user.has_perm(tool.permission) and tool.applies(gift)
    ]


def back_to(gift: Gift) -> HttpResponse:
    """To the gift's page."""
    return redirect("admin:donations_gift_change", gift.pk)


def link_to(gift: Gift) -> SafeString:
    """Its name, leading to its page."""
    address = reverse("admin:donations_gift_change", args=[gift.pk])
    return format_html('<a href="{}">{}</a>', address, gift)


def page(
    request: HttpRequest, template: str, *, admin: ModelAdmin, gift: Gift, **context: Any
) -> HttpResponse:
    """A tool's page: `admin/donations/gift/<template>.html`, below `tool.html`. Give a `title`."""
    shown = {
        **admin.admin_site.each_context(request),
        "opts": admin.opts,
        "original": gift,
        **context,
    }
    return TemplateResponse(request, f"admin/donations/gift/{template}.html", shown)


class ToolsAdmin(ModelAdmin):
    """Gives the gift's page its buttons, and the buttons their pages."""

    change_form_template = "admin/donations/gift/change_form.html"

    def get_urls(self) -> list[URLPattern]:
        tools = [
            path(
                f"<uuid:pk>/{tool.slug}/",
                self.admin_site.admin_view(functools.partial(self._open, tool=tool)),
                name=tool.url_name,
            )
            for tool in _tools
        ]
        return [*tools, *super().get_urls()]

    def _open(self, request: HttpRequest, pk: Any, tool: GiftTool) -> HttpResponseBase:
        gift: Gift | None = self.get_object(request, str(pk))
        if gift is None:
            return self._get_obj_does_not_exist_redirect(  # type: ignore[attr-defined,no-any-return]
                request, self.opts, str(pk)
            )
        if not (self.has_view_permission(request, gift) and request.user.has_perm(tool.permission)):
            raise PermissionDenied
        if not (tool.applies(gift) or (tool.bears_repeats and request.method == "POST")):
            messages.warning(request, f"«{NBSP}{tool.label}{NBSP}» n’est pas possible pour ce don.")
            return back_to(gift)
        return tool.view(request, gift, self)

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        if obj is not None:
            context |= {"tools": tools_for(request, obj)}
        return super().render_change_form(request, context, add, change, form_url, obj)
