"""Applies topics' rules: does an article match, by which conditions, and what is missing where it nearly does.

A rule is read and prepared once for each language.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import NamedTuple, Protocol

from digest.group.name_forms import NO_CAPITALS, wanted
from digest.group.reading import Passage, Reading, Term, as_a_whole, terms
from digest.group.topic_rule_parser import parse
from digest.group.topic_rules import TERM_FIELDS, Condition, Either, How, Not, Rule, Value, tell
from digest.group.words import fold

#: So many rules times languages stay prepared.
_PREPARED = 65536
#: Of what was found for one condition, so much is told.
_TOLD = 3


class Gap(NamedTuple):
    """How far a rule is from matching: the conditions that fail, and how many of the asked ones hold."""

    missing: tuple[str, ...]
    holding: int

    @property
    def nearly(self) -> bool:
        """All but one, and something does speak for it."""
        return len(self.missing) == 1 and self.holding > 0


class Hit(NamedTuple):
    """A condition that holds. `found` is what stands in the article, as far as it is not the condition's own words."""

    condition: str
    found: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.condition} ({', '.join(self.found)})" if self.found else self.condition


class Matcher(Protocol):
    """A rule prepared for one language."""

    def holds(self, reading: Reading) -> bool: ...

    def hits(self, reading: Reading) -> list[Hit]:
        """The conditions by which it holds, where it does."""
        ...

    def without(self, reading: Reading) -> list[str]:
        """What it holds without, where it does: the parts under a `not`."""
        ...

    def gap(self, reading: Reading) -> Gap: ...


@lru_cache(maxsize=_PREPARED)
def matcher(rule: str, language: str) -> Matcher:
    """Raises RuleError."""
    return _prepare(_parsed(rule), language)


@lru_cache(maxsize=_PREPARED)
def _parsed(rule: str) -> Rule:
    return parse(rule)


def reason(found: Matcher, reading: Reading, most: int) -> str:
    """Why it matches, in a line; the first `most` conditions by name."""
    hits = found.hits(reading)
    parts = [str(hit) for hit in hits[:most]]
    if len(hits) > most:
        parts.append(f"{len(hits) - most} more")
    without = found.without(reading)[:most]
    told = [f"matches {', '.join(parts)}"] if parts else []
    return "; ".join([*told, *([f"without {', '.join(without)}"] if without else [])])


def _prepare(rule: Rule, language: str) -> Matcher:
    if isinstance(rule, Condition):
        finders = [_finder(value, rule.field, language) for value in rule.values]
        return _Leaf(tell(rule), finders, [fold(value.text) for value in rule.values])
    if isinstance(rule, Not):
        return _Not(tell(rule), tell(rule.part), _prepare(rule.part, language))
    parts = [_prepare(part, language) for part in rule.parts]
    return _Either(parts) if isinstance(rule, Either) else _All(parts)


class _Leaf:
    def __init__(self, told: str, finders: Sequence[_Finder], own: Sequence[str]) -> None:
        self._told, self._finders, self._own = told, finders, own

    def holds(self, reading: Reading) -> bool:
        # Not any(): a generator costs more than the look-up.
        for finder in self._finders:  # noqa: SIM110
            if finder.holds(reading):
                return True
        return False

    def hits(self, reading: Reading) -> list[Hit]:
        found = {fold(text): text for finder in self._finders for text in islice(finder.found(reading), 50)}
        told = [text for form, text in found.items() if form not in self._own]
        return [Hit(self._told, tuple(told[:_TOLD]))]

    def without(self, reading: Reading) -> list[str]:  # noqa: ARG002
        return []

    def gap(self, reading: Reading) -> Gap:
        return Gap((), 1) if self.holds(reading) else Gap((self._told,), 0)


class _Not:
    def __init__(self, told: str, part_told: str, part: Matcher) -> None:
        self._told, self._part_told, self._part = told, part_told, part

    def holds(self, reading: Reading) -> bool:
        return not self._part.holds(reading)

    def hits(self, reading: Reading) -> list[Hit]:  # noqa: ARG002
        return []

    def without(self, reading: Reading) -> list[str]:  # noqa: ARG002
        return [self._part_told]

    def gap(self, reading: Reading) -> Gap:
        if self.holds(reading):
            return Gap((), 0)
        there = ", ".join(str(hit) for hit in self._part.hits(reading))
        return Gap((f"{self._told}, but there is {there}" if there else self._told,), 0)


class _All:
    def __init__(self, parts: Sequence[Matcher]) -> None:
        self._parts = parts

    def holds(self, reading: Reading) -> bool:
        for part in self._parts:  # noqa: SIM110
            if not part.holds(reading):
                return False
        return True

    def hits(self, reading: Reading) -> list[Hit]:
        return [hit for part in self._parts for hit in part.hits(reading)]

    def without(self, reading: Reading) -> list[str]:
        return [told for part in self._parts for told in part.without(reading)]

    def gap(self, reading: Reading) -> Gap:
        gaps = [part.gap(reading) for part in self._parts]
        return Gap(tuple(told for gap in gaps for told in gap.missing), sum(gap.holding for gap in gaps))


class _Either:
    def __init__(self, parts: Sequence[Matcher]) -> None:
        self._parts = parts

    def holds(self, reading: Reading) -> bool:
        for part in self._parts:  # noqa: SIM110
            if part.holds(reading):
                return True
        return False

    def _holding(self, reading: Reading) -> Iterator[Matcher]:
        return (part for part in self._parts if part.holds(reading))

    def hits(self, reading: Reading) -> list[Hit]:
        return [hit for part in self._holding(reading) for hit in part.hits(reading)]

    def without(self, reading: Reading) -> list[str]:
        return [told for part in self._holding(reading) for told in part.without(reading)]

    def gap(self, reading: Reading) -> Gap:
        """Of the alternative that comes nearest. Where they are single conditions, any of them would do."""
        gaps = [part.gap(reading) for part in self._parts]
        best = min(gaps, key=lambda gap: (len(gap.missing), -gap.holding))
        others = [gap.missing[0] for gap in gaps if len(gap.missing) == 1 and gap.holding == best.holding]
        if len(best.missing) == 1 and len(others) > 1:
            return Gap((" or ".join(others),), best.holding)
        return best


# --- single values ----------------------------------------------------------------------------------


class _Finder(NamedTuple):
    """`found` may be asked where it does not hold: then there is nothing."""

    holds: Callable[[Reading], bool]
    found: Callable[[Reading], Iterator[str]]


def _finder(value: Value, field: str, language: str) -> _Finder:
    if field in TERM_FIELDS:
        return _in_text(value, field, language)
    if field == "name":
        return _named(value, language)
    if field == "lang":
        return _plain(lambda reading: reading.language == value.text)
    if field == "topic":
        return _Finder(
            lambda reading: value.text in reading.default_topics,
            lambda reading: filter(None, [reading.default_topics.get(value.text, "")]),
        )
    return _whole(value, field)


def _plain(holds: Callable[[Reading], bool]) -> _Finder:
    return _Finder(holds, lambda _reading: iter(()))


def _in_text(value: Value, field: str, language: str) -> _Finder:
    searched = terms(value.text, language)
    if not searched:
        return _plain(lambda _reading: False)
    form, exact = searched[-1].form, value.how is How.EXACT
    if value.how is How.START:
        return _passages(field, lambda passage: passage.starting(form))
    if value.how is How.END:
        return _passages(field, lambda passage: passage.ending(form))
    found = _passages(field, lambda passage: passage.phrases(searched, exact=exact))
    if len(searched) > 1 or exact:
        return found
    return found._replace(holds=_one_word(searched[0], field))


def _one_word(word: Term, field: str) -> Callable[[Reading], bool]:
    """The commonest question, asked the shortest way."""

    def holds(reading: Reading) -> bool:
        for passage in reading.passages[field]:  # noqa: SIM110
            if passage.has(word):
                return True
        return False

    return holds


def _passages(field: str, look: Callable[[Passage], Iterator[str]]) -> _Finder:
    def found(reading: Reading) -> Iterator[str]:
        return (text for passage in reading.passages[field] for text in look(passage))

    return _Finder(lambda reading: next(found(reading), None) is not None, found)


def _named(value: Value, language: str) -> _Finder:
    if language in NO_CAPITALS:
        return _in_text(value, "", language)
    sets = wanted(value.text)

    def found(reading: Reading) -> Iterator[str]:
        names = [next((reading.names[spelt] for spelt in forms if spelt in reading.names), None) for forms in sets]
        return iter(dict.fromkeys(name for name in names if name and None not in names))

    return _Finder(lambda reading: all(any(s in reading.names for s in forms) for forms in sets), found)


def _whole(value: Value, field: str) -> _Finder:
    """A source's or publisher's name from end to end."""
    name = as_a_whole(value.text)

    def holds(reading: Reading) -> bool:
        told = reading.source if field == "source" else reading.publisher
        if value.how is How.START:
            return told.startswith(name)
        return told.endswith(name) if value.how is How.END else told == name

    def found(reading: Reading) -> Iterator[str]:
        if holds(reading):
            yield reading.article.source if field == "source" else reading.article.publisher

    return _Finder(holds, found)
