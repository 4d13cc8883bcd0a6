"""What is looked for: from words as typed to a query that FTS5 cannot misread."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from digest.errors import UsageError
from digest.store import spacing
from digest.store.words import Term, match, parse


@pytest.mark.parametrize(
    ("words", "terms"),
    [
        (["bridge", "opening"], [Term("bridge"), Term("opening")]),
        (["bru*"], [Term("bru", prefix=True)]),
        (["old bridge"], [Term("old bridge")]),
        (["old bri*"], [Term("old bri", prefix=True)]),
        (['"old bridge" ferry -"night train" -bus'], [
            Term("old bridge"), Term("ferry"), Term("night train", without=True), Term("bus", without=True),
        ]),
        (["bridge", "\u2212ferry"], [Term("bridge"), Term("ferry", without=True)]),
        (["-old bridge", "x"], [Term("old bridge", without=True), Term("x")]),
        (["bridge -ferry"], [Term("bridge"), Term("ferry", without=True)]),
        (["„alte Brücke“ «pont neuf»"], [Term("alte Brücke"), Term("pont neuf")]),
        (["well-known", "AND", "title:x", "!!!"], [Term("well-known"), Term("AND"), Term("title:x")]),
        (["bridge\udcff"], [Term("bridge")]),
    ],
)  # fmt: skip
def test_words_as_they_are_typed(words: list[str], terms: list[Term]) -> None:
    assert list(parse(words)) == terms


@pytest.mark.parametrize(
    ("words", "says"),
    [(["-ferry"], "only what must not"), (["!!", '"'], "no word"), ([], "no word"), (["x" * 501], "too much"),
     (["a " * 60 + "-b"], "at most 50")],
)  # fmt: skip
def test_what_cannot_be_looked_for_is_said_in_one_line(words: list[str], says: str) -> None:
    with pytest.raises(UsageError, match=says) as error:
        parse(words)
    assert "\n" not in str(error.value)


def test_the_query() -> None:
    assert match(parse(["a", "b*", "-c", "-d e"])) == '("a" AND "b" *) NOT ("c" OR "d e")'
    assert match(parse(["東京"])) == '("東\u200b京")'


@pytest.fixture(scope="module")
def index() -> sqlite3.Connection:
    made = sqlite3.connect(":memory:")
    made.execute("CREATE VIRTUAL TABLE i USING fts5(title, body, tokenize='unicode61 remove_diacritics 2')")
    made.execute("INSERT INTO i VALUES ('a', 'b')")
    return made


_SIGNS = st.text(st.sampled_from("ab\"'*-^:(){}+,\x00\n \u2212“東é\ud800ANDORTNE"))


@given(st.lists(st.one_of(_SIGNS, st.text(max_size=30)), max_size=6))
@example(["NEAR(a b, 2)", "{title body}: x", 'a" OR "b', "^a", "a + b", "NOT"])
@example(["\u0e33", "\u0301", "𝒳", "ⅷ", "①"])
def test_nothing_that_is_typed_is_a_fault_of_syntax(index: sqlite3.Connection, words: list[str]) -> None:
    try:
        terms = parse(words)
    except UsageError:
        return
    index.execute("SELECT rowid FROM i WHERE i MATCH ?", (match(terms),)).fetchall()


@given(st.text())
def test_spacing_can_be_taken_back(text: str) -> None:
    clean = text.replace(spacing.GAP, "")
    assert spacing.unspaced(spacing.spaced(clean)) == clean


def test_what_is_indexed() -> None:
    assert spacing.body_text('["One.", "T\\u00fcr\\u0002"]') == "One.\nTür "
    assert spacing.title_text(None) == spacing.body_text(None) == ""
