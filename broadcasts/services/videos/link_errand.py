"""Checking the archive's outgoing links: a few a quarter of an hour, all of them in a month."""

from broadcasts.services import links
from broadcasts.services.videos.errands import Cursor, Errand

CHECKED_A_STEP = 3
CHECKED_A_RUN = 30


def check_links(errand: Errand, cursor: Cursor) -> Cursor | None:
    """First read the texts that have changed, then try a few links that are due."""
    memory = errand.job.memory
    changed = links.changed_since(memory.get("moment", ""), memory.get("pk", 0))
    for broadcast in changed:
        links.note_links(broadcast)
        memory["moment"], memory["pk"] = broadcast.updated_at.isoformat(), broadcast.pk
    if changed:
        return {"checked": 0}
    checked = cursor.get("checked", 0)
    due = links.due_links(CHECKED_A_STEP) if checked < CHECKED_A_RUN else []
    for link in due:
        if links.check_link(link):
            errand.run.updated += 1
        else:
            errand.run.failed += 1
        errand.run.done += 1
    return {"checked": checked + len(due)} if due else None
