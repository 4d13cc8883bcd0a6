"""Each sentence of the sample articles: as it stands it holds, with another number or an invented name it does not."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from digest.compose import sentences
from digest.compose.holds import LONGEST, why_not
from digest.ingest.language import detect
from digest.model.article import Article
from digest.pipeline.knowledge import knowledge
from tests.support.making import article

KNOWN = knowledge(("nl", "de", "it", "en", "fr", "es", "pl", "ar"))


@cache
def _seeds() -> list[tuple[str, Article]]:
    """Sentences of the sample articles, each with its article."""
    found = []
    for path in sorted((Path(__file__).resolve().parents[2] / "seeds").glob("*.txt")):
        _, _, text = path.read_text(encoding="utf-8").split(" ", 2)
        language = detect(text)
        made = replace(article(1, "x", language=language), paragraphs=tuple(text.split("\n\n")), title="")
        found += [(s, made) for s in sentences.of(made) if sentences.length(s) <= LONGEST]
    return found


def test_an_articles_own_sentences_hold_in_it() -> None:
    told = _seeds()
    refused = [s for s, made in told if why_not(s, made.language, [made], KNOWN)]
    assert len(told) > 400
    assert len(refused) <= len(told) // 100, refused


def test_a_changed_number_never_holds() -> None:
    changed = 0
    for sentence, made in _seeds():
        digits = re.search(r"(?<![\w.,])\d{2,4}(?![\w.,]|-)", sentence)
        if digits is None:
            continue
        other = str(int(digits[0]) + 37)
        if other in made.text:
            continue
        changed += 1
        wrong = sentence[: digits.start()] + other + sentence[digits.end() :]
        assert why_not(wrong, made.language, [made], KNOWN), wrong
    assert changed > 80


@pytest.mark.parametrize("name", ["Lindqvist", "Oberholzer", "Van Wijk", "Sørensen", "O'Donnell"])
def test_an_invented_name_never_holds(name: str) -> None:
    tried = 0
    for sentence, made in _seeds():
        # After the first word, and not next to what would make it part of another name.
        words = sentence.split()
        if len(words) < 4 or name in made.text:
            continue
        tried += 1
        wrong = " ".join((*words[:2], name, *words[2:]))
        assert why_not(wrong, made.language, [made], KNOWN), wrong
        assert why_not(f"{name} {words[0].lower()} {' '.join(words[1:])}", made.language, [made], KNOWN)
    assert tried > 400
