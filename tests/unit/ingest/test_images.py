"""Pictures of others made small: what goes into mails, and what never does."""

from __future__ import annotations

import pytest

pytest.importorskip("PIL", reason="Pillow is not installed")

from digest.errors import BadInput, UsageError
from digest.ingest import images
from digest.ingest.fetch import Fetched
from digest.ingest.kinds.base import in_process
from digest.model.image import Image
from tests.support import pictures
from tests.support.pictures import HOSTILE, file, opened, photo
from tests.support.pictures import Image as Pillow


def small(data: bytes) -> Image:
    return images.small(data, "https://quay.example/p")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "AVIF"])
def test_every_kind_is_read(kind: str) -> None:
    """Large ones are in tests/exhaustive."""
    made = small(file(photo(240, 135), kind))
    mime = "image/png" if kind == "GIF" else "image/jpeg"  # of few colours
    assert (made.mime, made.width, made.height) == (mime, 240, 135)
    assert opened(made.data).size == (240, 135)


def test_what_is_large_becomes_twice_the_column() -> None:
    made = small(file(photo(2400, 1350), "JPEG"))
    assert (made.mime, made.width, made.height) == ("image/jpeg", 1040, 585)
    assert len(made.data) <= images.MAX_BYTES


def test_what_is_small_already_is_not_blown_up() -> None:
    made = small(file(photo(300, 200), "JPEG"))
    assert (made.width, made.height) == (300, 200)


def test_noise_is_made_smaller_until_it_fits() -> None:
    made = small(file(pictures.noise(1500, 1000), "PNG"))
    assert len(made.data) <= images.MAX_BYTES
    assert 400 <= made.width < 1040


def test_few_colours_stay_sharp() -> None:
    drawn = Pillow.new("RGB", (800, 500), "white")
    drawn.paste((200, 20, 20), (100, 100, 400, 300))
    made = small(file(drawn, "PNG"))
    assert made.mime == "image/png"
    assert opened(made.data).convert("RGB").getpixel((200, 200)) == (200, 20, 20)


def test_what_shines_through_is_white() -> None:
    made = small(file(Pillow.new("RGBA", (400, 300), (255, 0, 0, 0)), "PNG"))
    assert opened(made.data).convert("RGB").getpixel((200, 150)) == (255, 255, 255)


def test_nothing_of_the_file_goes_on_and_the_camera_was_held_upright() -> None:
    exif = Pillow.Exif()
    exif[0x0112] = 6  # held on its side
    exif[0x010F] = "Secret camera"
    exif[0x8298] = "Somebody"
    made = small(file(photo(1200, 800), "JPEG", exif=exif, comment=b"Secret comment", icc_profile=b"Secret" * 99))
    assert (made.width, made.height) == (693, 1040)
    assert b"Secret" not in made.data
    assert dict(opened(made.data).getexif()) == {}


@pytest.mark.parametrize("kind", ["GIF", "WEBP"])
def test_of_an_animation_the_first_picture_is_shown(kind: str) -> None:
    frames = [Pillow.new("RGB", (400, 300), colour) for colour in ("blue", "red", "green")]
    made = small(file(frames[0], kind, save_all=True, append_images=frames[1:], duration=100))
    found = opened(made.data)
    assert getattr(found, "n_frames", 1) == 1
    red, _, blue = found.convert("RGB").getpixel((200, 150))
    assert blue > 200 > 60 > red


@pytest.mark.parametrize("mode", ["L", "1", "CMYK", "I;16"])
def test_odd_modes_are_shown(mode: str) -> None:
    picture = Pillow.new(mode, (400, 300))
    made = small(file(picture, "JPEG" if mode == "CMYK" else "PNG"))
    assert (made.width, made.height) == (400, 300)


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_picture_or_would_do_harm_ends_in_one_line(name: str) -> None:
    data, told = HOSTILE[name]
    with pytest.raises(BadInput) as caught:
        small(data)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "image",
    [
        Image("text/html", 400, 300, b"<script>"),
        Image("image/jpeg", 400, 300, b"<script>"),
        Image("image/png\r\nX: y", 400, 300, b"\x89PNG\r\n\x1a\n"),
        Image("image/jpeg", 4000, 300, b"\xff\xd8\xff"),
        Image("image/jpeg", 400, 0, b"\xff\xd8\xff"),
        Image("image/jpeg", 400, 300, b"\xff\xd8\xff" + bytes(images.MAX_BYTES)),
    ],
)
def test_a_process_that_has_read_hostile_bytes_is_not_believed(image: Image) -> None:
    got = Fetched(200, b"", None, None, "https://quay.example/p", "https://quay.example/p")
    with pytest.raises(BadInput, match="broke the process"):
        images.fetch("https://quay.example/p", lambda _: got, lambda *_, **__: image)
    good = Image("image/jpeg", 400, 300, b"\xff\xd8\xff")
    assert images.fetch("https://quay.example/p", lambda _: got, lambda *_, **__: good) == good
    with pytest.raises(BadInput, match="no picture"):
        images.fetch("https://quay.example/p", lambda _: got, in_process)


def test_without_pillow_one_line_tells_how_to_have_it(monkeypatch: pytest.MonkeyPatch) -> None:
    images.require()
    monkeypatch.setattr(images, "available", lambda: False)
    with pytest.raises(UsageError) as caught:
        images.require("morning")
    assert str(caught.value) == (
        "morning: lead images take Pillow, which is not installed (pip install 'storyline-digest[images]')"
    )
