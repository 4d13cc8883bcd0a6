"""What is not tried for want of its words would not have matched; and folding by ranges is folding by the letter."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.ingest import plain
from digest.ingest.guarded import Fixed, Guarded
from digest.ingest.patterns import patterns
from digest.ingest.vocabulary import folded, load

NAMES = ("channel", "offer", "paywall", "embed", "consent", "notice", "cookie", "call", "credit_tail")
_PHRASES = sorted(phrase for phrases in load().phrases.values() for phrase in phrases)
_TEXTS = st.lists(
    st.sampled_from(_PHRASES).map(lambda p: p.replace("*", "en").replace("...", "er iets"))
    | st.sampled_from(
        [". ", "! ", " - ", "(", ")", ": ", "de brug is open", "jetzt ", "©", "foto: jan", "/ ap", "fot."]
    ),
    min_size=1,
    max_size=6,
).map(lambda parts: folded(" ".join(parts)))


@given(_TEXTS, st.sampled_from(NAMES))
def test_a_guard_hides_no_match(text: str, name: str) -> None:
    guarded: Guarded = getattr(patterns(), name)
    bare = guarded._pattern.search(text)
    found = guarded.search(text)
    assert (bare and bare.span()) == (found and found.span())


@given(_TEXTS)
def test_nor_does_it_where_quotations_are_left_out(text: str) -> None:
    own = re.sub(r"\(.*?\)", " ", text)
    for _, pattern, _ in patterns().scores:
        assert bool(pattern._pattern.search(own)) == bool(pattern.search(own, within=text))


@pytest.mark.parametrize("name", NAMES)
def test_each_is_tried_where_its_words_stand(name: str) -> None:
    """Else the properties above would hold of guards that let nothing through."""
    guarded: Guarded = getattr(patterns(), name)
    tried = [p for p in _PHRASES if guarded._may(p, None)]
    assert tried
    assert len(tried) < len(_PHRASES)


def test_a_phrase_is_known_by_its_longest_word() -> None:
    fixed = Fixed({"one": ["keep reading*", "*abo"], "two": ["tap ... here"]})
    assert [fixed.stand_in(t) for t in ("we keep it", "read by reading", "newsabo", "tap it here", "")] == [
        0,
        1,
        1,
        2,
        0,
    ]


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])) | st.text("aéÅßøñİǅ΅й\u0483\u064b\u20d0\U0001d165 "))
def test_folding_takes_every_mark_off(text: str) -> None:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    assert plain.fold(text) == " ".join("".join(c for c in decomposed if not unicodedata.combining(c)).split())
