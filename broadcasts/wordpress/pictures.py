"""Images of the old site: found in a folder or downloaded, then kept as this site keeps images."""

from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from auposte.downloads import download
from auposte.external import ExternalServiceError
from auposte.images import open_picture, remove_files, size_from_name
from broadcasts.models import Broadcast
from broadcasts.models.importing import ImportedPicture, ImportedPost
from broadcasts.wordpress.addresses import decoded
from broadcasts.wordpress.deciding import Decision, decide, digest
from broadcasts.wordpress.library import Attachment, Picture
from broadcasts.wordpress.options import Options

IMAGE_TYPES = ("image/jpeg", "image/png", "image/webp", "image/avif")
TRIES = 2
LONGEST_URL = 500
LONGEST_ALT = 250


class MissingPictureError(Exception):
    """An image that could not be had; the message is French."""


class Pictures:
    """Images by their address. What failed once in a run is not asked for again in it.

    `failures` are the addresses that could not be had, and why (French).
    """

    def __init__(self, options: Options) -> None:
        self._options = options
        self.failures: dict[str, str] = {}
        self.stored = 0

    @property
    def _fetches(self) -> bool:
        return bool(self._options.media or self._options.media_folder) and not self._options.dry_run

    def of_text(self, url: str) -> Picture | None:
        """An image that a text shows, kept here on first sight."""
        if len(url) > LONGEST_URL:
            self.failures.setdefault(url[:LONGEST_URL], "adresse trop longue")
            return None
        kept = ImportedPicture.objects.filter(source_url=url).first()
        if kept is None and self._fetches:
            kept = self._keep(url)
        if kept is None:
            return None
        width, height = size_from_name(kept.image.name or "")
        return Picture(src=kept.image.url, width=width, height=height)

    def _keep(self, url: str) -> ImportedPicture | None:
        try:
            content = self._bytes(url)
            picture = ImportedPicture(source_url=url)
            picture.image.save("image", content, save=False)
        except MissingPictureError:
            return None
        except ValidationError as error:
            self.failures[url] = " ".join(error.messages)
            return None
        self.stored += 1
        kept, created = ImportedPicture.objects.get_or_create(
            source_url=url, defaults={"image": picture.image.name}
        )
        if not created:
            remove_files(picture.image.storage, picture.image.name or "")
        return kept

    def illustrate(self, post_id: int, thumbnail: Attachment) -> str:
        """Give a broadcast its featured image; « image » when that changed it, else empty.

        Nothing happens where the newsroom chose another one, or took it away.
        """
        record = ImportedPost.objects.select_related("broadcast").filter(wp_post_id=post_id).first()
        if record is None or record.broadcast is None:
            return ""
        broadcast = record.broadcast
        alt = thumbnail.alt[:LONGEST_ALT]
        changed = self._write_alt(record, broadcast, alt) if broadcast.image else False
        if not self._wants(record, broadcast, thumbnail) or not self._fetches:
            return "texte alternatif" if changed else ""
        try:
            content = self._bytes(thumbnail.url)
            open_picture(content)
        except MissingPictureError:
            return ""
        except ValidationError as error:
            self.failures[thumbnail.url] = " ".join(error.messages)
            return ""
        # Encoded before the transaction, which should be short.
        prepared = Broadcast(pk=broadcast.pk)
        prepared.image.save("image", content, save=False)
        name = prepared.image.name or ""
        with transaction.atomic():
            record = ImportedPost.objects.select_for_update().get(pk=record.pk)
            broadcast = Broadcast.objects.select_for_update().get(pk=broadcast.pk)
            if not self._wants(record, broadcast, thumbnail):  # somebody was quicker
                remove_files(prepared.image.storage, name)
                return ""
            broadcast.image = name
            broadcast.save(update_fields=["image", "updated_at"])
            record.written |= {"image": digest(name), "image_source": thumbnail.url}
            record.save(update_fields=["written"])
            self._write_alt(record, broadcast, alt)
        self.stored += 1
        return "image"

    def _wants(self, record: ImportedPost, broadcast: Broadcast, thumbnail: Attachment) -> bool:
        name = broadcast.image.name or ""
        written = record.written.get("image")
        if written == digest(name) and record.written.get("image_source") == thumbnail.url:
            return False
        untouched = not name if written is None else written == digest(name)
        return untouched or self._options.overwrite

    def _write_alt(self, record: ImportedPost, broadcast: Broadcast, alt: str) -> bool:
        decision = decide(
            current=broadcast.image_alt,
            wanted=alt,
            written=record.written.get("image_alt"),
            overwrite=self._options.overwrite,
        )
        if decision is Decision.KEEP or not alt or self._options.dry_run:
            return False
        if record.written.get("image_alt") != digest(alt):
            record.written["image_alt"] = digest(alt)
            record.save(update_fields=["written"])
        if decision is Decision.WRITE:
            Broadcast.objects.filter(pk=broadcast.pk).update(
                image_alt=alt, updated_at=timezone.now()
            )
        return decision is Decision.WRITE

    # --- Where they come from ----------------------------------------------------------------

    def _bytes(self, url: str) -> "ContentFile[bytes]":
        """The file at this address. Raises MissingPictureError, with the reason in `failures`."""
        if url in self.failures:
            raise MissingPictureError(self.failures[url])
        folder = self._options.media_folder
        return ContentFile(self._from_folder(folder, url) if folder else self._downloaded(url))

    def _missing(self, url: str, words: str) -> MissingPictureError:
        self.failures[url] = words
        return MissingPictureError(words)

    def _from_folder(self, folder: Path, url: str) -> bytes:
        _, _, inside = decoded(url.partition("?")[0]).partition("/uploads/")
        root = folder.resolve()
        for place in (root, root / "uploads", root / "wp-content" / "uploads"):
            path = _inside(root, place / inside) if inside else None
            if path is not None and path.stat().st_size <= settings.IMAGE_MAX_BYTES:
                return path.read_bytes()
        raise self._missing(url, "fichier absent du dossier des médias, ou trop lourd")

    def _downloaded(self, url: str, tries: int = TRIES) -> bytes:
        try:
            return download(
                url,
                max_bytes=settings.IMAGE_MAX_BYTES,
                content_types=IMAGE_TYPES,
                trusted_origins=self._options.trusted_origins,
            ).content
        except ExternalServiceError as error:
            if error.permanent or tries == 1:
                raise self._missing(url, str(error)) from error
        return self._downloaded(url, tries - 1)

    def why_missing(self, url: str) -> str:
        """Why an image of a text is not here (French)."""
        if url in self.failures:
            return self.failures[url]
        if self._options.dry_run and (self._options.media or self._options.media_folder):
            return "sera prise pendant l’import"
        return "non téléchargée : relancez avec --media ou --media-folder"


def _inside(root: Path, path: Path) -> Path | None:
    """The file at this path when it is one, and really under `root`."""
    try:
        resolved = path.resolve()
        return resolved if resolved.is_relative_to(root) and resolved.is_file() else None
    except (OSError, ValueError):  # a name too long, a null byte
        return None
