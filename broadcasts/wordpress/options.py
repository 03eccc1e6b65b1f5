"""How an import was asked for."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Options:
    """`media` downloads images, `media_folder` takes them from a copy of `wp-content/uploads`.

    `trusted_origins` (`http://10.0.0.5:8080`) are where downloads may go although the address is
    private. `overwrite` takes back what the newsroom changed, except a text that it took away.
    """

    series_taxonomy: str = "serie"
    guest_taxonomy: str = "invite"
    post_types: tuple[str, ...] = ("post",)
    overwrite: bool = False
    dry_run: bool = False
    media: bool = False
    media_folder: Path | None = None
    trusted_origins: tuple[str, ...] = ()
