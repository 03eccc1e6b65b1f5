"""Keeping the archive in step with the platforms where its videos live."""
