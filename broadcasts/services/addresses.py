"""Addresses of pages: chosen once, changed without breaking a link, never given away."""

from collections.abc import Collection
from typing import TypeAlias

from django.db import IntegrityError, transaction

from auposte.slugs import french_slug
from broadcasts.models import Broadcast, Redirect, Series, Tag
from guests.models import Guest

Page: TypeAlias = Broadcast | Guest | Series
PageModel: TypeAlias = type[Broadcast] | type[Guest] | type[Series] | type[Tag]


class RetiredSlugError(IntegrityError):
    """The slug led to another page once, and still does. The database would refuse it as well."""

    def __init__(self, redirect: Redirect) -> None:
        super().__init__(f"{redirect.path} is retired: it leads to {redirect.target}")
        self.redirect = redirect


def path_of(model: PageModel, slug: str) -> str:
    """`Guest`, `lou-welgryn` → `/invites/lou-welgryn`."""
    return model(slug=slug).get_absolute_url()


def retired_by(*, model: PageModel, slug: str, pk: int | None) -> Redirect | None:
    """The redirect that keeps this slug from the page `pk` (None: a new page)."""
    redirects = Redirect.objects.select_related("broadcast", "guest", "series")
    found = redirects.filter(path=path_of(model, slug)).first()
    if found is not None and pk is not None and _target_id(found, model) == pk:
        return None  # an address may come back to the page that left it
    return found


def _target_id(redirect: Redirect, model: PageModel) -> int | None:
    value: int | None = getattr(redirect, f"{model._meta.model_name}_id")
    return value


def free_slug(
    *, model: PageModel, text: str, pk: int | None, also_taken: Collection[str] = ()
) -> str:
    """A slug made from `text`, with `-2`, `-3`… where another page has it or had it, or is to.

    Empty when `text` holds nothing that an address can be made of.
    """
    longest: int = getattr(model._meta.get_field("slug"), "max_length", 50)
    base = french_slug(text, max_length=longest)
    slug, tries = base, 1
    others = model._default_manager.exclude(pk=pk or 0)
    while slug and (
        slug in also_taken
        or others.filter(slug=slug).exists()
        or retired_by(model=model, slug=slug, pk=pk)
    ):
        tries += 1
        slug = f"{base[: longest - len(str(tries)) - 1].rstrip('-')}-{tries}"
    return slug


def _may_have_been_read(page: Page) -> bool:
    """Whether somebody may hold a link to the page."""
    return page.has_been_public() if isinstance(page, Broadcast) else True


@transaction.atomic
def change_slug(*, page: Page, slug: str) -> Redirect | None:
    """Give `page` another slug; its old address then leads to the new one.

    Returns that redirect; None when nothing changed, or when nobody can know the old address.
    Raises `RetiredSlugError` when the slug led to another page, IntegrityError when it leads to
    one now.
    """
    model = type(page)
    stored = model._default_manager.select_for_update().get(pk=page.pk)
    page.slug = slug
    if stored.slug == slug:
        return None
    retired = retired_by(model=model, slug=slug, pk=page.pk)
    if retired is not None:
        raise RetiredSlugError(retired)
    Redirect.objects.filter(path=path_of(model, slug)).delete()
    model._default_manager.filter(pk=page.pk).update(slug=slug)
    if not _may_have_been_read(stored):
        return None
    target = {"broadcast": None, "guest": None, "series": None, "target_path": ""}
    redirect, _ = Redirect.objects.update_or_create(
        path=path_of(model, stored.slug),
        defaults={**target, str(model._meta.model_name): page},
    )
    return redirect
