"""The connection to Stripe: keys, timeouts, and one kind of error for whatever goes wrong."""

import datetime as dt
import functools
from collections.abc import Callable
from typing import Any, TypeVar

import stripe
from django.conf import settings

from auposte.external import ExternalServiceError

API_VERSION = "2026-10-28.endive"
CONNECT_SECONDS, READ_SECONDS = 3.05, 10

T = TypeVar("T")
Json = dict[str, Any]


@functools.lru_cache(maxsize=4)
def _client(key: str, base: str) -> stripe.StripeClient:
    return stripe.StripeClient(
        key,
        stripe_version=API_VERSION,
        max_network_retries=1,
        base_addresses={"api": base} if base else {},
        http_client=stripe.RequestsClient(timeout=(CONNECT_SECONDS, READ_SECONDS)),
    )


def api() -> stripe.StripeClient:
    """The account that the settings name."""
    return _client(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE)


def moment(timestamp: int) -> dt.datetime:
    """Unix seconds as an aware UTC moment."""
    return dt.datetime.fromtimestamp(timestamp, tz=dt.UTC)


def asked(call: Callable[[], T]) -> T:
    """The call's answer; whatever the SDK raises becomes one error that says what to do."""
    try:
        return call()
    except stripe.RateLimitError as error:
        headers = {k.lower(): v for k, v in (error.headers or {}).items()}
        wait = str(headers.get("retry-after", ""))
        raise ExternalServiceError(
            "Stripe limite nos lectures (429).",
            permanent=False,
            # The limit is one of requests a second.
            retry_after=int(wait) if wait.isdigit() else 1,
        ) from error
    except stripe.InvalidRequestError as error:
        raise ExternalServiceError(
            f"Stripe refuse : {error.user_message or error}",
            permanent=True,
            missing=error.code == "resource_missing",
            wrong_email=error.code == "email_invalid",
        ) from error
    except (stripe.AuthenticationError, stripe.PermissionError, stripe.IdempotencyError) as error:
        raise ExternalServiceError(f"Stripe refuse : {error}", permanent=True) from error
    except stripe.StripeError as error:
        raise ExternalServiceError(
            f"Stripe ne répond pas bien : {type(error).__name__}", permanent=False
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ExternalServiceError(
            f"Réponse de Stripe illisible : {type(error).__name__}", permanent=False
        ) from error


def rows_of(list_call: Callable[[], Any]) -> list[Json]:
    """All rows of a list, page after page."""
    return asked(lambda: [row.to_dict() for row in list_call().auto_paging_iter()])


def id_of(reference: Any) -> str:
    """An expandable field's id, expanded or not."""
    return str(reference["id"] if isinstance(reference, dict) else reference)
