"""Which statements are about the same matter: told in the same words, of the same event or plan. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache

from digest.compose import sentences
from digest.compose.phrasing import bones, folded, names, stems
from digest.compose.stated import Statement
from digest.compose.voices import voice
from digest.model.article import Article
from digest.model.dates import PartialDate, Precision
from digest.model.development import Report

#: Rumours, sums and numbers of victims belong to one event; plans go on for years.
_OF_AN_EVENT = frozenset({"count", "sum", "measure", "vote", "claim", "cause", "noun"})
_EVENT_DAYS = 10.0  # stories of a storyline that are no further apart may tell one event
#: Names that two articles must share at their beginnings before a stage of one follows that of the other.
_SHARED_NAMES = 2
_LEAD = 3
_ONE_SIZE = 2  # times
#: Words that the sentences about an unlisted thing must share, and which part of the shorter one's that must be.
_SHARED_CONTEXT, _CONTEXT_SHARE, _SMALL = 4, 0.7, 4
_WORD = re.compile(r"[^\W\d_]{4,}")
_OTHER_SCRIPT = frozenset({"ru", "uk", "bg", "sr", "el", "ar", "fa"})
_BENDING = frozenset({"pl", "sl", "ru", "hr", "cs", "sk", "uk", "bg", "sr"})


@dataclass(frozen=True, slots=True)
class Said:
    """A statement and who made it, in which story."""

    statement: Statement
    article: Article
    story: int

    @property
    def matter(self) -> tuple[str, str, str]:
        return (self.statement.kind, self.statement.matter, self.statement.unit)

    @property
    def of_an_event(self) -> bool:
        """Whether the matter is one of an event, not of a whole storyline."""
        return bool({self.statement.kind, self.statement.matter} & _OF_AN_EVENT)

    @property
    def value(self) -> str:
        value = self.statement.value
        return value if isinstance(value, str) else format(value.normalize(), "f")

    def report(self) -> Report:
        a, s = self.article, self.statement
        return Report(self.value, a.id, a.publisher, a.language, a.url, s.sentence, a.published, s.rough, voice(a))


def interval(date: PartialDate) -> tuple[datetime, datetime]:
    """The first and the last day that a date can mean."""
    day = date.start.replace(hour=0, minute=0)
    if date.precision is Precision.YEAR:
        return day, day.replace(month=12, day=31)
    if date.precision is Precision.MONTH:
        return day, (day.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    return day, day


def is_fine(one: Said) -> bool:
    return one.article.published.precision.rank >= Precision.DAY.rank


def matters(every: list[Said]) -> list[list[Said]]:
    """Statements that are told in the same words, parted into those that are about the same."""
    groups: list[list[Said]] = []
    for one in every:
        mine = [group for group in groups if any(_about_the_same(one, other) for other in group)]
        groups = [group for group in groups if group not in mine]
        groups.append([*(other for group in mine for other in group), one])
    return groups


def _about_the_same(one: Said, other: Said) -> bool:
    if one.statement.kind == "noun":
        return one.story == other.story and _one_context(one, other)
    if not one.of_an_event:
        return _one_matter(one, other)
    if one.statement.kind == "measure" and not _of_one_size(one, other):
        return False
    if one.story == other.story:
        return one.statement.kind != "status" or _one_matter(one, other)
    return _days_apart(one, other) <= _EVENT_DAYS and _one_matter(one, other)


def _of_one_size(one: Said, other: Said) -> bool:
    """Measures of one thing do not differ by much; of weights one must be a guess: much is weighed in one story."""
    a, b = one.statement, other.statement
    assert isinstance(a.value, Decimal)
    assert isinstance(b.value, Decimal)
    guessed = bool(a.rough or b.rough) or a.matter != "weight"
    return guessed and max(a.value, b.value) <= _ONE_SIZE * min(a.value, b.value)


def _days_apart(one: Said, other: Said) -> float:
    a, b = interval(one.article.published), interval(other.article.published)
    return max(0.0, (b[0] - a[1]).total_seconds(), (a[0] - b[1]).total_seconds()) / 86400


def _one_matter(one: Said, other: Said) -> bool:
    a, b = _names(one, other), _names(other, one)
    return len(a.begin & b.begin) >= _SHARED_NAMES and bool(a.said & b.begin or b.said & a.begin)


@dataclass(frozen=True, slots=True)
class _Names:
    """Who is named where an article begins, and in its statement."""

    begin: frozenset[str]
    said: frozenset[str]


def _names(one: Said, other: Said) -> _Names:
    """Spelt so that they can be found in another article, in its language."""
    tongues = (one.article.language, other.article.language)
    if tongues[0] != tongues[1] and not _OTHER_SCRIPT.isdisjoint(tongues):
        spell = bones
    else:
        spell = names if _BENDING.isdisjoint(tongues) else stems
    begin = spell(_beginning(one.article))
    return _Names(begin, spell(one.statement.sentence) or begin)


def _one_context(one: Said, other: Said) -> bool:
    """Whether two sentences of one language tell the same of what they count."""
    a, b = _context(one.statement.sentence), _context(other.statement.sentence)
    shared = a & b - _context(one.statement.matter)
    return len(shared) >= _SHARED_CONTEXT and len(shared) >= _CONTEXT_SHARE * min(len(a), len(b))


@lru_cache(maxsize=4096)
def _context(text: str) -> frozenset[str]:
    return frozenset(folded(m.group())[:6] for m in _WORD.finditer(text) if len(m.group()) > _SMALL)


def beginning(article: Article) -> frozenset[str]:
    return names(_beginning(article))


def _beginning(article: Article) -> str:
    return " ".join((article.title, *sentences.of(article)[:_LEAD]))
