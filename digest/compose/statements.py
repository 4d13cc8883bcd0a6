"""What single sentences state: numbers of something, sums, years, stages. Pure.

Told by the words of data/developments.toml. Where a sentence can be read in two ways it states nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from digest.compose import sentences
from digest.compose.figures import calendar
from digest.compose.phrasing import Number, Sentence, names, phrases_in
from digest.model.article import Article

_CURRENCIES = frozenset({"EUR", "USD", "GBP", "CHF", "PLN", "KR", "JPY"})
_NEAR = 8  # words between a number of people and what became of them
_AROUND = 6  # words between a year and what it is the year of
_GROUPS = frozenset({"attendance", "thieves", "strikers"})  # people, of whom something else may be told
_NOUN = 4  # letters
#: How a word for several things may end.
_PLURAL = {
    "en": ("s",), "nl": ("en", "s"), "de": ("n", "e", "er", "s"), "fr": ("s", "x"), "es": ("s",), "pt": ("s",),
    "it": ("i", "e"), "sv": ("r", "n"),
}  # fmt: skip
_LEAD = 3  # sentences, besides the title, in which a stage is believed
_YEARS = range(1990, 2101)


@dataclass(frozen=True, slots=True)
class Statement:
    """One article's word on one matter. `value`: a number, or the name of a stage.

    `kind` is count, sum, year, status, or noun for what has no list of words; then `matter` is the word behind the
    number, and `unit` the language. `order`: where in the article, counted in sentences. `strangers`: names in the
    sentence that the article's beginning does not know: unless the story does, it is told of something else.
    """

    kind: str
    matter: str
    value: Decimal | str
    unit: str
    rough: str
    sentence: str
    order: int
    strangers: frozenset[str] = frozenset()


@lru_cache(maxsize=8192)
def statements(article: Article) -> tuple[Statement, ...]:
    """Everything that an article states, in its order; of each matter at most one."""
    texts = [text for text in (" ".join(article.title.split()), *sentences.of(article)) if text]
    if len(texts) > 1 and texts[1].startswith(texts[0].rstrip("….")):
        texts = texts[1:]
    begin = names(" ".join(texts[: _LEAD + 1]))
    found: list[Statement] = []
    for order, text in enumerate(texts):
        if _tells_of_the_past(text, article):
            continue
        sentence = Sentence(text, article.language)
        found += _counts(sentence, order, article.language)
        found += _sums(sentence, order)
        found += _starts(sentence, order, article.published.start.year)
        if order <= _LEAD:
            found += _stages(sentence, order)
    return tuple(replace(s, strangers=_strangers(s, article.language, begin)) for s in _settled(found))


def _strangers(said: Statement, language: str, begin: frozenset[str]) -> frozenset[str]:
    """Who is named, where it is several of whom the beginning of the article knows nobody."""
    if said.order <= _LEAD:
        return frozenset()
    plain = list(said.sentence)
    for start, end in calendar(said.sentence, language).spans:
        plain[start:end] = " " * (end - start)
    named = names("".join(plain))
    return named if len(named) > 1 and not named & begin else frozenset()


def _tells_of_the_past(text: str, article: Article) -> bool:
    """Whether a year before the article's own is named: the numbers may be of then."""
    years = [int(year) for year in re.findall(r"\b(?:19|20)\d\d\b", text)]
    return any(year < article.published.start.year for year in years)


def _settled(found: list[Statement]) -> list[Statement]:
    """Of each matter the first; none where the beginning of the article has two different ones."""
    kept: dict[tuple[str, str, str], Statement] = {}
    unclear: set[tuple[str, str, str]] = set()
    for statement in found:
        key = (statement.kind, statement.matter, statement.unit)
        first = kept.setdefault(key, statement)
        near = statement.order - first.order <= 1 or statement.order <= _LEAD
        if first.value != statement.value and near and not first.rough and not statement.rough:
            unclear.add(key)
    return [s for key, s in kept.items() if key not in unclear]


# --- numbers of something -------------------------------------------------------------------------


def _counts(s: Sentence, order: int, language: str) -> Iterator[Statement]:
    for number in s.numbers:
        whole = number.value > 0 and number.value == number.value.to_integral_value()
        if number.unit or not whole or s.is_former(number) or s.is_addition(number):
            continue
        if matter := _counted(s, number) or _risen(s, number):
            yield Statement("count", matter, number.value, "", s.rough(number), s.text, order)
        elif (noun := _noun(s, number, language)) and not _is_part(s, number):
            yield Statement("noun", noun, number.value, language, s.rough(number), s.text, order)


def _noun(s: Sentence, number: Number, language: str) -> str | None:
    """The word right behind a number, where it can be what is counted."""
    word = s.tokens[number.end] if number.end < len(s.tokens) else ""
    if word not in s.text:
        return None  # with a capital: a name, a month
    small = any(s.lexicon.has(name, word) for name in ("filler", "person", "break", "time", "after", "more"))
    several = number.value > 1 and len(word) >= _NOUN and word.isalpha() and word.endswith(_PLURAL.get(language, ()))
    return word if several and not small else None


def _counted(s: Sentence, number: Number) -> str | None:
    """What a number counts: the matter whose word follows it."""
    people = False
    for at in range(number.end, min(len(s.tokens), number.end + _NEAR)):
        if s.is_number(at):
            return None
        if matter := next((name for name, _ in s.lexicon.count.at(s.tokens, at)), None):
            return None if _is_part(s, number) or (matter in _GROUPS and _told_of(s, at)) else matter
        token = s.tokens[at]
        if not token[0].isalnum() or s.lexicon.has("break", token) or s.lexicon.has("time", token):
            return None
        people = people or (at == number.end and s.lexicon.has("person", token))
        if not people and not s.lexicon.has("filler", token):
            return None
    return None


def _is_part(s: Sentence, number: Number) -> bool:
    """A man and two women: the number is of some of those that were counted."""
    people = number.end < len(s.tokens) and s.lexicon.has("person", s.tokens[number.end])
    return people and number.first > 0 and s.lexicon.has("part", s.tokens[number.first - 1])


def _told_of(s: Sentence, at: int) -> bool:
    """Whether something else is said of a group of people: 400 protesters were arrested."""
    after = range(at + 1, min(len(s.tokens), at + _AROUND))
    return any(name not in _GROUPS for i in after for name, _ in s.lexicon.count.at(s.tokens, i))


def _risen(s: Sentence, number: Number) -> str | None:
    """The matter of a word before the number which has come to it, with nothing counted behind it.

    Of a toll nothing else is said; of another word it must be said that it rose or fell to the number.
    """
    behind = s.tokens[number.end] if number.end < len(s.tokens) else "."
    if behind[0].isalnum() and not s.lexicon.has("after", behind):
        return None
    starts = range(max(0, number.first - 4), number.first)
    has_risen = any(s.lexicon.at("rise", s.tokens, start) == number.first for start in starts)
    for start in range(number.first - 1, max(-1, number.first - _NEAR - 1), -1):
        token = s.tokens[start]
        if s.is_number(start) or not token[0].isalnum():
            return None
        for index in (s.lexicon.toll, s.lexicon.count)[: 1 + has_risen]:
            for matter, end in index.at(s.tokens, start):
                if end <= number.first:
                    return matter
    return None


# --- sums and years -------------------------------------------------------------------------------


def _sums(s: Sentence, order: int) -> Iterator[Statement]:
    money = [n for n in s.numbers if n.unit in _CURRENCIES]
    named = list(phrases_in(s, s.lexicon.sum))
    for number in money:
        matters = {matter for matter, at, end in named if _same_segment(s, number.first, at)}
        if not matters and len(money) == 1:
            matters = {matter for matter, _, _ in named}
        if len(matters) == 1 and not s.is_former(number) and not s.is_addition(number):
            yield Statement("sum", matters.pop(), number.value, number.unit, s.rough(number), s.text, order)


def _same_segment(s: Sentence, one: int, other: int) -> bool:
    return any(a <= one < b and a <= other < b for a, b in s.segments())


def _starts(s: Sentence, order: int, published: int) -> Iterator[Statement]:
    for number in s.numbers:
        if number.unit or number.value not in _YEARS or number.value < published or s.is_former(number):
            continue
        before = s.tokens[number.first - 1] if number.first else ""
        if s.lexicon.has("former", before):
            continue
        near = {matter for matter, at, _ in phrases_in(s, s.lexicon.year) if abs(at - number.first) <= _AROUND}
        if near:
            yield Statement("year", near.pop(), number.value, "", "", s.text, order)


# --- stages ---------------------------------------------------------------------------------------


def _stages(s: Sentence, order: int) -> Iterator[Statement]:
    by_axis: dict[str, set[str]] = {}
    for name, at, end in phrases_in(s, s.lexicon.status):
        axis, stage = name.split(".")
        around = [*range(max(0, at - 3), at), *range(end, min(len(s.tokens), end + 2))]
        negated = any(s.lexicon.at("negation", s.tokens, i) for i in around)
        counted = any(s.is_number(i) for i in range(max(0, at - 4), at))
        former = any(s.lexicon.at("former", s.tokens, i) for i in range(max(0, at - 4), at))
        if not (negated or former or (counted and axis == "claim")):
            by_axis.setdefault(axis, set()).add(stage)
    for axis, stages in by_axis.items():
        if len(stages) == 1:
            yield Statement("status", axis, stages.pop(), "", "", s.text, order)
