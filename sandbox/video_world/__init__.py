"""A made-up world of videos that the stand-ins for YouTube and PeerTube show.

Run `python -m sandbox.video_world --help` for both, or use World inside a test.
"""

from sandbox.video_world.videos import Video
from sandbox.video_world.world import Shapes, World

__all__ = ["Shapes", "Video", "World"]
