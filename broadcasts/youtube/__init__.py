"""YouTube, through its Data API."""
