"""A stand-in for the public side of one PeerTube channel: API, files, pages to watch.

Run `python -m sandbox.video_world --help`, or use PeerTubeStandIn inside a test.
"""

from sandbox.peertube.standin import PeerTubeStandIn

__all__ = ["PeerTubeStandIn"]
