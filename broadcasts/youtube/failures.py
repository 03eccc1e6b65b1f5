"""What YouTube's refusals mean, and what there is to do about each.

https://developers.google.com/youtube/v3/docs/errors. The older answers name a `reason` in
`error.errors[]`, the newer ones (https://cloud.google.com/apis/design/errors) in `error.details[]`.
"""

import datetime as dt
import json
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any
from zoneinfo import ZoneInfo

from auposte.external import ExternalServiceError
from broadcasts.loose_json import dig
from broadcasts.platforms import QuotaExceededError

PACIFIC = ZoneInfo("America/Los_Angeles")


class Then(Enum):
    """What a refusal leaves to do."""

    WAIT_FOR_MIDNIGHT = auto()
    TRY_AGAIN = auto()
    GIVE_UP = auto()
    CALL_IT_MISSING = auto()


@dataclass(frozen=True)
class Decision:
    reasons: frozenset[str]
    then: Then
    words: str


def _decision(then: Then, words: str, *reasons: str) -> Decision:
    return Decision(frozenset(reasons), then, words)


SPENT = "Le quota du jour est épuisé chez YouTube."
# The first that shares a reason with the answer counts.
DECISIONS = (
    _decision(Then.WAIT_FOR_MIDNIGHT, SPENT, "quotaExceeded", "dailyLimitExceeded"),
    _decision(
        Then.GIVE_UP,
        "La clé de l’API YouTube n’est pas valable : vérifiez YOUTUBE_API_KEY.",
        "keyInvalid", "keyExpired", "API_KEY_INVALID", "dailyLimitExceededUnreg",
    ),
    _decision(
        Then.GIVE_UP,
        "« YouTube Data API v3 » n’est pas activée pour cette clé : activez-la dans la console de"
        " Google.",
        "accessNotConfigured", "SERVICE_DISABLED", "CONSUMER_INVALID",
    ),
    _decision(
        Then.GIVE_UP,
        "La clé de l’API YouTube n’est pas acceptée d’ici : vérifiez ses restrictions dans la"
        " console de Google.",
        "ipRefererBlocked", "API_KEY_SERVICE_BLOCKED", "API_KEY_IP_ADDRESS_BLOCKED",
        "API_KEY_HTTP_REFERRER_BLOCKED",
    ),
    _decision(
        Then.CALL_IT_MISSING,
        "YouTube ne connaît pas cette liste de vidéos.",
        "playlistNotFound", "playlistItemsNotAccessible",
    ),
    _decision(
        Then.CALL_IT_MISSING,
        "YouTube ne connaît pas cette chaîne : vérifiez YOUTUBE_CHANNEL_ID.",
        "channelNotFound", "channelClosed", "channelSuspended",
    ),
    _decision(Then.CALL_IT_MISSING, "YouTube ne connaît pas cette vidéo.", "videoNotFound"),
    _decision(
        Then.TRY_AGAIN,
        "YouTube trouve nos demandes trop rapprochées.",
        "rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED",
    ),
    _decision(Then.TRY_AGAIN, "YouTube est en panne.", "backendError", "internalError"),
)  # fmt: skip


def next_quota_reset(now: dt.datetime) -> dt.datetime:
    """The next midnight in California (UTC): when YouTube counts anew.

    https://developers.google.com/youtube/v3/getting-started#quota
    """
    tomorrow = now.astimezone(PACIFIC).date() + dt.timedelta(days=1)
    return dt.datetime.combine(tomorrow, dt.time(), tzinfo=PACIFIC).astimezone(dt.UTC)


def failure_of(status: int, content: bytes) -> ExternalServiceError:
    """The error to raise for an answer that is none: its status, and its body in any state."""
    error = _error_in(content)
    reasons = {str(found) for found in _reasons(error)}
    decision = next((known for known in DECISIONS if known.reasons & reasons), None)
    if decision is None:
        decision = _by_status(status)
    elif decision.then is Then.TRY_AGAIN and _is_daily(error):
        decision = DECISIONS[0]
    match decision.then:
        case Then.WAIT_FOR_MIDNIGHT:
            until = next_quota_reset(dt.datetime.now(dt.UTC))
            return QuotaExceededError(decision.words, until=until)
        case Then.TRY_AGAIN:
            return ExternalServiceError(decision.words, permanent=False)
        case then:
            return ExternalServiceError(
                decision.words, permanent=True, missing=then is Then.CALL_IT_MISSING
            )


def may_pass_soon(error: ExternalServiceError) -> bool:
    """Whether a second try, moments later, makes sense."""
    return not error.permanent and not isinstance(error, QuotaExceededError)


def _by_status(status: int) -> Decision:
    if status == 404:
        return _decision(Then.CALL_IT_MISSING, "YouTube ne trouve pas ce qu’on lui demande.")
    if status == 429:
        return _decision(Then.TRY_AGAIN, "YouTube trouve nos demandes trop rapprochées.")
    if status >= 500:
        return _decision(Then.TRY_AGAIN, f"YouTube est en panne ({status}).")
    if status in {401, 403}:
        return _decision(
            Then.GIVE_UP,
            f"YouTube refuse la demande ({status}) : vérifiez YOUTUBE_API_KEY et ses droits.",
        )
    return _decision(Then.GIVE_UP, f"YouTube ne comprend pas la demande ({status}).")


def _error_in(content: bytes) -> Any:
    try:
        return dig(json.loads(content), "error")
    except (ValueError, RecursionError):
        return None


def _listed(error: Any, name: str) -> list[Any]:
    found = dig(error, name)
    return found if isinstance(found, list) else []


def _reasons(error: Any) -> list[Any]:
    return [dig(entry, "reason") for entry in _listed(error, "errors") + _listed(error, "details")]


def _is_daily(error: Any) -> bool:
    """Newer answers say "rate limit" of the day's quota too; its unit gives it away ("1/d/…")."""
    units = [dig(entry, "metadata.quota_unit") for entry in _listed(error, "details")]
    return any(str(unit).startswith("1/d/") for unit in units)
