"""The whole import: read everything once to know it, a second time to write it."""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import DatabaseError, OperationalError, connection

from auposte.locks import advisory_lock
from broadcasts.models import VideoSource
from broadcasts.video_addresses import VideoAddress, read_address
from broadcasts.wordpress import facts
from broadcasts.wordpress.documents import ExportError, Item
from broadcasts.wordpress.index import Index, read_all
from broadcasts.wordpress.library import Attachment, Finding, InternalLink, Kind, Picture
from broadcasts.wordpress.options import Options
from broadcasts.wordpress.pictures import Pictures
from broadcasts.wordpress.progress import Progress
from broadcasts.wordpress.reader import read_export
from broadcasts.wordpress.report import Report
from broadcasts.wordpress.terms import Terms
from broadcasts.wordpress.wanted import Wanted, want
from broadcasts.wordpress.writing import Done, Outcome, write_post

LOCK = 38590


class AlreadyRunningError(Exception):
    """Another import is at work on the same database."""


def import_exports(*, paths: list[Path], options: Options, progress: Progress) -> Report:
    """Import these files. Faults of files and posts are in the report; the rest goes on.

    Safe to stop at any moment and to run again: each post is one transaction, known by its number.
    Raises AlreadyRunningError.
    """
    started = time.monotonic()
    paths = list({path.resolve(): path for path in paths}.values())
    report = Report(files=[str(path) for path in paths])
    with _alone(), _read_only(options.dry_run):
        progress.begin("Repérage")
        index = read_all(paths, options, progress.update)
        report.skipped = index.skipped
        progress.begin("Import")
        _Run(index, options, report).read(paths, progress)
    progress.end()
    report.errors = list(index.errors.values())
    report.seconds = time.monotonic() - started
    return report


class _Run:
    def __init__(self, index: Index, options: Options, report: Report) -> None:
        self.index = index
        self.options = options
        self.report = report
        self.pictures = Pictures(options)
        self.terms = Terms(index.descriptions, overwrite=options.overwrite, dry_run=options.dry_run)
        self.claimed: dict[VideoAddress, int] = {}

        self.taken = 0

    def read(self, paths: list[Path], progress: Progress) -> None:
        done = 0
        for file, path in enumerate(paths):

            def heard(position: int, done: int = done) -> None:
                progress.update(done + position, self.taken)

            # The first reading has noted where this file breaks off, if it does.
            with contextlib.suppress(ExportError):
                for entry in read_export(path, heard):
                    if isinstance(entry, Item) and self._is_newest(entry, file):
                        self._take(entry, path.name)
                        self.taken += 1
            done += path.stat().st_size
        self.report.pictures = self.pictures.stored

    def _is_newest(self, item: Item, file: int) -> bool:
        known = self.index.posts.get(item.post_id or 0)
        return known is not None and known.place == (file, item.line)

    def _take(self, item: Item, file: str) -> None:
        title = facts.plain_title(item)
        try:
            library = _World(self, item.post_id or 0)
            wanted = want(item, self.index, library, self.options)
            outcome = write_post(wanted, self.terms, self.options)
            if outcome.done is not Done.SKIPPED:
                for video in wanted.body.videos:
                    self.claimed[video] = wanted.post_id
                self._illustrate(wanted, outcome)
        except (DatabaseError, ValidationError, ValueError, RecursionError) as error:
            if isinstance(error, OperationalError) and not connection.is_usable():
                raise  # the database is away: nothing else would fare better
            self.terms.forget()
            self.report.add_failure(item, title, f"{type(error).__name__} : {error}"[:500], file)
            return
        self.report.add(item, title, outcome, file)

    def _illustrate(self, wanted: Wanted, outcome: Outcome) -> None:
        """The featured image, after the post is there: a failed one leaves the post as it is."""
        if wanted.thumbnail is None:
            return
        changed = self.pictures.illustrate(wanted.post_id, wanted.thumbnail)
        if changed:
            outcome.changed.append(changed)
            outcome.done = Done.UPDATED if outcome.done is Done.UNCHANGED else outcome.done
        url = wanted.thumbnail.url
        broadcast = outcome.broadcast
        if url in self.pictures.failures or broadcast is None or not (changed or broadcast.image):
            outcome.findings.append(
                Finding(
                    kind=Kind.PICTURE,
                    what=url,
                    detail=f"image à la une, {self.pictures.why_missing(url)}",
                )
            )


class _World:
    """The library of one post: the exports and the database, as its text sees them."""

    def __init__(self, run: _Run, post_id: int) -> None:
        self._run = run
        self._index = run.index
        self._post_id = post_id
        self.shortcode_names = frozenset(run.index.shortcode_names)

    def video(self, url: str) -> VideoAddress | None:
        return read_address(url, peertube_url=settings.PEERTUBE_URL)

    def may_own(self, video: VideoAddress) -> bool:
        if self._run.claimed.get(video, self._post_id) != self._post_id:
            return False
        owners = VideoSource.objects.filter(
            platform=video.platform, external_id=video.external_id
        ).values_list("broadcast__wp_legacy_id", flat=True)
        return all(owner == self._post_id for owner in owners)

    def attachment(self, post_id: int) -> Attachment | None:
        return self._index.attachments.get(post_id)

    def attachments_of_post(self) -> list[Attachment]:
        return self._index.attachments_of(self._post_id)

    def attachment_at(self, url: str) -> Attachment | None:
        return self._index.attachment_at(url)

    def picture(self, url: str) -> Picture | None:
        """The attachment in its full size rather than the reduction that the text names."""
        known = self._index.attachment_at(url)
        return self._run.pictures.of_text(known.url if known else url)

    def why_missing(self, url: str) -> str:
        known = self._index.attachment_at(url)
        return self._run.pictures.why_missing(known.url if known else url)

    def link(self, url: str) -> InternalLink | None:
        return self._index.link(url)


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Two imports at a time would make the same tags twice over: the second one is refused."""
    with advisory_lock(LOCK) as alone:
        if not alone:
            raise AlreadyRunningError
        yield


@contextlib.contextmanager
def _read_only(dry_run: bool) -> Iterator[None]:
    """In a dry run the database itself refuses to write."""
    if not dry_run:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = on")
        try:
            yield
        finally:
            with contextlib.suppress(DatabaseError):
                cursor.execute("SET default_transaction_read_only = off")
