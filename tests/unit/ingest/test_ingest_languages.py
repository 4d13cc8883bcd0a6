"""Noise and its look-alikes in nine languages, at every place where sites put it."""

from __future__ import annotations

import tomllib
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.ingest.clean import clean
from tests.support.examples import up_to

CASES = tomllib.loads(Path(__file__).with_name("boilerplate_cases.toml").read_text(encoding="utf-8"))
NOISE = [
    pytest.param(told["body"], *case, id=f"{language}-{number}")
    for language, told in CASES.items()
    for number, case in enumerate(told["noise"])
]
NEWS = [
    pytest.param(told["body"], text, id=f"{language}-{number}")
    for language, told in CASES.items()
    for number, text in enumerate(told["news"])
]


def test_every_language_has_its_cases() -> None:
    assert set(CASES) == {"nl", "de", "en", "fr", "it", "es", "pt", "sv", "pl"}
    for told in CASES.values():
        assert {case[0] for case in told["noise"]} == {"start", "middle", "end", "tail"}
        assert len(told["noise"]) >= 20
        assert len(told["news"]) >= 8


def _placed(body: list[str], place: str, text: str) -> list[str]:
    first, *rest = body
    return {
        "start": [text, *body],
        "middle": [first, text, *rest],
        "end": [*body, text],
        "tail": [f"{first} {text}", *rest],
    }[place]


@pytest.mark.parametrize(("body", "place", "reason", "text"), NOISE)
def test_noise_goes_and_says_why(body: list[str], place: str, reason: str, text: str) -> None:
    result = clean(_placed(body, place, text))
    assert result.paragraphs == tuple(body)
    assert [(cut.reason, cut.text) for cut in result.cut] == [(reason, text)]


@pytest.mark.parametrize(("body", "text"), NEWS)
def test_news_that_looks_like_noise_stays(body: list[str], text: str) -> None:
    for place in ("start", "middle", "end", "tail"):
        result = clean(_placed(body, place, text))
        assert text in "\n".join(result.paragraphs)
        assert not result.cut


@pytest.mark.parametrize(("body", "place", "reason", "text"), NOISE)
def test_cleaning_is_done_once(body: list[str], place: str, reason: str, text: str) -> None:
    once = clean(_placed(body, place, text))
    assert clean(once.paragraphs).paragraphs == once.paragraphs


_BODIES = [text for told in CASES.values() for text in told["body"]]
_OTHERS = [text for told in CASES.values() for text in (*told["news"], *(case[2] for case in told["noise"]))]


@given(
    st.lists(st.sampled_from(_BODIES), min_size=1, max_size=4),
    st.lists(st.sampled_from(_OTHERS), max_size=5),
    st.randoms(),
)
@settings(max_examples=up_to(120), deadline=None)
def test_any_mixture_keeps_the_news_invents_nothing_and_is_cleaned_once(
    bodies: list[str], others: list[str], chance: Random
) -> None:
    paragraphs = [*bodies, *others]
    chance.shuffle(paragraphs)
    once = clean(paragraphs)
    assert all(text in once.paragraphs for text in bodies)
    assert "".join(sorted("".join((*once.paragraphs, *(c.text for c in once.cut))).replace(" ", ""))) == "".join(
        sorted("".join(paragraphs).replace(" ", ""))
    )
    assert clean(once.paragraphs).paragraphs == once.paragraphs
