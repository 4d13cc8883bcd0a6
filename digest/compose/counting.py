"""Numbers that a sentence tells of something: people, sums, measures, votes, years. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from digest.compose.clauses import ANY, COMING, COSTS, DENIAL, Span, asserted
from digest.compose.figures import calendar
from digest.compose.phrasing import Number, Sentence, phrases_in, units
from digest.compose.stated import Statement

_CURRENCIES = frozenset({"EUR", "USD", "GBP", "CHF", "PLN", "KR", "JPY", "RUB"})
_NEAR = 8  # words between a number of people and what became of them
_AROUND = 6  # words between a year and what it is the year of
_GROUP = 6  # words between people and what is told of them
_GROUPS = frozenset({"attendance", "thieves", "strikers"})  # people, of whom something else may be told
_NOUN = 4  # letters
#: How a word for several things may end.
_PLURAL = {
    "en": ("s",), "nl": ("en", "s"), "de": ("n", "e", "er", "s"), "fr": ("s", "x"), "es": ("s",), "pt": ("s",),
    "it": ("i", "e"), "sv": ("r", "n"),
}  # fmt: skip
_YEARS = range(1990, 2101)
_FIRST = 1  # sentences in which "one dead" is a number
_SUM_AT_LEAST = 100_000  # of what may be money without saying so: "six million a year"
_VOTES = range(2, 2000)
_BETWEEN = 3  # words between the votes on both sides
_DASHES = frozenset("-–—:")
_WEIGHTS = {Decimal("1"): "kg", Decimal("0.001"): "g", Decimal("1000"): "t"}
_MEASURED = {"height": "m", "area": "ha"}
_MAGNITUDES = (Decimal(3), Decimal(10))


# --- numbers of something -------------------------------------------------------------------------


def counts(s: Sentence, order: int, language: str) -> Iterator[Statement]:
    told: set[str] = set()
    dated = _dated(s, language)
    for number in s.numbers:
        whole = number.value > 0 and number.value == number.value.to_integral_value()
        if number.unit or not whole or s.is_former(number) or number.first in dated:
            continue
        matter, words = _counted(s, number) or _risen(s, number) or ("", None)
        # "Two died and 19 others fell ill": those are all the ill; "two others died" adds to others.
        if s.is_addition(number) and (not told or not matter or matter in told):
            continue
        if matter:
            if asserted(s, (number.first, number.end), words):
                told.add(matter)
                yield Statement("count", matter, number.value, "", s.rough(number), s.text, order)
        elif (noun := _noun(s, number, language)) and not _is_part(s, number) and _is_so(s, number):
            yield Statement("noun", noun, number.value, language, s.rough(number), s.text, order)
    yield from _without_numbers(s, order)


def _is_so(s: Sentence, number: Number) -> bool:
    """Whether what stands right behind the number is told as so."""
    return asserted(s, (number.first, number.end), (number.end, number.end + 1), despite=COSTS)


def _dated(s: Sentence, language: str) -> set[int]:
    """Tokens of dates and years."""
    spans = calendar(s.text, language).day_spans
    days = {i for i, start in enumerate(s.starts) if any(a <= start < b for a, b in spans)}
    years = (n for n in s.numbers if n.value in _YEARS and s.tokens[n.first].isdecimal() and n.end == n.first + 1)
    return days | {n.first for n in years}


def _without_numbers(s: Sentence, order: int) -> Iterator[Statement]:
    """One dead; the third victim: so many there are by then."""
    if order <= _FIRST:
        for matter, at, end in phrases_in(s, s.lexicon.single):
            around = [at - 1, end, *((at - 2,) if at > 1 else ())]
            added = any(0 <= i < len(s.tokens) and s.lexicon.at("more", s.tokens, i) for i in around)
            if not added and asserted(s, None, (at, end)):
                rough = s.rough(Number(at, end, Decimal(1), ""))
                yield Statement("count", matter, Decimal(1), "", rough, s.text, order)
    for matter, at, end in phrases_in(s, s.lexicon.nth):
        if at and (place := s.lexicon.order.get(s.tokens[at - 1])) and asserted(s, None, (at, end)):
            yield Statement("count", matter, Decimal(place), "", "", s.text, order)


def _noun(s: Sentence, number: Number, language: str) -> str | None:
    """The word right behind a number, where it can be what is counted."""
    word = s.tokens[number.end] if number.end < len(s.tokens) else ""
    if word not in s.text:
        return None  # with a capital: a name, a month
    small = any(s.lexicon.has(name, word) for name in ("filler", "person", "break", "time", "after", "more"))
    several = number.value > 1 and len(word) >= _NOUN and word.isalpha() and word.endswith(_PLURAL.get(language, ()))
    return word if several and not small else None


def _counted(s: Sentence, number: Number) -> tuple[str, Span] | None:
    """What a number counts: the matter whose word follows it, and where that stands."""
    people = False
    for at in range(number.end, min(len(s.tokens), number.end + _NEAR)):
        if s.is_number(at):
            return None
        if found := next(s.lexicon.count.at(s.tokens, at), None):
            matter, end = found
            return None if _is_part(s, number) or (matter in _GROUPS and _told_of(s, at)) else (matter, (at, end))
        token = s.tokens[at]
        if not token[0].isalnum() or s.lexicon.has("break", token) or s.lexicon.has("time", token):
            return None
        people = people or (at == number.end and s.lexicon.has("person", token))
        if (
            not people
            and not s.lexicon.has("filler", token)
            and not (at == number.end and s.lexicon.has("more", token))
        ):
            return None
    return None


def _is_part(s: Sentence, number: Number) -> bool:
    """A man and two women: the number is of some of those that were counted."""
    people = number.end < len(s.tokens) and s.lexicon.has("person", s.tokens[number.end])
    return people and number.first > 0 and s.lexicon.has("part", s.tokens[number.first - 1])


def _told_of(s: Sentence, at: int) -> bool:
    """Whether something else is said of a group of people: 400 protesters were arrested."""
    after = range(at + 1, min(len(s.tokens), at + _GROUP))
    return any(name not in _GROUPS for i in after for name, _ in s.lexicon.count.at(s.tokens, i))


def _risen(s: Sentence, number: Number) -> tuple[str, Span] | None:
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
                    return matter, (start, end)
    return None


# --- sums and years -------------------------------------------------------------------------------


def sums(s: Sentence, order: int) -> Iterator[Statement]:
    money = [n for n in s.numbers if n.unit in _CURRENCIES]
    named = list(phrases_in(s, s.lexicon.sum))
    for number in money:
        near = [phrase for phrase in named if _same_segment(s, number.first, phrase[1])]
        if not near and len(money) == 1:
            near = named
        yield from _sum(s, number, near, order)
    if not money:
        # Six million a season: of the currency that others name.
        for number in s.numbers:
            if not number.unit and number.value >= _SUM_AT_LEAST:
                yield from _sum(s, number, [phrase for phrase in named if phrase[1] == number.end], order)


def _sum(s: Sentence, number: Number, near: list[tuple[str, int, int]], order: int) -> Iterator[Statement]:
    """Nothing where several things are named that it may be the sum of."""
    if len({matter for matter, _, _ in near}) != 1 or s.is_former(number) or s.is_addition(number):
        return
    place = (number.first, number.end)
    if all(asserted(s, place, (at, end), despite=COSTS, behind=ANY, late=True) for _, at, end in near):
        yield Statement("sum", near[0][0], number.value, number.unit, s.rough(number), s.text, order)


def _same_segment(s: Sentence, one: int, other: int) -> bool:
    return any(a <= one < b and a <= other < b for a, b in s.segments())


def starts(s: Sentence, order: int, published: int) -> Iterator[Statement]:
    moved = any(name == "plan.postponed" for name, _, _ in phrases_in(s, s.lexicon.status))
    if not moved and any(s.is_left(n) for n in s.numbers):
        return  # from one year to another: it lasts
    for number in s.numbers:
        if number.unit or number.value not in _YEARS or number.value < published or s.is_former(number):
            continue
        before = s.tokens[number.first - 1] if number.first else ""
        if s.lexicon.has("former", before):
            continue
        places = [number.first, *_denied_years(s, number)]
        near = [
            (min(abs(at - place) for place in places), matter, (at, end))
            for matter, at, end in phrases_in(s, s.lexicon.year)
        ]
        nearest = [found for found in near if found[0] == min(near)[0] <= _AROUND]
        if len({matter for _, matter, _ in nearest}) != 1:
            continue
        _, matter, words = nearest[0]
        if asserted(s, (number.first, number.end), words, despite=COMING, late=True):
            yield Statement("year", matter, number.value, "", "", s.text, order)


def _denied_years(s: Sentence, number: Number) -> list[int]:
    """Tokens of the years that another one takes the place of: "not open in 2026 but is planned for 2027"."""
    before = [n for n in s.numbers if n.value in _YEARS and 0 < number.first - n.first <= _AROUND]
    return [n.first for n in before if not asserted(s, (n.first, n.end), despite=COMING, late=True)]


# --- measures and votes ---------------------------------------------------------------------------


def measures(s: Sentence, order: int) -> Iterator[Statement]:
    words = {matter for matter, _, _ in phrases_in(s, s.lexicon.measure)}
    for number in s.numbers:
        if s.is_former(number) or s.is_addition(number) or number.unit or not _is_so(s, number):
            continue
        before = range(max(0, number.first - 3), number.first)
        if any(s.lexicon.at("magnitude", s.tokens, i) == number.first for i in before):
            if _MAGNITUDES[0] <= number.value < _MAGNITUDES[1]:
                yield Statement("measure", "magnitude", number.value, "", s.rough(number), s.text, order)
            continue
        matter, factor = units().get(s.tokens[number.end] if number.end < len(s.tokens) else "", ("", Decimal(1)))
        if matter == "weight":
            yield Statement("measure", matter, number.value, _WEIGHTS[factor], s.rough(number), s.text, order)
        elif matter in words:
            yield Statement("measure", matter, number.value * factor, _MEASURED[matter], s.rough(number), s.text, order)


def votes(s: Sentence, order: int) -> Iterator[Statement]:
    """How many were for it, and how many against."""
    if not any(s.lexicon.at("votes", s.tokens, i) for i in range(len(s.tokens))):
        return
    for one, other in zip(s.numbers, s.numbers[1:], strict=False):
        between = range(one.end, other.first)
        if one.unit or other.unit or not 0 < len(between) <= _BETWEEN:
            continue
        joined = any(s.tokens[i] in _DASHES or s.lexicon.at("against", s.tokens, i) == other.first for i in between)
        real = one.value in _VOTES and other.value in _VOTES
        # What was rejected was voted on.
        if joined and real and all(asserted(s, (n.first, n.end), despite=DENIAL) for n in (one, other)):
            yield Statement("vote", "vote", f"{one.value}–{other.value}", "", "", s.text, order)
