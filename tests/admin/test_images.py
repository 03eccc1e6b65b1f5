"""Pictures, handed in at the admin's door: what is kept, what is refused, what is let go."""

import io
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from PIL import Image, ImageCms

from auposte.images import rendition_widths
from broadcasts.models import Broadcast
from guests.models import Guest
from tests.admin.html import form_of, text_of
from tests.admin.world import episode

SECRET = b"GPS-48.8566-2.3522"


def encoded(
    kind: str, size: tuple[int, int] = (64, 36), mode: str = "RGB", **options: object
) -> bytes:
    buffer = io.BytesIO()
    Image.new(mode, size, "red" if mode in {"RGB", "RGBA"} else 128).save(buffer, kind, **options)
    return buffer.getvalue()


def photograph(size: tuple[int, int] = (1600, 900)) -> bytes:
    """A JPEG that tells where it was taken, in EXIF, and in a comment; held on its side."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = SECRET.decode()
    exif.get_ifd(0x8825)[2] = (48.0, 51.0, 24.0)
    return encoded("JPEG", size, exif=exif, comment=SECRET)


def animation(kind: str) -> bytes:
    buffer = io.BytesIO()
    frames = [Image.new("RGB", (32, 32), colour) for colour in ("red", "blue")]
    frames[0].save(buffer, kind, save_all=True, append_images=frames[1:], duration=100)
    return buffer.getvalue()


def hand_in(client: Client, broadcast: Broadcast, data: bytes, name: str = "photo.jpg") -> object:
    address = f"/admin/broadcasts/broadcast/{broadcast.pk}/change/"
    upload = SimpleUploadedFile(name, data, content_type="image/jpeg")
    return client.post(address, {**form_of(client.get(address)), "image": upload})


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.jpg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>", "n’est pas une image"),
        ("a.txt", b"Bonjour", "n’est pas une image"),
        ("a.jpg", photograph()[:900], "n’est pas une image"),
        ("a.png", encoded("PNG", (400, 400))[:300], "n’est pas une image"),
        ("a.jpg", encoded("BMP"), "n’est pas une image"),
        ("a.gif", animation("GIF"), "n’est pas une image"),
        ("a.webp", animation("WEBP"), "il en faut une qui ne bouge pas"),
        ("a.png", animation("PNG"), "il en faut une qui ne bouge pas"),
        ("a.avif", animation("AVIF"), "il en faut une qui ne bouge pas"),
        ("a.png", encoded("PNG", (10_000, 5_000), "L"), "40 mégapixels au plus"),
        ("a.png", encoded("PNG", (20_000, 10_000), "1"), "n’est pas une image"),
        ("a.jpg", encoded("JPEG") + b"\0" * (15 * 1024 * 1024), "15 Mo au plus"),
        ("a.jpg", b"", "Le fichier soumis est vide."),
    ],
    ids=lambda value: None if isinstance(value, bytes) else str(value)[:20],
)
def test_what_will_not_do_is_refused_in_french(
    name: str, data: bytes, message: str, editor: Client, own_media: Path
) -> None:
    broadcast = episode()
    response = hand_in(editor, broadcast, data, name)
    assert response.status_code == 200
    assert message in text_of(response)
    broadcast.refresh_from_db()
    assert not broadcast.image
    assert files(own_media) == []


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_four_formats_are_taken(kind: str, editor: Client) -> None:
    broadcast = episode()
    assert hand_in(editor, broadcast, encoded(kind), "x" * 300).status_code == 302
    broadcast.refresh_from_db()
    assert broadcast.image.size_in_pixels == (64, 36)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16"])
def test_every_mode_becomes_a_plain_picture(mode: str, editor: Client) -> None:
    broadcast = episode()
    data = encoded("JPEG" if mode == "CMYK" else "PNG", mode=mode)
    assert hand_in(editor, broadcast, data).status_code == 302
    broadcast.refresh_from_db()
    with Image.open(broadcast.image.path) as kept:
        assert (kept.format, kept.mode) == ("JPEG", "RGB")


def test_nothing_of_the_photograph_but_its_picture_is_kept(editor: Client, own_media: Path) -> None:
    broadcast = episode()
    assert hand_in(editor, broadcast, photograph()).status_code == 302
    broadcast.refresh_from_db()
    assert broadcast.image.size_in_pixels == (900, 1600)  # turned upright
    kept = [path for path in own_media.rglob("*") if path.is_file()]
    assert {path.suffix for path in kept} == {".jpg", ".webp", ".avif"}
    for path in kept:
        assert SECRET not in path.read_bytes()
        with Image.open(path) as picture:
            assert not dict(picture.getexif()), path
            assert not picture.info.keys() & {"comment", "exif", "xmp", "icc_profile"}, path


def test_another_colour_space_is_brought_home(editor: Client) -> None:
    swapped = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    broadcast = episode()
    # A profile that does not fit its picture must not stop it either.
    assert hand_in(editor, broadcast, encoded("JPEG", icc_profile=swapped)).status_code == 302
    assert hand_in(editor, broadcast, encoded("JPEG", icc_profile=b"rien")).status_code == 302


def test_a_preview_is_shown(editor: Client) -> None:
    broadcast = episode()
    hand_in(editor, broadcast, photograph((1600, 900)))
    broadcast.refresh_from_db()
    page = editor.get(f"/admin/broadcasts/broadcast/{broadcast.pk}/change/").content.decode()
    stem = Path(broadcast.image.name).stem
    assert f'<img src="/media/emissions/{stem}.480.jpg"' in page


def test_replaced_cleared_and_deleted_pictures_leave_no_file(
    owner: Client, own_media: Path, django_capture_on_commit_callbacks: object
) -> None:
    broadcast = episode(1, status=Broadcast.Status.DRAFT, published_at=None)
    address = f"/admin/broadcasts/broadcast/{broadcast.pk}/change/"
    with django_capture_on_commit_callbacks(execute=True):
        hand_in(owner, broadcast, photograph((900, 1600)))
    first = files(own_media)
    assert len(first) == 3 * len(rendition_widths(1600))
    with django_capture_on_commit_callbacks(execute=True):
        hand_in(owner, broadcast, encoded("PNG"))
    second = files(own_media)
    assert len(second) == 3
    assert not set(first) & set(second)
    with django_capture_on_commit_callbacks(execute=True):
        owner.post(address, {**form_of(owner.get(address)), "title": "Autre titre"})
    assert files(own_media) == second
    with django_capture_on_commit_callbacks(execute=True):
        owner.post(address, {**form_of(owner.get(address)), "image-clear": "on"})
    assert files(own_media) == []
    with django_capture_on_commit_callbacks(execute=True):
        hand_in(owner, broadcast, encoded("PNG"))
        owner.post(address.replace("change", "delete"), {"post": "yes"})
    assert files(own_media) == []
    assert not Broadcast.objects.exists()


def test_files_outlive_a_change_that_is_taken_back(
    owner: Client, own_media: Path, django_capture_on_commit_callbacks: object
) -> None:
    broadcast = episode()
    hand_in(owner, broadcast, encoded("PNG"))
    before = files(own_media)
    broadcast.refresh_from_db()
    with django_capture_on_commit_callbacks(execute=True):
        try:
            with transaction.atomic():
                broadcast.delete()
                raise RuntimeError
        except RuntimeError:
            pass
    assert files(own_media) == before


def test_a_file_that_another_row_names_stays(
    own_media: Path, db: None, django_capture_on_commit_callbacks: object
) -> None:
    one = Guest(last_name="Une", slug="une")
    one.portrait.save("x.png", SimpleUploadedFile("x.png", encoded("PNG")))
    two = Guest.objects.create(last_name="Deux", slug="deux", portrait=one.portrait.name)
    with django_capture_on_commit_callbacks(execute=True):
        one.delete()
    assert len(files(own_media)) == 3
    with django_capture_on_commit_callbacks(execute=True):
        two.delete()
    assert files(own_media) == []


def test_a_file_that_cannot_be_removed_stops_nothing(
    owner: Client, own_media: Path, django_capture_on_commit_callbacks: object
) -> None:
    broadcast = episode()
    hand_in(owner, broadcast, encoded("PNG"))
    broadcast.refresh_from_db()
    master = Path(broadcast.image.path)
    master.unlink()
    master.mkdir()  # what stands there now cannot be removed as a file
    with django_capture_on_commit_callbacks(execute=True):
        assert hand_in(owner, broadcast, encoded("JPEG")).status_code == 302
    assert len(files(own_media)) == 3
