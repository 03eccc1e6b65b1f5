"""The old site's addresses that follow a rule. The others are `Redirect` rows."""

from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.views.decorators.http import require_safe

from broadcasts.filters import SEASON_SLUG
from broadcasts.models import Tag


@require_safe
def donations(request: HttpRequest) -> HttpResponse:
    """`/dons` → `/don`."""
    return HttpResponsePermanentRedirect("/don")


@require_safe
def category(request: HttpRequest, path: str) -> HttpResponse:
    """`/cat/<slug>/` → `/emissions?tags=<name>`; of nested categories, the last one counts."""
    slug = path.strip("/").rpartition("/")[2].lower()
    season = SEASON_SLUG.match(slug)
    tag = None if season else Tag.objects.filter(slug=slug).first()
    if season:
        name = f"Saison {int(season[1]):02d}"
    elif tag:
        name = tag.name
    else:
        raise Http404("Aucune rubrique à cette adresse.")
    return HttpResponsePermanentRedirect(f"/emissions?{urlencode({'tags': name})}")
