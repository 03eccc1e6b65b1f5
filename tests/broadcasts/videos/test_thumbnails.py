"""The platforms' pictures are kept here, re-encoded; a reader's browser asks nobody for them."""

from collections.abc import Callable

import pytest

from broadcasts.models import Broadcast, SyncRun, VideoSource
from sandbox.video_world.world import World
from sandbox.youtube import YouTubeStandIn
from tests.factories import VideoSourceFactory

pytestmark = pytest.mark.django_db
Run = Callable[[str], SyncRun]


@pytest.fixture(autouse=True)
def own_media(settings: object, tmp_path: object) -> None:
    settings.MEDIA_ROOT = str(tmp_path / "media")


def test_a_draft_is_given_its_videos_picture(
    youtube: YouTubeStandIn, world: World, run: Run
) -> None:
    world.add(platforms=["youtube"])
    run("youtube-discover")
    done = run("thumbnails")
    assert (done.state, done.updated, done.failed) == ("done", 1, 0)
    source = VideoSource.objects.get()
    assert source.thumbnail.name.startswith("vignettes/")
    assert source.thumbnail_url == source.thumbnail_offered
    draft = Broadcast.objects.get()
    assert draft.image.name.startswith("emissions/")
    assert draft.image.storage.exists(draft.image.name)
    assert draft.image.size_in_pixels == source.thumbnail.size_in_pixels
    assert run("thumbnails").done == 0


def test_a_published_image_is_not_replaced(youtube: YouTubeStandIn, world: World, run: Run) -> None:
    video = world.add(platforms=["youtube"])["youtube"]
    source = VideoSourceFactory(external_id=video.id)
    run("youtube-refresh")
    run("thumbnails")
    source.refresh_from_db()
    assert source.thumbnail
    assert not source.broadcast.image


@pytest.mark.parametrize("failure", [{"status": 500}, {"kind": "disconnect"}])
def test_a_server_in_trouble_is_left_in_peace(
    failure: dict[str, object], youtube: YouTubeStandIn, world: World, run: Run
) -> None:
    for _ in range(5):
        world.add(platforms=["youtube"])
    run("youtube-discover")
    youtube.fail(path="/vi/*", count=1, **failure)
    assert run("thumbnails").state == "waiting"
    assert len(youtube.requests("/vi/*")) == 1
    done = run("thumbnails")
    assert (done.state, done.updated) == ("done", 5)


@pytest.mark.parametrize("failure", [{"status": 404}, {"status": 410}])
def test_a_picture_that_will_not_come_is_left_after_three_tries(
    failure: dict[str, object], youtube: YouTubeStandIn, world: World, run: Run
) -> None:
    world.add(platforms=["youtube"])
    run("youtube-discover")
    youtube.fail(path="/vi/*", count=50, **failure)
    for _ in range(2):
        done = run("thumbnails")
        assert done.state == "done"
    source = VideoSource.objects.get()
    assert (source.thumbnail_failures, bool(source.thumbnail)) == (3, False)
    assert len(youtube.requests("/vi/*")) == 3
