"""A model's answer is read with patience, and whatever it is, reading it ends well."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.compose.answers import sentences, texts

TWO = [("Een zin.", (1,)), ("Nog een zin.", (1, 2))]
JSON = json.dumps({"sentences": [{"text": "Een zin.", "articles": [1]}, {"text": "Nog een zin.", "articles": [1, 2]}]})


@pytest.mark.parametrize(
    "answer",
    [
        JSON,
        f"```json\n{JSON}\n```",
        f"Sure! Here is the summary:\n```\n{JSON}\n```\nAnything else?",
        f"<think>Article [1] says {{things}}.</think>\n{JSON}",
        f"Here you are: {JSON} I hope it helps.",
        json.dumps(json.loads(JSON)["sentences"]),
        '[{"sentence": "Een zin.", "article": 1}, {"sentence": "Nog een zin.", "sources": ["1", "[2]"]}]',
        '{"summary": ["Een zin. [1]", "Nog een zin. (1, 2)"]}',
        "Een zin. [1]\nNog een zin [1, 2].",
        "- Een zin. (1)\n- Nog een zin. [1; 2]\n",
        "1. Een zin. [1]\n2. Nog een zin. [1,2]",
    ],
)
def test_many_forms_say_the_same(answer: str) -> None:
    assert sentences(answer) == TWO


@pytest.mark.parametrize("answer", ["", "{", '{"sentences": [{"text": "Een', "[]", "{}", "null", "<think>hm"])
def test_what_cannot_be_read_is_nothing(answer: str) -> None:
    assert sentences(answer) == []


def test_a_sentence_without_an_article_keeps_none_and_a_wrong_number_stays_wrong() -> None:
    assert sentences('{"sentences": ["Een zin."]}') == [("Een zin.", ())]
    odd = '{"sentences": [{"text": "Een zin.", "articles": [0, -3, 99999, "x", true, null]}]}'
    assert sentences(odd) == [("Een zin.", (0,))]


def test_texts_by_their_numbers_or_their_places() -> None:
    numbered = '{"texts": [{"n": 2, "text": "Twee."}, {"n": 1, "text": "Een."}]}'
    assert texts(numbered, 3) == ("Een.", "Twee.", "")
    assert texts('["Een.", "Twee."]', 2) == ("Een.", "Twee.")
    assert texts("1. Een.\n2) Twee.", 2) == ("Een.", "Twee.")
    assert texts("{broken", 2) == ("", "")


@given(st.text() | st.from_regex(r'[\[{"a-z0-9:,\]} \n`\-]{0,80}', fullmatch=True))
def test_nothing_breaks_the_reading(answer: str) -> None:
    for text, numbers in sentences(answer):
        assert isinstance(text, str)
        assert all(isinstance(n, int) for n in numbers)
    assert len(texts(answer, 3)) == 3


def test_a_huge_answer_is_read_up_to_a_bound() -> None:
    assert len(sentences("Een zin. [1]\n" * 1_000_000)) <= 12
    assert sentences("[" * 100_000) == []
