"""Pictures made for tests, and files that only say they are some."""

from __future__ import annotations

import io
import random
import struct
import zlib
from typing import Any

import pytest

Image = pytest.importorskip("PIL.Image", reason="Pillow is not installed")


def noise(width: int, height: int, seed: int = 1) -> Any:
    """What cannot be made small: each seed is another picture."""
    return Image.frombytes("RGB", (width, height), random.Random(seed).randbytes(width * height * 3))


def photo(width: int = 1600, height: int = 900, seed: int = 1) -> Any:
    """Soft areas, as a photograph has them."""
    return noise(32, 18, seed).resize((width, height), Image.Resampling.BICUBIC)


def file(picture: Any, kind: str, **options: Any) -> bytes:
    made = io.BytesIO()
    picture.save(made, kind, **options)
    return made.getvalue()


def jpeg(seed: int = 1, width: int = 1600, height: int = 900) -> bytes:
    return file(photo(width, height, seed), "JPEG", quality=90)


def opened(data: bytes) -> Any:
    found = Image.open(io.BytesIO(data))
    found.load()
    return found


def png_of(width: int, height: int) -> bytes:
    """A few bytes that claim to be so large, with one line of what they promise."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = [(b"IHDR", head), (b"IDAT", zlib.compress(bytes(3 * min(width, 100_000) + 1))), (b"IEND", b"")]
    body = b"".join(struct.pack(">I", len(d)) + n + d + struct.pack(">I", zlib.crc32(n + d)) for n, d in parts)
    return b"\x89PNG\r\n\x1a\n" + body


HOSTILE: dict[str, tuple[bytes, str]] = {
    "a page": (b"<!doctype html><title>Sign in</title><img src=x onerror=alert(1)>", "no picture of a kind"),
    "svg": (
        b'<svg xmlns="http://www.w3.org/2000/svg" width="900" height="600"/>',
        "no picture of a kind",
    ),
    "nothing": (b"", "no picture of a kind"),
    "tiff": (file(photo(400, 300), "TIFF"), "no picture of a kind"),
    "a head alone": (b"\xff\xd8\xff\xe0\x00\x10JFIF\x00", "cannot be read"),
    "cut off": (jpeg()[:4000], "cannot be read"),
    "sixty thousand pixels wide": (png_of(60_000, 60_000), "larger than can be shown"),
    "seven thousand pixels wide": (png_of(7_000, 7_000), "larger than can be shown"),
    "thirty thousand pixels long": (png_of(500, 30_000), "larger than can be shown"),
    "a tracking pixel": (file(Image.new("RGB", (1, 1)), "GIF"), "smaller than can be shown: 1 x 1"),
    "a banner": (file(photo(1600, 200), "PNG"), "narrower than can be shown"),
}
