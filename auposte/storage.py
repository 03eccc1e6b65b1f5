"""Static files under hashed names, their JavaScript imports included."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStaticStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # untyped
    # WhiteNoise leaves `import "./x.js"` unhashed: an old page would load a new module.
    support_js_module_import_aggregation = True
