"""The made-up world: plausible, the same each time, changeable, and remembered."""

from __future__ import annotations

import datetime as dt
import json
import re
import signal
import subprocess
import sys
import threading
import tomllib
import uuid
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from sandbox.video_world import Shapes, World
from sandbox.video_world.state import StateError
from sandbox.video_world.videos import Video, full_uuid, short_uuid
from sandbox.video_world.words import long_date, web_vtt
from tests.environment import ROOT
from tests.sandbox.platforms import NOW, PARIS_EVENING, small_world

EPISODES = ROOT / "broadcasts" / "demo" / "episodes"
REPLAY_TITLE = re.compile(r".+ - S\d\dE\d\d+ - [A-Z][a-zé]+ (1er|\d+) [a-zéû]+ 20\d\d")


def everything(world: World) -> list[Video]:
    return [*world.every_video("youtube"), *world.every_video("peertube")]


def test_the_same_seed_and_day_give_the_same_world() -> None:
    first, second = (small_world(catalogue_folder=EPISODES) for _ in range(2))

    assert everything(first) == everything(second)
    assert everything(small_world(seed=2)) != everything(small_world(seed=1))


def test_ids_are_what_the_platforms_would_give() -> None:
    world = small_world(400)

    for video in world.videos("youtube"):
        # 64 bits in base64: the last character has only four of them.
        assert re.fullmatch(r"[A-Za-z0-9_-]{10}[AEIMQUYcgkosw048]", video.id)
    for video in world.videos("peertube"):
        assert uuid.UUID(video.id).version == 4
        assert len(video.short) == 22
        assert full_uuid(video.short) == video.id
    numbers = [video.number for video in world.every_video("peertube")]
    assert numbers == list(range(1, len(numbers) + 1))


def test_short_uuids_are_peertubes() -> None:
    """The pair of a video that PeerTube's makers published."""
    full = "9c9de5e8-0a1e-484a-b099-e80766180a6d"

    assert short_uuid(full) == "kkGMgK9ZtnKfYAgnEtQxbv"
    assert short_uuid("00000000-0000-4000-8000-000000000001").startswith("1")
    assert full_uuid(short_uuid("00000000-0000-4000-8000-000000000001"))
    for wrong in ("50", "kkGMgK9ZtnKfYAgnEtQxb0", "Z" * 22, full):
        assert full_uuid(wrong) is None


def test_six_years_of_plausible_broadcasts() -> None:
    world = small_world(500)
    youtube, peertube = world.videos("youtube"), world.videos("peertube")

    assert len(youtube) == 500
    assert 380 < len(peertube) < 500
    assert youtube == sorted(youtube, key=lambda video: video.published_at, reverse=True)
    assert youtube[0].published_at < NOW
    assert dt.timedelta(days=6 * 365 - 30) < NOW - youtube[-1].published_at
    titles = Counter(video.title for video in youtube)
    assert titles.most_common(1)[0][1] > 1, "a few titles are alike"
    assert sum(bool(REPLAY_TITLE.fullmatch(title)) for title in titles) > 250
    extracts = [video for video in youtube if video.title.startswith("EXTRAIT")]
    assert 20 < len(extracts) < 100
    assert all(video.duration < 600 for video in extracts)
    assert any(video.height > video.width for video in extracts)
    assert any(video.comments is None for video in youtube)
    assert {video.captions for video in peertube} == {(), ("fr",)}


def test_titles_tell_the_day_in_paris() -> None:
    late = dt.datetime(2025, 10, 31, 23, 30, tzinfo=dt.UTC)

    assert long_date(late) == "Samedi 1er novembre 2025"


def test_the_platforms_copies_differ_a_little() -> None:
    world = small_world(300)
    differences = [
        pair["peertube"].duration - pair["youtube"].duration
        for video in world.videos("peertube")
        if len(pair := world.copies(video.id)) == 2
    ]

    assert len(differences) > 200
    assert min(differences) >= -5
    assert max(differences) < 180
    assert len(set(differences)) > 50


def test_most_descriptions_lead_to_the_other_copy() -> None:
    world = small_world(300, peertube_url="https://video.test", site_url="https://site.test")
    found: Counter[str] = Counter()
    for video in world.videos("youtube"):
        text = world.description(video)
        other = world.copies(video.id).get("peertube")
        if other and any(f"https://video.test{path}" in text for path in paths(other)):
            found["copy"] += 1
        elif "https://site.test/emissions/" in text:
            found["page"] += 1
        elif "youtube.com/watch?v=" in text:
            found["whole"] += 1
        else:
            found["nothing"] += 1

    assert found["copy"] > 150
    assert min(found[kind] for kind in ("page", "whole", "nothing")) > 5


def paths(video: Video) -> tuple[str, str]:
    return f"/w/{video.short}", f"/videos/watch/{video.id}"


def test_chapters_stand_in_youtubes_description() -> None:
    world = small_world()
    video = next(video for video in world.videos("youtube") if video.chapters)

    assert f"\n00:00 {video.chapters[0][1]}\n" in world.description(video)
    assert all(start < video.duration for start, _title in video.chapters)


def test_every_episode_of_the_demonstration_has_its_videos() -> None:
    world = small_world(0, catalogue_folder=EPISODES)
    asked = 0
    for path in EPISODES.glob("*.toml"):
        data = tomllib.loads(path.read_text())
        for name in ("youtube", "peertube"):
            if name in data:
                asked += 1
                video = world.get(data[name])
                assert video.platform == name
                assert data["title"] in video.title
                assert video.deleted == (name == "youtube" and data.get("unavailable", False))
                assert (video.privacy == "private") == (data.get("status") == "archived")
                assert (video.live == "upcoming") == data.get("upcoming", False)

    assert asked > 40
    assert len(everything(world)) == asked
    programmed = next(video for video in everything(world) if video.live == "upcoming")
    # Six days ahead at seven in the evening, in Paris.
    assert programmed.scheduled_for == dt.datetime(2026, 3, 16, 18, tzinfo=dt.UTC)


def test_made_up_numbers_leave_the_demonstrations_alone() -> None:
    world = small_world(600, catalogue_folder=EPISODES)
    numbers = Counter(
        match[0]
        for video in world.videos("youtube")
        if (match := re.search(r"S\d+E\d+", video.title))
    )

    assert numbers.most_common(1)[0][1] == 1


def test_subtitles_are_whole_and_in_order() -> None:
    text = web_vtt("seed", 7200)
    times = re.findall(r"(\d\d:\d\d:\d\d\.\d{3}) --> (\d\d:\d\d:\d\d\.\d{3})", text)
    flat = [time for pair in times for time in pair]

    assert text.startswith("WEBVTT\n\n")
    assert len(times) > 500
    assert flat == sorted(flat)
    assert flat[-1] < "02:00:00"
    assert not re.search(r":6\d\.", text)


# -- changes ---------------------------------------------------------------------------------


def test_videos_come_change_and_go() -> None:
    world = small_world(5)
    added = world.add(title="Bonsoir", duration=4000)
    key = added["youtube"].id

    assert world.videos("youtube")[0].title == "Bonsoir"
    assert world.copies(key) == added
    assert world.change(key, title="Bonne nuit", views=None).title == "Bonne nuit"
    assert world.get(key).views is None
    world.make_private(key)
    assert key not in {video.id for video in world.videos("youtube")}
    world.restore(key)
    world.delete(key)
    assert world.find("youtube", key) is None
    assert world.get(key).deleted
    assert world.copies(key)["peertube"].public
    with pytest.raises(KeyError):
        world.change("nothing", title="?")
    with pytest.raises(TypeError):
        world.change(key, colour="red")


def test_peertubes_videos_are_found_by_each_of_their_ids() -> None:
    world = small_world()
    video = world.videos("peertube")[3]

    for key in (video.id, video.short, str(video.number)):
        assert world.find("peertube", key) == video
    assert world.find("youtube", video.id) is None
    assert world.find("peertube", "100000") is None


def test_a_live_comes_back_under_its_id_on_youtube_and_under_another_on_peertube() -> None:
    world = small_world(3)
    announced = world.schedule_live("Ce soir", PARIS_EVENING)
    hour = dt.timedelta(hours=1)
    replays = {}
    for platform, video in announced.items():
        assert (video.live, video.duration) == ("upcoming", 0)
        assert world.start_live(video.id, at=PARIS_EVENING).live == "live"
        assert world.end_live(video.id, at=PARIS_EVENING + 2 * hour).live == "ended"
        replays[platform] = world.bring_replay(video.id)

    assert replays["youtube"].id == announced["youtube"].id
    assert replays["peertube"].id != announced["peertube"].id
    assert replays["peertube"].title == "Ce soir - 3/14/2026, 6:00:00 PM"
    assert {video.duration for video in replays.values()} == {7200}
    assert {video.live for video in replays.values()} == {"none"}
    waiting = world.get(announced["peertube"].id)
    assert waiting.live == "ended"
    assert world.copies(waiting.id)["peertube"] == replays["peertube"]
    assert world.start_live(waiting.id).live == "live", "a permanent live begins again"


def test_an_ordinary_peertube_live_becomes_its_replay() -> None:
    world = small_world(3)
    live = world.schedule_live("Ce soir", PARIS_EVENING, platforms=["peertube"], permanent=False)
    key = live["peertube"].id
    world.start_live(key)
    world.end_live(key)
    replay = world.bring_replay(key, duration=5000)

    assert (replay.id, replay.live, replay.duration) == (key, "none", 5000)


def test_lives_take_their_steps_in_order() -> None:
    world = small_world(3)
    key = world.schedule_live("Ce soir", PARIS_EVENING)["youtube"].id

    for too_early in (world.end_live, world.bring_replay):
        with pytest.raises(ValueError, match=key):
            too_early(key)
    world.start_live(key)
    with pytest.raises(ValueError, match="not an upcoming live"):
        world.start_live(key)


def test_peertube_lists_only_what_can_be_watched() -> None:
    world = small_world(3)
    key = world.schedule_live("Ce soir", PARIS_EVENING)["peertube"].id

    def listed(*, waiting: bool = False) -> bool:
        return key in {video.id for video in world.videos("peertube", waiting=waiting)}

    assert (listed(), listed(waiting=True)) == (False, True)
    world.start_live(key)
    assert listed()
    world.end_live(key)
    assert not listed()
    failed = world.change(world.videos("peertube")[0].id, state=7)
    assert failed not in world.videos("peertube")


def test_unknown_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match="chapters is one of object, list"):
        Shapes(chapters="string")  # type: ignore[arg-type]


@pytest.fixture
def restless() -> Iterator[None]:
    """Threads that give way to each other at every turn."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


@pytest.mark.usefixtures("restless")
def test_many_hands_at_once() -> None:
    world = small_world(20)
    added: list[Video] = []

    def publish() -> None:
        for _ in range(20):
            added.extend(world.add().values())
            world.videos("peertube")

    threads = [threading.Thread(target=publish) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len({video.id for video in added}) == 320
    numbers = Counter(video.number for video in added if video.platform == "peertube")
    assert set(numbers.values()) == {1}
    assert len(world.videos("youtube")) == 180


# -- memory ----------------------------------------------------------------------------------


def test_a_restart_keeps_changes(tmp_path: Path) -> None:
    state = tmp_path / "new" / "videos.json"
    first = World(size=20, state=state, now=NOW)
    gone, renamed = first.videos("youtube")[:2]
    first.delete(gone.id)
    first.change(renamed.id, title="Autrement", captions=("fr", "en"), chapters=((0, "Là"),))
    live = first.schedule_live("Ce soir", PARIS_EVENING)["peertube"].id
    first.start_live(live)
    first.end_live(live)
    first.bring_replay(live)
    # Years later, and with another size: the days of the first start hold.
    second = World(size=20, state=state, now=NOW + dt.timedelta(days=900))

    assert everything(second) == everything(first)
    assert second.add()["youtube"].id not in {video.id for video in everything(first)}
    assert list(state.parent.iterdir()) == [state]


@pytest.mark.parametrize("text", ["", "[]", '{"born": 3}', '{"born": "2026-03-10T12:00:00+00:00"}'])
def test_a_damaged_state_is_refused(tmp_path: Path, text: str) -> None:
    state = tmp_path / "videos.json"
    state.write_text(text)

    with pytest.raises(StateError, match="is damaged"):
        World(size=1, state=state)


def start(state: Path) -> tuple[subprocess.Popen[str], str, str]:
    """Both stand-ins in a process of their own; their addresses."""
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "sandbox.video_world", "--size", "20"),
            *("--youtube-port", "0", "--peertube-port", "0", "--state", str(state)),
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    urls = [re.findall(r"http://[\d.:]+", process.stdout.readline())[0] for _ in range(2)]
    return process, urls[0], urls[1]


def end(process: subprocess.Popen[str], number: signal.Signals) -> int:
    process.send_signal(number)
    assert process.stdout
    process.stdout.close()
    return process.wait(60)


def test_both_platforms_in_one_process(tmp_path: Path) -> None:
    """What one's controls do is seen on both, and outlives a kill -9."""
    process, youtube, peertube = start(tmp_path / "videos.json")
    try:
        made = httpx.post(f"{youtube}/_/add", data={"title": "Sur les deux"}).json()
    finally:
        end(process, signal.SIGKILL)
    process, youtube, peertube = start(tmp_path / "videos.json")
    try:
        found = httpx.get(f"{peertube}/api/v1/videos/{made['peertube']['id']}").json()
        listed = httpx.get(f"{youtube}/_/videos", params={"count": "1"}).json()
    finally:
        status = end(process, signal.SIGTERM)

    assert found["name"] == "Sur les deux"
    assert [video["id"] for video in listed] == [made["youtube"]["id"]]
    assert status == 0


def test_it_says_why_it_cannot_start(tmp_path: Path) -> None:
    state = tmp_path / "videos.json"
    state.write_text(json.dumps({}))
    process = subprocess.run(
        [
            *(sys.executable, "-m", "sandbox.video_world", "--state", str(state)),
            *("--youtube-port", "0", "--peertube-port", "0"),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert process.returncode == 1
    assert process.stderr.startswith(f"Video stand-ins: {state} is damaged")
    assert "Traceback" not in process.stderr
