"""Plain text, laid out: nothing stands wider than the page, and nothing is lost on the way."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.compose.layout import WIDTH, centre, columns, fill, hang, leader, widest

TEXTS = st.lists(st.text("abc é東", min_size=1, max_size=12), max_size=30).map(" ".join)


def words(text: str) -> str:
    return "".join(text.split())


@given(TEXTS, TEXTS)
def test_nothing_is_wider_than_the_page_or_lost(text: str, label: str) -> None:
    for made, said in [
        (fill(text, "  "), text),
        (centre(text), text),
        (hang(text, label, 18, "    "), label + text),
        (leader(text, label).replace("-", ""), text + label),
    ]:
        assert all(columns(row) <= WIDTH for row in made.split("\n"))
        assert words(made) == words(said)


def test_in_the_middle() -> None:
    assert centre("東京", 10) == "   東京"
    assert centre("een twee drie", 9) == "een twee\n  drie"


@pytest.mark.parametrize(
    ("left", "right", "line"),
    [
        ("STAD", "mei 2025", "STAD ------ mei 2025"),
        ("STAD", "", "STAD ---------------"),
        ("", "mei 2025", "----------- mei 2025"),
        ("WETENSCHAP", "mei 2025", "--------------------\nWETENSCHAP\nmei 2025"),
    ],
)
def test_a_rule_between_the_two_ends_of_a_line(left: str, right: str, line: str) -> None:
    assert leader(left, right, width=20) == line


def test_beside_a_label() -> None:
    assert hang("De brug gaat open.", "mei 2025", 10, "  ", 24) == "    mei 2025  De brug\n              gaat open."
    assert hang("De brug.", "november 2023", 6, "  ", 24) == "  november 2023\n          De brug."


def test_the_widest_that_is_not_too_wide() -> None:
    assert widest(["mei", "東京東京", "november"], 8) == 8
    assert widest([], 8) == widest(["november 2023"], 8) == 0


def test_a_no_break_space_holds_two_words_together() -> None:
    assert fill("zegt de krant —\u00a0Blad", width=16) == "zegt de krant\n— Blad"
