"""The pages that a new site begins with. From then on they are the newsroom's, in the admin.

What only the operator knows stands in square brackets, « [à compléter : …] », and the page that
holds it stays a draft until somebody has filled it in.
"""

from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
# slug, title, place, state
PAGES = (
    ("mentions-legales", "Mentions légales", 10, "draft"),
    ("confidentialite", "Confidentialité", 20, "published"),
    ("accessibilite", "Accessibilité\u00a0: non conforme", 30, "published"),
    ("contact", "Écrire à Au Poste", 40, "published"),
)


def write_missing(manager: Any) -> int:
    """Write those that are not there, whatever their state; how many. `manager` is Page's."""
    written = 0
    for slug, title, position, status in PAGES:
        body = (HERE / f"{slug}.html").read_text(encoding="utf-8")
        defaults = {"title": title, "position": position, "status": status, "body": body}
        _, is_new = manager.get_or_create(slug=slug, defaults=defaults)
        written += is_new
    return written
