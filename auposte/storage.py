"""Static files under hashed names, their JavaScript imports included."""

from typing import Any

from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStaticStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # untyped
    # WhiteNoise leaves `import "./x.js"` unhashed: an old page would load a new module.
    support_js_module_import_aggregation = True

    def create_compressor(self, **options: Any) -> Compressor:
        """Source maps serve nobody here, and the editor's is larger than all the rest together."""
        extensions = (*Compressor.SKIP_COMPRESS_EXTENSIONS, "map")
        return super().create_compressor(**{**options, "extensions": extensions})
