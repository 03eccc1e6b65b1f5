"""The admin of what the outlet says of itself, and of who wrote to it."""

from outlet.admin import letters, pages

__all__ = ["letters", "pages"]
