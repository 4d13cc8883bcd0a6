"""digest edition preview --screenshots: pictures of a mail by Chromium, without a driver."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import pytest

from digest import app
from digest.adapters import chromium
from digest.model.finding import Shot
from tests.support import desk

try:
    CHROMIUM = chromium.find("", {"PATH": "/usr/bin:/usr/local/bin"})
except Exception:  # noqa: BLE001 - whatever it is, it is not there
    pytest.skip("Chromium is not installed", allow_module_level=True)

PAGE = """<!doctype html><html><head><meta name="color-scheme" content="light dark"><style>
body { margin: 0; background: #fefefe; } .tall { height: 1500px; }
@media (prefers-color-scheme: dark) { body { background: #101010; } }
@media (max-width: 400px) { .tall { height: 2500px; } }
</style></head><body><div class="tall"></div></body></html>"""


def size_of(file: Path) -> tuple[int, int]:
    width, height = struct.unpack(">II", file.read_bytes()[16:24])
    return width, height


def first_pixel(file: Path) -> str:
    """The upper left corner's colour. A first row can only be filtered by what stands to its left: nothing."""
    data, at, packed = file.read_bytes(), 8, b""
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        if data[at + 4 : at + 8] == b"IDAT":
            packed += data[at + 8 : at + 8 + length]
        at += 12 + length
    return zlib.decompress(packed)[1:4].hex()


def test_each_width_at_its_full_height_light_and_dark(tmp_path: Path) -> None:
    shots = [Shot(w, dark, tmp_path / f"{w}-{dark}.png") for w in (320, 600) for dark in (False, True)]
    done: list[int] = []
    chromium.photograph(CHROMIUM, PAGE, shots, done.append)
    assert [size_of(s.file) for s in shots] == [(320, 2500), (320, 2500), (600, 1500), (600, 1500)]
    assert [first_pixel(s.file) for s in shots] == ["fefefe", "101010", "fefefe", "101010"]
    assert done == [1, 2, 3, 4]


def test_the_command_makes_eight_and_a_page_that_shows_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    app.init(tmp_path / "empty", sender="News <news@example.org>", transport="maildir")
    digest = desk.set_up(tmp_path / "home", tmp_path / "empty", capsys, monkeypatch)
    digest.well("publication", "add", "p", "--every", "day")
    digest.news(1)
    monkeypatch.setenv("DIGEST_PREVIEW_CHROMIUM", CHROMIUM)
    out = tmp_path / "pictures"
    said = digest.well("edition", "preview", "p", "--screenshots", str(out)).out
    assert said == f"Wrote 8 pictures to {out}; index.html shows them side by side.\n"
    names = {f"{w}-{scheme}.png" for w in (320, 360, 600, 1200) for scheme in ("light", "dark")}
    assert {path.name for path in out.iterdir()} == names | {"index.html"}
    assert {size_of(out / name)[0] for name in names} == {320, 360, 600, 1200}
    index = (out / "index.html").read_text(encoding="utf-8")
    assert all(f'src="{name}"' in index for name in names)
    assert first_pixel(out / "320-light.png") != first_pixel(out / "320-dark.png")
