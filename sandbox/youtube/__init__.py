"""A stand-in for the parts of the YouTube Data API v3 that a reader of one channel needs.

Run `python -m sandbox.video_world --help`, or use YouTubeStandIn inside a test.
"""

from sandbox.youtube.standin import YouTubeStandIn

__all__ = ["YouTubeStandIn"]
