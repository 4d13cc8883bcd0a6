"""A stream of made-up news for measuring speed: any number of articles, with a vocabulary that grows as that of news.

Sentences of real articles are taken apart and put together anew. Each event has a cast of invented names, a set of
sentences, numbers and words of its own, which its articles share in part; besides, old names and words come back as
often as they are old. What comes out reads like nonsense and counts like news. Made from a seed: the same every time.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from digest.compose import sentences
from digest.group import lexicon
from digest.group.words import fold
from digest.ingest.signature import signature
from digest.model.article import Article
from digest.model.dates import PartialDate, Precision

DAYS = 60
CHARACTERS = 2000
#: English is as frequent as this, the other languages share the rest.
_ENGLISH = 0.3
#: Languages with fewer sentences to draw from are left out.
_LEAST = 12
#: Of an article's sentences so many are its event's; of its words of five letters and more, so many are others than
#: in the sentence that it was made from, and of those so many were never used before.
_OWN_SENTENCES, _OTHER_WORDS, _NEW_WORDS = 0.6, 0.4, 0.03
#: How often a name in a sentence becomes one of the event's, one that is often in the news, or stays.
_CAST, _FREQUENT = 0.55, 0.3
_TOKEN = re.compile(r"\w+")
_BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
_ONSETS = ("b", "br", "d", "f", "g", "gr", "h", "k", "kr", "l", "m", "n", "p", "r", "s", "st", "t", "tr", "v", "z")
_RIMES = ("a", "an", "ar", "e", "el", "en", "er", "i", "in", "o", "ol", "on", "or", "u", "un", "ai", "eu", "ia")


@dataclass(frozen=True, slots=True)
class _Event:
    number: int
    language: str
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Sentence:
    """`words`: places of words that can be another; `names`: of names; `numbers`: of figures."""

    pieces: tuple[str, ...]
    words: tuple[int, ...]
    names: tuple[int, ...]
    numbers: tuple[int, ...]


class World:
    """What the articles are made from. `events`: how many the stream asked for last tells of."""

    events = 0

    def __init__(self, articles: Sequence[Article]) -> None:
        found: dict[str, list[_Sentence]] = {}
        for article in articles:
            for text in sentences.of(article):
                found.setdefault(article.language, []).append(_taken_apart(text, article.language))
        self._sentences = {name: kept for name, kept in sorted(found.items()) if len(kept) >= _LEAST}
        chance = random.Random(0)
        self._frequent = [_name(chance) for _ in range(400)]
        self._frequency = [1 / (rank + 5) for rank in range(len(self._frequent))]
        self._words: Mapping[str, list[str]] = {
            name: sorted({s.pieces[i] for s in kept for i in s.words}) for name, kept in self._sentences.items()
        }

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(self._sentences)

    def stream(self, size: int) -> Iterator[Article]:
        """Articles by date, numbered from 1, spread over DAYS days; each is made when it is asked for."""
        plan = self._plan(size, random.Random(1))
        self.events = len({event for _, event, _ in plan})
        return (self._article(number, *planned) for number, planned in enumerate(plan, 1))

    def _plan(self, size: int, chance: random.Random) -> list[tuple[int, _Event, str]]:
        """When what is told: few events are told by many, most by one to three."""
        names = list(self._sentences)
        shares = [_ENGLISH if n == "en" else (1 - _ENGLISH) / max(1, len(names) - 1) for n in names]
        plan: list[tuple[int, _Event, str]] = []
        number = 0
        while len(plan) < size:
            number += 1
            home, *others = chance.choices(names, shares, k=3)
            event = _Event(number, home, tuple(others) if chance.random() < 0.3 else ())
            begin = chance.randrange(DAYS * 1440)
            for _ in range(min(80, int(chance.paretovariate(1.1)), size - len(plan))):
                language = chance.choice(event.others) if event.others and chance.random() < 0.5 else home
                plan.append((begin + int(chance.expovariate(1 / 1440)), event, language))
        return sorted(plan, key=lambda p: p[0])

    def _article(self, number: int, minute: int, event: _Event, language: str) -> Article:
        own = random.Random(f"event {event.number}")
        cast = [_name(own) for _ in range(8)]
        figures = [str(own.randrange(11, 9000)) for _ in range(4)]
        pool = self._sentences[language]
        of_event = random.Random(f"event {event.number} in {language}").sample(pool, min(14, len(pool)))
        chance = random.Random(f"article {number}")
        told: list[str] = []
        length = 0
        while length < CHARACTERS:
            base = chance.choice(of_event if chance.random() < _OWN_SENTENCES else pool)
            told.append(self._retold(base, cast, figures, language, event.number, number, chance))
            length += len(told[-1]) + 1
        text = " ".join(told)[:CHARACTERS]
        title = " ".join([cast[0], *told[0].split()[:9]])
        return Article(
            source="made up",
            title=title,
            title_given=True,
            paragraphs=(text,),
            language=language,
            published=PartialDate(_BEGIN + timedelta(minutes=minute), Precision.MINUTE),
            publisher="",
            url=None,
            content_hash="",
            signature=signature(f"{title}\n{text}"),
            identity=f"id:{number}",
            id=number,
        )

    def _retold(
        self,
        base: _Sentence,
        cast: Sequence[str],
        figures: Sequence[str],
        language: str,
        event: int,
        article: int,
        chance: random.Random,
    ) -> str:
        pieces = list(base.pieces)
        words = self._words[language]
        for i in base.words:
            # The same word becomes the same other word throughout an event.
            fate = hash_of(f"{event} {pieces[i]}")
            if fate % 1000 < 1000 * _OTHER_WORDS:
                new = chance.random() < _NEW_WORDS
                pieces[i] = _word(random.Random(f"{article} {i}")) if new else words[fate // 1000 % len(words)]
        for i in base.names:
            lot = chance.random()
            if lot < _CAST:
                pieces[i] = chance.choice(cast)
            elif lot < _CAST + _FREQUENT:
                pieces[i] = chance.choices(self._frequent, self._frequency)[0]
        for i in base.numbers:
            pieces[i] = chance.choice(figures)
        return "".join(pieces)


def hash_of(text: str) -> int:
    """Python's own hash is another one in each process."""
    value = 2166136261
    for byte in text.encode():
        value = (value ^ byte) * 16777619 & 0xFFFFFFFF
    return value


def _taken_apart(text: str, language: str) -> _Sentence:
    pieces: list[str] = []
    words, names, numbers = [], [], []
    end = 0
    for found in _TOKEN.finditer(text):
        pieces += [text[end : found.start()], found[0]]
        end = found.end()
        word, at = found[0], len(pieces) - 1
        if word.isdigit():
            numbers.append(at)
        elif word[0].isupper() and at > 1 and not (language == "de" and lexicon.is_german_noun(fold(word))):
            names.append(at)
        elif word.islower() and len(word) >= 5:
            words.append(at)
    return _Sentence((*pieces, text[end:]), tuple(words), tuple(names), tuple(numbers))


def _word(chance: random.Random) -> str:
    return "".join(chance.choice(_ONSETS) + chance.choice(_RIMES) for _ in range(chance.randint(2, 4)))


def _name(chance: random.Random) -> str:
    return _word(chance).capitalize()
