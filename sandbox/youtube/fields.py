"""The `fields` parameter: which members of an answer are wanted.

https://developers.google.com/youtube/v3/getting-started#fields
"""

from __future__ import annotations

import re
from typing import Any

from sandbox.youtube import errors

Mask = dict[str, "Mask"]
TOKEN = re.compile(r"[A-Za-z0-9_*]+|[(),/]")


def partial(body: Any, text: str) -> Any:
    """Return only the members that `text` (`items(id,snippet/title),etag`) names."""
    tokens = TOKEN.findall(text)
    if "".join(tokens) != re.sub(r"\s", "", text):
        raise errors.bad_parameter("fields", f"Invalid field selection {text}")
    mask, rest = _read(tokens, text)
    if rest:
        raise errors.bad_parameter("fields", f"Invalid field selection {text}")
    return _cut(body, mask, text)


def _read(tokens: list[str], text: str) -> tuple[Mask, list[str]]:
    mask: Mask = {}
    while tokens:
        name, *tokens = tokens
        if name in "(),/":
            raise errors.bad_parameter("fields", f"Invalid field selection {text}")
        inner = mask.setdefault(name, {})
        while tokens[:1] == ["/"] and len(tokens) > 1:
            inner, tokens = inner.setdefault(tokens[1], {}), tokens[2:]
        if tokens[:1] == ["("]:
            found, tokens = _read(tokens[1:], text)
            inner |= found
            if tokens[:1] != [")"]:
                raise errors.bad_parameter("fields", f"Invalid field selection {text}")
            tokens = tokens[1:]
        if tokens[:1] != [","]:
            break
        tokens = tokens[1:]
    return mask, tokens


def _cut(body: Any, mask: Mask, text: str) -> Any:
    if not mask or "*" in mask:
        return body
    if isinstance(body, list):
        return [_cut(item, mask, text) for item in body]
    if not isinstance(body, dict):
        return body
    return {name: _cut(body[name], inner, text) for name, inner in mask.items() if name in body}
