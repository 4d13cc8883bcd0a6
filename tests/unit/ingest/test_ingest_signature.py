"""Near-duplicate signatures: what they estimate, and that a text's company changes nothing."""

from __future__ import annotations

import random
import re

from hypothesis import given
from hypothesis import strategies as st

from digest.ingest import plain, signature
from digest.ingest.signature import LONGEST, signatures
from digest.model.signature import similarity

TEXTS = st.lists(st.text(alphabet="ab cdé.,ß\n日本語привет“”", max_size=60), max_size=6)
ONE_SCRIPT = st.one_of(*(st.text(alphabet=f"{letters} .,\n", max_size=60) for letters in ("abcdéñ", "приветй")))
WORDS = [f"word{number}" for number in range(400)]


def shingles(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", plain.bare(text))
    return set(zip(*(words[i:] for i in range(signature.SHINGLE)), strict=False))


def test_it_estimates_the_share_of_shingles_in_common() -> None:
    chance = random.Random(7)
    errors = []
    for _ in range(300):
        words = chance.choices(WORDS, k=200)
        other = [chance.choice(WORDS) if chance.random() < chance.choice((0.005, 0.05)) else word for word in words]
        one, two = " ".join(words), "; ".join(other)
        exact = len(shingles(one) & shingles(two)) / len(shingles(one) | shingles(two))
        errors.append(similarity(*signatures([one, two])) - exact)
    assert abs(sum(errors)) / len(errors) < 0.01
    assert max(map(abs, errors)) < 0.3


@given(TEXTS)
def test_each_text_is_signed_for_itself(texts: list[str]) -> None:
    assert signatures(texts) == [signature.signature(text) for text in texts]


@given(ONE_SCRIPT)
def test_only_words_and_their_order_count(text: str) -> None:
    other = text.upper().replace(" ", "  ").replace(",", " “")
    assert signature.signature(text) == signature.signature(other)


@given(TEXTS)
def test_what_has_a_word_is_signed(texts: list[str]) -> None:
    for text in texts:
        assert bool(signature.signature(text)) == any(c.isalnum() for c in text)


def test_the_order_of_a_few_words_counts() -> None:
    few = ["a b", "b a", "a", "a b c d e", "a b c d e f", "e d c b a", "ab cde"]
    assert len(set(signatures(few))) == len(few)
    assert signature.signature("a b") == signature.signature("A,  b!")


def test_a_long_text_is_signed_by_its_beginning() -> None:
    text = " ".join(f"ferry{number}" for number in range(LONGEST // 4))
    assert signature.signature(text) == signature.signature(text[:LONGEST]) != signature.signature(text[: LONGEST // 2])


def test_without_blanks_between_words_characters_take_their_place() -> None:
    one, same, other = "日本語の文章です。", "日本語の 文章です", "日本語の文章でした。"
    assert signature.signature(one) == signature.signature(same)
    assert 0 < similarity(signature.signature(one), signature.signature(other)) < 1
