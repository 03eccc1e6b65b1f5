"""The API's own description, which ships with Google's library: requests are held against it."""

from __future__ import annotations

import functools
import importlib.util
import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from sandbox.youtube import errors

# Parts of a resource that only its owner may see.
OWNERS_PARTS = {"auditDetails", "fileDetails", "processingDetails", "suggestions"}
RESOURCES = {"channels": "Channel", "playlistItems": "PlaylistItem", "videos": "Video"}


@functools.cache
def document() -> dict[str, Any]:
    """Return the discovery document of version 3."""
    spec = importlib.util.find_spec("googleapiclient")
    if not spec or not spec.origin:
        raise ModuleNotFoundError("google-api-python-client")
    folder = Path(spec.origin).parent / "discovery_cache" / "documents"
    found: dict[str, Any] = json.loads((folder / "youtube.v3.json").read_text(encoding="utf-8"))
    return found


def checked_parameters(resource: str, query: str) -> dict[str, str]:
    """Return the parameters of a `list` request; repeated ones are joined with commas.

    Raise the error that YouTube answers to an unknown or an ill-formed one.
    """
    known = document()["resources"][resource]["methods"]["list"]["parameters"]
    everywhere = document()["parameters"]
    given: dict[str, str] = {}
    for name, values in parse_qs(query, keep_blank_values=True).items():
        if name not in known and name not in everywhere:
            raise errors.unknown_parameter(name)
        rule = known.get(name) or everywhere[name]
        if len(values) > 1 and not rule.get("repeated"):
            raise errors.bad_parameter(name, f"Multiple values for non-repeated field '{name}'")
        given[name] = ",".join(values)
        _check(name, given[name], rule)
    for name, rule in known.items():
        if rule.get("required") and not given.get(name):
            raise errors.missing_parameter(name)
    return given


def _check(name: str, value: str, rule: dict[str, Any]) -> None:
    if rule["type"] == "integer":
        least, most = int(rule.get("minimum", 0)), int(rule.get("maximum", 2**31))
        if not value.isdecimal() or not least <= int(value) <= most:
            raise errors.bad_parameter(
                name, f"Invalid value '{value}'. Values must be within the range: [{least}, {most}]"
            )
    if rule["type"] == "boolean" and value not in ("true", "false"):
        raise errors.bad_parameter(name, f"Invalid boolean value: '{value}'.")


def checked_parts(resource: str, text: str) -> list[str]:
    """Return the parts asked for; raise the error for an unknown one or an owner's."""
    properties = document()["schemas"][RESOURCES[resource]]["properties"]
    known = {name for name, rule in properties.items() if rule.get("type") != "string"} | {"id"}
    parts = [part.strip() for part in text.split(",") if part.strip()]
    for part in parts:
        if part not in known:
            raise errors.unknown_part(part)
        if part in OWNERS_PARTS:
            raise errors.owners_part(part)
    return parts
