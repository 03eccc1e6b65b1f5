"""Images of the old site come along, and those that do not are told of and tried again."""

import contextlib
import io
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from PIL import Image

from broadcasts.models import Broadcast, ImportedPicture
from tests.broadcasts.wordpress.conftest import Ran, of
from tests.broadcasts.wordpress.exports import attachment, item
from tests.broadcasts.wordpress.tables import all_rows
from tests.factories import drawn_picture

pytestmark = pytest.mark.django_db

Bring = Callable[..., Ran]


def picture(colour: str = "teal", kind: str = "JPEG") -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (640, 360), colour).save(buffer, kind)
    return buffer.getvalue()


@dataclass
class OldSite:
    """The old site's web server: what it has, what it was asked, what it fails at."""

    url: str = ""
    files: dict[str, tuple[int, str, bytes]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def has(self, name: str, content: bytes, kind: str = "image/jpeg", status: int = 200) -> str:
        path = f"/wp-content/uploads/2024/{name}"
        self.files[path] = (status, kind, content)
        return f"{self.url}{path}"


@pytest.fixture
def old_site() -> Iterator[OldSite]:
    site = OldSite()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.asked.append(self.path)
            status, kind, content = site.files.get(self.path, (404, "text/html", b"non"))
            self.send_response(status)
            if status == 302:
                self.send_header("Location", content.decode())
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            with contextlib.suppress(OSError):
                self.wfile.write(content)

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    site.url = f"http://127.0.0.1:{server.server_address[1]}"
    yield site
    server.shutdown()
    server.server_close()


def post(url: str, body: str = "", **given: object) -> list[str]:
    """A post with this featured image, whose attachment comes after it."""
    return [
        item(1, "Un", body, meta=[("_thumbnail_id", "9")], **given),
        attachment(9, url, alt="Une affiche", parent=1, excerpt="Affiche <b>déchirée</b>"),
    ]


class TestDownloads:
    def test_the_featured_image_and_those_of_the_text(
        self, bring: Bring, old_site: OldSite
    ) -> None:
        poster = old_site.has("affiche-scaled.jpg", picture())
        inside = old_site.has("place.png", picture("red", "PNG"), "image/png")
        small = poster.replace("-scaled.jpg", "-300x169.jpg")
        body = (
            f'[caption id="attachment_9"]<img src="{small}" alt="Vue"> Légende[/caption]\n\n'
            f'<img src="{inside}" alt="Une place">'
        )
        ran = bring(*post(poster, body), "--media", f"--trust-origin={old_site.url}")
        assert ran.error == ""
        broadcast = of(1)
        assert broadcast.image.size_in_pixels == (640, 360)
        assert broadcast.image_alt == "Une affiche"
        kept = {one.source_url: one for one in ImportedPicture.objects.all()}
        assert set(kept) == {poster, inside}
        assert broadcast.body_opening == (
            f'<figure><img src="{kept[poster].image.url}" alt="Vue" width="640" height="360">'
            "<figcaption>Légende</figcaption></figure>"
            f'<figure><img src="{kept[inside].image.url}" alt="Une place" width="640" height="360">'
            "</figure>"
        )
        assert ran.report["pictures_stored"] == 3
        assert ran.what("broken_media") == []

    def test_a_second_time_nothing_is_asked_for(self, bring: Bring, old_site: OldSite) -> None:
        url = old_site.has("a.jpg", picture())
        arguments = (*post(url, f'<img src="{url}">'), "--media", f"--trust-origin={old_site.url}")
        bring(*arguments)
        before, asked = all_rows(), list(old_site.asked)
        assert bring(*arguments).total("unchanged") == 1
        assert bring(*arguments[:2]).total("unchanged") == 1  # nor does it vanish without --media
        assert (all_rows(), old_site.asked) == (before, asked)

    def test_what_fails_is_told_does_not_stop_the_rest_and_is_tried_again(
        self, bring: Bring, old_site: OldSite
    ) -> None:
        url = old_site.has("a.jpg", b"en panne", "text/plain", 503)
        good = old_site.has("b.jpg", picture())
        arguments = (
            *post(url, f'<img src="{url}" alt="En panne"><img src="{good}" alt="Bonne">'),
            item(2, "Deux"),
            "--media",
            f"--trust-origin={old_site.url}",
        )
        ran = bring(*arguments)
        assert ran.error == ""
        assert not of(1).image
        assert "<em>En panne</em>" in of(1).body_opening
        assert 'alt="Bonne"' in of(1).body_opening
        assert Broadcast.objects.count() == 2
        assert set(ran.what("broken_media")) == {url}
        assert any("panne" in row["detail"] for row in ran.rows("broken_media"))
        assert old_site.asked.count("/wp-content/uploads/2024/a.jpg") == 2  # one more try, not ten
        old_site.has("a.jpg", picture())
        ran = bring(*arguments)
        assert of(1).image
        assert 'alt="En panne"' in of(1).body_opening
        assert ran.rows("updated")[0]["changed"] == ["texte", "image"]

    @pytest.mark.parametrize(
        ("name", "content", "kind"),
        [
            ("a.jpg", b"<script>alert(1)</script>", "image/jpeg"),
            ("a.jpg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml"),
            ("a.jpg", b"GIF89a" + b"\0" * 40, "image/gif"),
            ("a.jpg", picture()[:400], "image/jpeg"),
            ("a.jpg", b"", "image/jpeg"),
            ("a.jpg", b"<html>connexion</html>", "text/html"),
        ],
    )
    def test_what_is_no_image_stays_out(
        self, bring: Bring, old_site: OldSite, name: str, content: bytes, kind: str
    ) -> None:
        url = old_site.has(name, content, kind)
        ran = bring(
            *post(url, f'<img src="{url}" alt="Mots">'), "--media", f"--trust-origin={old_site.url}"
        )
        assert (ran.error, bool(of(1).image), ImportedPicture.objects.count()) == ("", False, 0)
        assert of(1).body_opening == "<p><em>Mots</em></p>"
        assert ran.what("broken_media") == [url, url]

    def test_private_addresses_are_not_gone_to(self, bring: Bring, old_site: OldSite) -> None:
        url = old_site.has("a.jpg", picture())
        ran = bring(*post(url), "--media")
        assert old_site.asked == []
        assert not of(1).image
        assert ran.what("broken_media") == [url]

    def test_nor_by_a_redirect(self, bring: Bring, old_site: OldSite) -> None:
        url = old_site.has("a.jpg", b"http://169.254.169.254/latest/", "image/jpeg", 302)
        bring(*post(url), "--media", f"--trust-origin={old_site.url}")
        assert not of(1).image

    def test_without_being_asked_nothing_is_downloaded(
        self, bring: Bring, old_site: OldSite
    ) -> None:
        url = old_site.has("a.jpg", picture())
        trust = f"--trust-origin={old_site.url}"
        ran = bring(*post(url, f'<img src="{url}" alt="Mots">'))
        bring(*post(url, f'<img src="{url}" alt="Mots">'), "--media", trust, "--dry-run")
        assert old_site.asked == []
        assert of(1).body_opening == "<p><em>Mots</em></p>"
        assert all("--media" in row["detail"] for row in ran.rows("broken_media"))


class TestEditors:
    def test_the_newsrooms_own_image_stays(self, bring: Bring, old_site: OldSite) -> None:
        url = old_site.has("a.jpg", picture())
        arguments = (*post(url), "--media", f"--trust-origin={old_site.url}")
        bring(*arguments)
        broadcast = of(1)
        broadcast.image.save("x.png", drawn_picture(800, 450))
        broadcast.image_alt = "La nôtre"
        broadcast.save()
        bring(*arguments)
        assert (of(1).image.size_in_pixels, of(1).image_alt) == ((800, 450), "La nôtre")
        bring(*arguments, "--overwrite")
        assert (of(1).image.size_in_pixels, of(1).image_alt) == ((640, 360), "Une affiche")

    def test_an_image_that_was_removed_does_not_come_back(
        self, bring: Bring, old_site: OldSite
    ) -> None:
        url = old_site.has("a.jpg", picture())
        arguments = (*post(url), "--media", f"--trust-origin={old_site.url}")
        bring(*arguments)
        Broadcast.objects.update(image="")
        bring(*arguments)
        assert not of(1).image

    def test_another_image_on_the_old_site_replaces_the_imported_one(
        self, bring: Bring, old_site: OldSite
    ) -> None:
        trust = f"--trust-origin={old_site.url}"
        bring(*post(old_site.has("a.jpg", picture())), "--media", trust)
        before = of(1).image.name
        bring(*post(old_site.has("b.jpg", picture("red"))), "--media", trust)
        assert of(1).image.name != before


class TestFolder:
    @pytest.mark.parametrize("root", ["", "uploads", "wp-content/uploads"])
    def test_images_are_found_in_a_copy(self, bring: Bring, tmp_path: Path, root: str) -> None:
        folder = tmp_path / "copie"
        place = folder / root / "2024"
        place.mkdir(parents=True)
        (place / "l’été.jpg").write_bytes(picture())
        url = "https://www.auposte.example/wp-content/uploads/2024/l%E2%80%99%C3%A9t%C3%A9.jpg"
        bring(*post(url, f'<img src="{url}" alt="">'), f"--media-folder={folder}")
        assert of(1).image
        assert "<img" in of(1).body_opening

    def test_nothing_outside_of_it_is_read(self, bring: Bring, tmp_path: Path) -> None:
        folder = tmp_path / "copie"
        folder.mkdir()
        (tmp_path / "secret.jpg").write_bytes(picture())
        (folder / "lien.jpg").symlink_to(tmp_path / "secret.jpg")
        for name in ("../secret.jpg", "%2e%2e/secret.jpg", "lien.jpg", "/etc/passwd", "a%00b.jpg"):
            url = f"https://www.auposte.example/wp-content/uploads/{name}"
            ran = bring(*post(url, f'<img src="{url}">'), f"--media-folder={folder}")
            assert ran.error == ""
            assert not of(1).image
            assert not ImportedPicture.objects.exists()

    def test_a_missing_folder_is_said(self, bring: Bring, tmp_path: Path) -> None:
        ran = bring(item(1, "Un"), f"--media-folder={tmp_path / 'rien'}")
        assert "n’existe pas" in ran.error
