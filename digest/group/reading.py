"""An article as topics' rules look at it: its words, found by form, by stem, by beginning and by end.

It is read once, whatever the number of topics.
"""

from __future__ import annotations

import bisect
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import NamedTuple

from digest.group.features import extract
from digest.group.name_forms import spellings
from digest.group.words import arabic_stem, fold, plain_stem, tokens
from digest.model.article import Article

_EVERYTHING = 1_000_000
_ARABIC = "ar"


class Term(NamedTuple):
    """A word as it is compared: folded; its stem; and the stem of what it is without accents."""

    form: str
    stem: str
    bare: str


@lru_cache(maxsize=65536)
def term(word: str, language: str) -> Term:
    """Where we have no stemmer for a language, the stem is the word."""
    form = fold(word)
    if language == _ARABIC:
        stem = fold(arabic_stem(word))
        return Term(form, stem, stem)
    stem = fold(plain_stem(word, language))
    return Term(form, stem, stem if word.isascii() else fold(plain_stem(form, language)))


def terms(text: str, language: str) -> tuple[Term, ...]:
    return tuple(term(token.text, language) for token in tokens(text, language, limit=_EVERYTHING))


class Passage:
    """A title or a text. Places count its words."""

    def __init__(self, text: str, language: str) -> None:
        self.words = [token.text for token in tokens(text, language, limit=_EVERYTHING)]
        self.terms = [term(word, language) for word in self.words]
        self._forms: dict[str, list[int]] = {}
        self._stems: dict[str, list[int]] = {}
        self._bare: dict[str, list[int]] = {}
        for place, (form, stem, bare) in enumerate(self.terms):
            self._forms.setdefault(form, []).append(place)
            self._stems.setdefault(stem, []).append(place)
            self._bare.setdefault(bare, []).append(place)

    def has(self, wanted: Term) -> bool:
        return wanted.form in self._forms or wanted.stem in self._stems or wanted.bare in self._bare

    def phrases(self, wanted: Sequence[Term], *, exact: bool) -> Iterator[str]:
        """Where these words stand side by side: what stands there."""
        first, size = wanted[0], len(wanted)
        places = self._forms.get(first.form, ()) if exact else self._places(first)
        for place in places:
            here = self.terms[place : place + size]
            if len(here) == size and all(map(_same_form if exact else _same_word, here, wanted)):
                yield " ".join(self.words[place : place + size])

    def _places(self, wanted: Term) -> list[int]:
        found = (self._forms.get(wanted.form, ()), self._stems.get(wanted.stem, ()), self._bare.get(wanted.bare, ()))
        return sorted({place for places in found for place in places})

    def starting(self, start: str) -> Iterator[str]:
        return (self._shown(form) for form in _with_prefix(self._sorted, start))

    def ending(self, end: str) -> Iterator[str]:
        return (self._shown(form[::-1]) for form in _with_prefix(self._reversed, end[::-1]))

    def _shown(self, form: str) -> str:
        return self.words[self._forms[form][0]]

    @cached_property
    def _sorted(self) -> list[str]:
        return sorted(self._forms)

    @cached_property
    def _reversed(self) -> list[str]:
        return sorted(form[::-1] for form in self._forms)


def _same_form(one: Term, other: Term) -> bool:
    return one.form == other.form


def _same_word(one: Term, other: Term) -> bool:
    return one.form == other.form or one.stem == other.stem or one.bare == other.bare


def _with_prefix(words: Sequence[str], prefix: str) -> Iterator[str]:
    for i in range(bisect.bisect_left(words, prefix), len(words)):
        if not words[i].startswith(prefix):
            return
        yield words[i]


class Reading:
    """`default_topics` tells which default topics the article has, and why; it is asked once, if at all."""

    def __init__(self, article: Article, default_topics: Callable[[], Mapping[str, str]]) -> None:
        self.article = article
        self.language = article.language
        self._default_topics = default_topics

    @cached_property
    def passages(self) -> Mapping[str, tuple[Passage, ...]]:
        """By field; the empty one is title and text."""
        title = Passage(self.article.title, self.language)
        text = Passage(self.article.text, self.language)
        return {"": (title, text), "title": (title,), "text": (text,)}

    @cached_property
    def names(self) -> Mapping[str, str]:
        """Spelling -> the name as the grouping found it."""
        found: dict[str, str] = {}
        for name in extract(self.article).names:
            for spelt in spellings(name, self.language):
                found.setdefault(spelt, name)
        return found

    @cached_property
    def default_topics(self) -> Mapping[str, str]:
        """Topic -> what spoke for it."""
        return self._default_topics()

    @cached_property
    def source(self) -> str:
        return as_a_whole(self.article.source)

    @cached_property
    def publisher(self) -> str:
        return as_a_whole(self.article.publisher)


def as_a_whole(name: str) -> str:
    """A source's or publisher's name for comparison."""
    return " ".join(fold(name).split())
