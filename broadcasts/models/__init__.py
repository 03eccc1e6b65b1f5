from broadcasts.models.broadcast import Appearance, Broadcast, Chapter, Licence
from broadcasts.models.redirect import Redirect
from broadcasts.models.taxonomy import Motto, Series, Tag
from broadcasts.models.video import VideoSource

__all__ = [
    "Appearance",
    "Broadcast",
    "Chapter",
    "Licence",
    "Motto",
    "Redirect",
    "Series",
    "Tag",
    "VideoSource",
]
