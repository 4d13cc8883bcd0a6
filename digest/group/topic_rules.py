"""What a topic's rule says: conditions joined by `and`, `or` and `not`. docs/topics.md tells the language.

Here are its parts and how they are printed; `topic_rule_parser` reads them, `topic_rule_match` applies them.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

#: Field -> what follows its colon, for people.
FIELDS = {
    "title": "a word or phrase",
    "text": "a word or phrase",
    "name": "a name",
    "lang": "a language",
    "source": "a source's name",
    "publisher": "a publisher's name",
    "topic": "a default topic",
}
#: Where words and phrases are looked for; the empty one is title and text together.
TERM_FIELDS = frozenset({"", "title", "text"})
#: Fields whose value may begin or end with a *.
STAR_FIELDS = TERM_FIELDS | {"source", "publisher"}
KEYWORDS = frozenset({"and", "or", "not"})
#: What cannot stand in a word without quotation marks.
SPECIAL = '()",:*=“”„«»'

_BARE = re.compile(rf"[^\s{re.escape(SPECIAL)}!&|+–-][^\s{re.escape(SPECIAL)}]*")


class How(enum.StrEnum):
    """How a value is compared."""

    WORD = "word"  # in any inflection; of a field that holds no text: as it stands
    EXACT = "exact"  # these forms, side by side
    START = "start"  # words that begin so
    END = "end"  # words that end so


@dataclass(frozen=True, slots=True)
class Value:
    text: str
    how: How = How.WORD


@dataclass(frozen=True, slots=True)
class Condition:
    """One of the values is there. `field` is a key of FIELDS, or empty for title and text."""

    values: tuple[Value, ...]
    field: str = ""


@dataclass(frozen=True, slots=True)
class Not:
    part: Rule


@dataclass(frozen=True, slots=True)
class All:
    """Two parts or more, none of them an `All` itself."""

    parts: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """Two parts or more, none of them an `Either` itself."""

    parts: tuple[Rule, ...]


Rule: TypeAlias = Condition | Not | All | Either


def all_of(parts: Iterable[Rule]) -> Rule:
    flat = tuple(inner for part in parts for inner in (part.parts if isinstance(part, All) else (part,)))
    return flat[0] if len(flat) == 1 else All(flat)


def either_of(parts: Iterable[Rule]) -> Rule:
    flat = tuple(inner for part in parts for inner in (part.parts if isinstance(part, Either) else (part,)))
    return flat[0] if len(flat) == 1 else Either(flat)


def any_phrase(phrases: Iterable[str]) -> str:
    """The rule for a plain list of words and phrases: any of them, as it stands."""
    return tell(either_of(Condition((Value(phrase, How.EXACT),)) for phrase in phrases))


def tell(rule: Rule) -> str:
    """The rule as text; reading that text gives the same rule."""
    if isinstance(rule, Condition):
        values = ",".join(_value(value) for value in rule.values)
        return f"{rule.field}:{values}" if rule.field else values
    if isinstance(rule, Not):
        return f"not {_bracketed(rule.part, All, Either)}"
    if isinstance(rule, All):
        return " and ".join(_bracketed(part, Either) for part in rule.parts)
    return " or ".join(tell(part) for part in rule.parts)


def _bracketed(rule: Rule, *kinds: type[All] | type[Either]) -> str:
    return f"({tell(rule)})" if isinstance(rule, kinds) else tell(rule)


def _value(value: Value) -> str:
    if value.how is How.START:
        return f"{value.text}*"
    if value.how is How.END:
        return f"*{value.text}"
    bare = value.how is How.WORD and _BARE.fullmatch(value.text) and value.text.lower() not in KEYWORDS
    return value.text if bare else f'"{value.text}"'
