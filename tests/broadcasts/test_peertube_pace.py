"""How fast PeerTube is asked: as fast as its limit allows, with room for readers' players."""

import pytest

from broadcasts.peertube.client import Pace, PeerTubeClient
from broadcasts.platforms import PlatformCaption
from tests.raw_server import answer, json_answer, raw_server

UUID = "9c9de5e8-0a1e-484a-b099-e80766180a6d"


class Clock:
    """Time that passes only while somebody sleeps, and a little at each look."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def test_forty_requests_in_ten_seconds_and_no_more() -> None:
    clock = Clock()
    pace = Pace(sleep=clock.sleep, clock=clock)
    left = []
    for _ in range(200):
        pace.wait()
        left.append(clock.now)
        clock.now += 0.01
    windows = [sum(start <= moment < start + 10 for moment in left) for start in left]
    assert max(windows) == 40
    assert clock.now - 1000 == pytest.approx(40.4, abs=0.5)


def test_slow_requests_wait_for_nothing() -> None:
    clock = Clock()
    pace = Pace(sleep=clock.sleep, clock=clock)
    for _ in range(100):
        pace.wait()
        clock.now += 0.3
    assert clock.slept == []


def test_the_client_keeps_the_pace() -> None:
    clock = Clock()
    pace = Pace(requests=2, sleep=clock.sleep, clock=clock)
    routes = {
        f"/api/v1/videos/{UUID}/chapters": json_answer([]),
        "/fr.vtt": answer("WEBVTT", type="text/vtt"),
    }
    with raw_server(routes) as peertube:
        caption = PlatformCaption(language="fr", url=f"{peertube.url}/fr.vtt")
        for _ in range(2):
            with PeerTubeClient(base_url=peertube.url, pace=pace) as client:
                client.chapters(UUID)
                client.caption_text(caption)
    assert clock.slept == [10.0]
