"""What a supervisor asks: is the process alive, and has it what it needs?"""

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

TIMEOUT_SECONDS = 1


@never_cache
@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    """`/sante/vivant`: this process answers."""
    return HttpResponse("vivant\n", content_type="text/plain; charset=utf-8")


@never_cache
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """`/sante/pret`: the state of the database and of Valkey; 503 without the database.

    Without Valkey pages still come, and gifts too: it is told, but does not take us out of service.
    """
    database, valkey = _database_answers(), _valkey_answers()
    return JsonResponse({"base": database, "valkey": valkey}, status=200 if database else 503)


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _valkey_answers() -> bool:
    try:
        client = redis.Redis.from_url(
            settings.REDIS_URL,
            socket_timeout=TIMEOUT_SECONDS,
            socket_connect_timeout=TIMEOUT_SECONDS,
        )
        with client:
            return bool(client.ping())
    except (redis.RedisError, ValueError):
        return False
