"""Runs the stand-ins for YouTube and PeerTube, around one world, in one process."""

from __future__ import annotations

import argparse
import contextlib
import logging
import signal
import sys
import threading
from pathlib import Path

from sandbox.peertube import PeerTubeStandIn
from sandbox.peertube.limiter import LIMIT
from sandbox.video_world.channels import YOUTUBE_KEY
from sandbox.video_world.state import StateError
from sandbox.video_world.world import World
from sandbox.youtube import YouTubeStandIn


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGINT or SIGTERM; return 1 with one line of explanation when it cannot."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO if options.verbose else logging.WARNING)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    try:
        world = World(
            seed=options.seed,
            size=options.size,
            catalogue_folder=options.catalogue,
            state=options.state,
            site_url=options.site_url,
        )
        youtube = YouTubeStandIn(
            world=world, host=options.host, port=options.youtube_port, api_key=options.api_key
        )
        peertube = PeerTubeStandIn(
            world=world,
            host=options.host,
            port=options.peertube_port,
            rate_limit=options.rate_limit,
        )
    except (StateError, OSError) as error:
        sys.stderr.write(f"Video stand-ins: {error}\n")
        return 1
    with contextlib.ExitStack() as running:
        running.enter_context(youtube)
        running.enter_context(peertube)
        sys.stdout.write(f"YouTube (simulation): {youtube.url}, channel {youtube.channel_id}\n")
        sys.stdout.write(f"PeerTube (simulation): {peertube.url}, channel {peertube.channel}\n")
        sys.stdout.flush()
        stop.wait()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m sandbox.video_world",
        description="Stand-ins for YouTube and PeerTube around one made-up world of videos.",
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--youtube-port", type=int, required=True, help="0 picks a free one")
    parser.add_argument("--peertube-port", type=int, required=True, help="0 picks a free one")
    parser.add_argument("--api-key", default=YOUTUBE_KEY, help="what YouTube accepts")
    parser.add_argument("--catalogue", type=Path, help="folder of TOML files that name videos")
    parser.add_argument("--state", type=Path, help="file that keeps what happened")
    parser.add_argument("--site-url", default="https://auposte.example", help="for descriptions")
    parser.add_argument("--size", type=int, default=300, help="broadcasts made up")
    parser.add_argument("--seed", type=int, default=1, help="another one, other broadcasts")
    parser.add_argument(
        "--rate-limit", type=int, default=LIMIT, help="PeerTube's requests in ten seconds"
    )
    parser.add_argument("--verbose", action="store_true", help="log requests")
    return parser


if __name__ == "__main__":
    sys.exit(main())
