"""How much an article's words say for each default topic."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from digest.group import lexicon
from digest.group.vocabulary import Term, terms
from digest.group.words import Token, plain_stem, token_list
from digest.model.article import Article

#: What a word counts by where it stands: in a given title, about the first two sentences, further on.
_TITLE = 2.0
_OPENING = 1.5
_FURTHER = 1.0
_OPENING_WORDS = 45
#: A word with a capital where none is due is part of a name: it says less.
_IN_NAME = 0.6
#: A number this many words before a currency is an amount of it: `40 million euros`, `40 millions d'euros`.
_AMOUNT = 3
#: In German nouns have capitals.
_CAPITAL_NOUNS = frozenset({"de"})


@dataclass(slots=True)
class _Told:
    """One word in all its forms: its weight, and how often it is told, weighed by place."""

    weight: float
    places: float = 0.0
    forms: dict[str, None] = field(default_factory=dict)

    @property
    def value(self) -> float:
        """Each further time says less."""
        return self.weight * (math.log1p(self.places) / math.log(2.0))


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for one topic: how much, and the words, the most telling ones first."""

    weight: float
    words: tuple[str, ...]


def weigh(article: Article) -> dict[str, Evidence]:
    """The evidence for each topic that has any."""
    language = article.language
    told: dict[str, dict[str, _Told]] = {}
    # A derived title is a sentence of the text, and counts there.
    if article.title_given:
        title = token_list(article.title, language)
        _tell(told, ((term, _TITLE) for term in _terms(title, language)), language)
    text = token_list(article.text, language)
    _tell(told, ((term, _place(term, language)) for term in _terms(text, language)), language)
    return {topic: _sum(words.values()) for topic, words in told.items()}


def _terms(words: Sequence[Token], language: str) -> Iterator[Term]:
    """All but prices: `40 million euros` says nothing about business."""
    money = lexicon.currencies(language)
    for term in terms(words, language):
        near = words[max(0, term.at - _AMOUNT) : term.at + 2]
        if not (term.text.lower() in money and any(token.number for token in near)):
            yield term


def _place(term: Term, language: str) -> float:
    place = _OPENING if term.at < _OPENING_WORDS else _FURTHER
    return place * _IN_NAME if term.name and language not in _CAPITAL_NOUNS else place


def _tell(told: dict[str, dict[str, _Told]], found: Iterable[tuple[Term, float]], language: str) -> None:
    for term, place in found:
        word = " ".join(plain_stem(part, language) for part in term.text.split())
        # One of several concepts of a topic is enough.
        best: dict[str, float] = {}
        for sense in term.senses:
            if not sense.topic:
                continue
            best[sense.topic] = max(best.get(sense.topic, 0.0), sense.weight)
        for topic, weight in best.items():
            entry = told.setdefault(topic, {}).setdefault(word, _Told(weight))
            entry.weight = max(entry.weight, weight)
            entry.places += place
            entry.forms[term.text.lower()] = None


def _sum(words: Iterable[_Told]) -> Evidence:
    heaviest = sorted(words, key=lambda w: (-round(w.value, 6), next(iter(w.forms))))
    return Evidence(sum(w.value for w in heaviest), tuple(next(iter(w.forms)) for w in heaviest))
