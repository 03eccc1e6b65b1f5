from broadcasts.models.airing import Airing, AiringChange, Mark
from broadcasts.models.audio import Audio
from broadcasts.models.broadcast import Appearance, Broadcast, Chapter, Licence
from broadcasts.models.correction import Correction
from broadcasts.models.importing import ImportedPicture, ImportedPost, ImportedTerm
from broadcasts.models.links import OutgoingLink
from broadcasts.models.newsroom import Presence, PublicationStep
from broadcasts.models.quote import Quote
from broadcasts.models.redirect import Redirect
from broadcasts.models.search import Passage, SearchDocument, SearchWord, StaleSpeech
from broadcasts.models.sync import ApiUsage, SyncJob, SyncRun, VideoProposal
from broadcasts.models.taxonomy import Motto, Series, Tag, TagAlias
from broadcasts.models.transcript import Cue, Transcript
from broadcasts.models.video import VideoSource

__all__ = [
    "Airing",
    "AiringChange",
    "ApiUsage",
    "Appearance",
    "Audio",
    "Broadcast",
    "Chapter",
    "Correction",
    "Cue",
    "ImportedPicture",
    "ImportedPost",
    "ImportedTerm",
    "Licence",
    "Mark",
    "Motto",
    "OutgoingLink",
    "Passage",
    "Presence",
    "PublicationStep",
    "Quote",
    "Redirect",
    "SearchDocument",
    "SearchWord",
    "Series",
    "StaleSpeech",
    "SyncJob",
    "SyncRun",
    "Tag",
    "TagAlias",
    "Transcript",
    "VideoProposal",
    "VideoSource",
]
