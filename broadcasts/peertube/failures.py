"""What PeerTube's refusals mean. Their bodies are https://www.rfc-editor.org/rfc/rfc9457

https://docs.joinpeertube.org/api-rest-reference.html#section/Errors lists the codes.
"""

import json

from auposte.external import ExternalServiceError
from broadcasts.loose_json import dig

DEFAULT_WAIT = 10
NOT_THERE, NOT_SHOWN = {404, 410}, {401, 403, 451}
WORDS = {
    "video_requires_password": "Cette vidéo PeerTube demande un mot de passe.",
    "does_not_respect_follow_constraints": (
        "Cette vidéo vient d’une instance que PeerTube ne suit pas."
    ),
}


def refusal_of(status: int, body: bytes, *, wait: int | None) -> ExternalServiceError:
    """The error to raise for an answer other than 200; `wait` is its Retry-After (seconds)."""
    if status == 429:
        return ExternalServiceError(
            "PeerTube demande d’attendre un peu (429).",
            permanent=False,
            retry_after=DEFAULT_WAIT if wait is None else wait,
        )
    if status == 408 or status >= 500:
        return ExternalServiceError(
            f"PeerTube est en panne ({status}).", permanent=False, retry_after=wait
        )
    if status in NOT_THERE | NOT_SHOWN:
        words = WORDS.get(_code(body)) or (
            "PeerTube ne trouve pas ce qu’on lui demande."
            if status in NOT_THERE
            else f"PeerTube ne le montre pas : c’est privé ou bloqué ({status})."
        )
        return ExternalServiceError(words, permanent=True, missing=True)
    if 300 <= status < 400:
        words = "PeerTube renvoie à une autre adresse : vérifiez PEERTUBE_URL."
    else:
        words = f"PeerTube ne comprend pas la demande ({status})."
    return ExternalServiceError(words, permanent=True)


def _code(body: bytes) -> str:
    try:
        return str(dig(json.loads(body), "code"))
    except (ValueError, RecursionError):
        return ""
