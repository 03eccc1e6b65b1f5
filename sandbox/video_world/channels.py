"""The names by which the two platforms know the made-up channel."""

CHANNEL_NAME = "Au Poste"
YOUTUBE_CHANNEL = "UCauPosteDemonstration01"
# It opens nothing but the stand-in.
YOUTUBE_KEY = "AIza-demonstration"
PEERTUBE_CHANNEL = "auposte"
