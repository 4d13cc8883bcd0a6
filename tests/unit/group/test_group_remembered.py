"""What is remembered of words stays small, and stays true."""

from __future__ import annotations

import pytest

from digest.group import words
from digest.group.words import Remembered


def test_the_older_half_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "_MOST_WORDS", 8)
    asked: list[str] = []

    def find(word: str) -> str:
        asked.append(word)
        return word.upper()

    known = Remembered(find)
    for number in range(100):
        assert known[f"w{number}"] == f"W{number}"
        assert len(known) <= 8
    asked.clear()
    assert known["w99"] == "W99"
    assert asked == [], "the latest are known still"
    assert known["w0"] == "W0"
    assert asked == ["w0"]


def test_a_word_as_long_as_a_text_is_not_kept() -> None:
    known = Remembered(len)
    assert known["a" * 5000] == 5000
    assert len(known) == 0
