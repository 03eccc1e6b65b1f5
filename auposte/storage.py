"""Static files under hashed names, JavaScript's imports included; what all pages load is joined."""

import posixpath
import re
from collections.abc import Iterator
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage

# What is joined out of which lines, each naming a file from that one's own folder.
JOINED = {
    "css/site.css": re.compile(r'@import url\("(?P<file>[\w.-]+)"\) ?(?P<media>\w*);'),
    "js/site.js": re.compile(r'import "(?P<file>[\w./-]+)";(?P<media>)'),
}
COMMENT = re.compile(r"/\*.*?\*/\s*", re.DOTALL)
MODULE_SYNTAX = re.compile(r"^\s*(?:import|export)\b(?!\()", re.MULTILINE)

Paths = dict[str, tuple[Storage, str]]


class HashedStaticStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # untyped
    # WhiteNoise leaves `import "./x.js"` unhashed: an old page would load a new module.
    support_js_module_import_aggregation = True

    def post_process(self, paths: Paths, dry_run: bool = False, **options: Any) -> Iterator[Any]:
        """Hash and compress, `JOINED` files with what they import in them."""
        joined = {name: (_Joined(name, paths), paths[name][1]) for name in JOINED if name in paths}
        yield from super().post_process({**paths, **joined}, dry_run, **options)

    def create_compressor(self, **options: Any) -> Compressor:
        """Source maps serve nobody here, and the editor's is larger than all the rest together."""
        extensions = (*Compressor.SKIP_COMPRESS_EXTENSIONS, "map")
        return super().create_compressor(**{**options, "extensions": extensions})


class _Joined:
    """Where such a file is read: as browsers see it once they have followed its imports.

    With DEBUG on nothing is collected; browsers follow the imports and come to the same.
    """

    def __init__(self, name: str, paths: Paths) -> None:
        self.name, self.paths = name, paths

    def open(self, _path: str) -> "ContentFile[bytes]":
        lines = COMMENT.sub("", self._read(self.name))
        return ContentFile(JOINED[self.name].sub(self._inline, lines).encode())

    def _read(self, name: str) -> str:
        storage, path = self.paths[name]
        with storage.open(path) as file:
            return str(file.read().decode())

    def _inline(self, line: re.Match[str]) -> str:
        path = posixpath.join(posixpath.dirname(self.name), line["file"])
        source = self._read(posixpath.normpath(path))
        if self.name.endswith(".css"):
            rules = COMMENT.sub("", source)
            return f"@media {line['media']} {{\n{rules}}}" if line["media"] else rules
        # In a block each module keeps its names to itself, which takes one that stands alone.
        if MODULE_SYNTAX.search(source):
            raise ValueError(f"{line['file']} imports or exports: load it by a tag of its own")
        return f"{{\n{source}\n}}"
