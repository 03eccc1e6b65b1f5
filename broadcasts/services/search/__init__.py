"""Searching the archive, in French: see `docs/architecture.md`, "A search"."""
