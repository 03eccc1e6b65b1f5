"""What an export holds: the shapes that `reader` gives."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias


class ExportError(Exception):
    """A file that cannot be read, or not to its end. The message is French and says what to do.

    `line` counts from 1; 0 when the file as a whole is meant.
    """

    def __init__(self, message: str, *, path: Path, line: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.path = path
        self.line = line

    def __str__(self) -> str:
        where = f"{self.path}, ligne {self.line}" if self.line else str(self.path)
        return f"{where} : {self.message}"


@dataclass(frozen=True, kw_only=True)
class Site:
    """The site that was exported. `urls` are its own addresses, as many as the file names."""

    urls: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Author:
    login: str
    display_name: str
    first_name: str = ""
    last_name: str = ""


@dataclass(frozen=True, kw_only=True)
class Term:
    """A category, tag or other term, with what only the head of the file says of it."""

    taxonomy: str
    nicename: str
    name: str
    description: str = ""


@dataclass(frozen=True, kw_only=True)
class TermUse:
    """A term as a post carries it."""

    taxonomy: str
    nicename: str
    name: str


@dataclass(kw_only=True)
class Item:
    """One row of `wp_posts`: a post, an attachment, a menu entry… `line` is where it starts.

    Texts are as the file has them. `meta` holds the few keys that matter here. `too_long` says that
    its text went past what is read, and was dropped.
    """

    line: int
    post_id: int | None = None
    title: str = ""
    link: str = ""
    guid: str = ""
    content: str = ""
    excerpt: str = ""
    date: str = ""
    date_gmt: str = ""
    modified_gmt: str = ""
    pub_date: str = ""
    name: str = ""
    status: str = ""
    post_type: str = "post"
    parent: int = 0
    password: str = ""
    attachment_url: str = ""
    terms: list[TermUse] = field(default_factory=list)
    meta: dict[str, list[str]] = field(default_factory=dict)
    too_long: bool = False

    def first_meta(self, key: str) -> str:
        """The first value of a meta key; empty when there is none."""
        return next(iter(self.meta.get(key, ())), "")


Entry: TypeAlias = Site | Author | Term | Item
