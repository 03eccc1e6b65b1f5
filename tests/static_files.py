"""The hashed static files that pages name, as in production: made once, and read once a process."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from whitenoise.middleware import WhiteNoiseMiddleware


def collect() -> None:
    """Make them where they are missing or have changed."""
    from django.conf import settings
    from django.contrib.staticfiles.finders import get_finders
    from django.core.management import call_command

    from auposte import storage as ours

    files = (
        Path(storage.path(path)) for finder in get_finders() for path, storage in finder.list([])
    )
    read = [*files, Path(ours.__file__)]
    facts = sorted((str(file), file.stat().st_mtime_ns, file.stat().st_size) for file in read)
    fingerprint = hashlib.sha256(repr(facts).encode()).hexdigest()
    made = Path(settings.STATIC_ROOT) / "fingerprint"
    if not made.is_file() or made.read_text() != fingerprint:
        call_command("collectstatic", interactive=False, verbosity=0, clear=True)
        made.write_text(fingerprint)


def read_once() -> None:
    """Have all test clients share what WhiteNoise finds in a folder.

    It reads every file's facts when a server starts, and each test client starts one: that was a
    sixth of the suite's time.
    """
    read = WhiteNoiseMiddleware.update_files_dictionary
    found: dict[tuple[str, str], dict[str, Any]] = {}

    def reuse(middleware: WhiteNoiseMiddleware, root: str, prefix: str) -> None:
        if (root, prefix) not in found:
            read(middleware, root, prefix)
            found[root, prefix] = dict(middleware.files)
        middleware.files.update(found[root, prefix])

    WhiteNoiseMiddleware.update_files_dictionary = reuse
