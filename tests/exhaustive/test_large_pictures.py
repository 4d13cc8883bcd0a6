"""Large pictures of every kind, made small."""

from __future__ import annotations

import pytest

pytest.importorskip("PIL", reason="Pillow is not installed")

from digest.ingest import images
from tests.support.pictures import file, opened, photo


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "AVIF"])
def test_every_kind_becomes_a_jpeg_of_twice_the_column(kind: str) -> None:
    made = images.small(file(photo(2400, 1350), kind), "https://quay.example/p")
    assert (made.mime, made.width, made.height) == ("image/jpeg", 1040, 585)
    assert opened(made.data).size == (1040, 585)
    assert len(made.data) <= images.MAX_BYTES
