"""Dates where Django writes them by itself, as the admin does: `1er novembre 2026`."""
