"""Voices: publishers, not feeds; texts, not prints."""

from __future__ import annotations

import pytest

from digest.compose.summarise import quote
from digest.compose.voices import voices
from digest.model.article import Article
from tests.unit.compose.test_developments import when

WIRE, OWN, THIRD = bytes(range(64)), bytes(range(100, 164)), bytes(range(164, 228))
NEARLY_WIRE = WIRE[:-4] + b"\xff\xff\xff\xff"


def article(number: int, publisher: str, signature: bytes, *, source: str = "feed") -> Article:
    return Article(
        source=source, title="T", title_given=True, paragraphs=(), language="en", published=when("2024-03-04"),
        publisher=publisher, url=None, content_hash=f"{number}", signature=signature,
        identity=f"id:{number}", id=number,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("prints", "expected", "told"),
    [
        ([("A", WIRE)], (1, 1, 1), "1 publisher"),
        ([("A", WIRE), ("B", OWN)], (2, 2, 2), "2 publishers"),
        ([(p, WIRE) for p in "ABCDE"], (5, 1, 1), "5 publishers, one text"),
        ([("A", WIRE), ("B", NEARLY_WIRE)], (2, 1, 1), "2 publishers, one text"),
        ([("A", WIRE), ("A", OWN), ("A", THIRD)], (1, 3, 1), "1 publisher"),
        ([("A", WIRE), ("B", WIRE), ("B", OWN)], (2, 2, 2), "2 publishers"),  # B's own piece is B's voice
        ([("A", WIRE), ("B", WIRE), ("C", WIRE), ("C", OWN)], (3, 2, 2), "3 publishers, 2 voices"),
        ([("A", WIRE), (" a ", OWN)], (1, 2, 1), "1 publisher"),
        ([("A", b""), ("B", b"")], (2, 2, 2), "2 publishers"),  # no words, no likeness
    ],
)
def test_voices(prints: list[tuple[str, bytes]], expected: tuple[int, int, int], told: str) -> None:
    held = [article(n, publisher, signature) for n, (publisher, signature) in enumerate(prints)]
    for order in (held, held[::-1]):
        found = voices(order)
        assert (found.publishers, found.texts, found.independent) == expected
        assert found.told() == told


def test_two_feeds_of_one_site_are_one_publisher() -> None:
    feeds = [article(n, "example.org", WIRE if n else OWN, source=f"feed{n}") for n in range(2)]
    assert voices(feeds).publishers == 1


def test_where_nobody_knows_the_publishers_each_source_is_a_voice() -> None:
    held = [article(n, "", WIRE if n else OWN, source=f"folder{n}") for n in range(2)]
    assert voices(held).independent == 2
    assert [quote(a, "T").publisher for a in held] == ["", ""], "what the operator calls a source is not for readers"
