"""Whether a clause tells something as so, or denies or doubts it. Pure.

The sense is not understood: words of data/negations.toml reach a stretch of their sentence, and what stands in
it is not told as so. One test for everything that is looked for in a sentence, be it a number, a day or a stage.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from digest.compose.figures import calendar
from digest.compose.phrasing import Index, Phrase, Sentence, listed, phrases_in

_NO, _BOUND, _NEARLY, _REJECTED, _DOUBTED, _EXPECTED = "no", "bound", "nearly", "rejected", "doubted", "expected"
#: What takes a thing back by which table; the words of `says` do so too.
_KINDS = {
    "says": _NO, "late": _NO, "denies": _NO, "almost": _NEARLY, "without": _NEARLY, "below": _BOUND,
    "rejects": _REJECTED, "untrue": _REJECTED, "doubts": _DOUBTED, "unsure": _DOUBTED, "if": _DOUBTED,
    "expects": _EXPECTED,
}  # fmt: skip
_EDGES = ("but", "and", "that", "begins", "until")
_STOPS = frozenset(";:()[]–—?؟!")
_ASKS = frozenset("?؟")
_HYPHEN = "-"
_SIGNS = frozenset("€$£¥₽")  # between "fewer than" and the number
_NEAR = 2  # words between what is told and what takes it back
_FEW = 3  # words that "almost" and "without" reach
_NEXT = 3  # words between "and" and a number of its own
_YEARS = range(1900, 2101)

#: Kinds of doubt that may not matter: against what is to come, against what it costs, against what tells by itself
#: of something doubtful, and against a denial.
COMING = frozenset({_EXPECTED, _BOUND})
COSTS = frozenset({_EXPECTED})
DOUBTFUL = frozenset({_DOUBTED, _EXPECTED})
DENIAL = frozenset({_REJECTED})
#: Kinds that may stand right behind what they take back: "a cancellation may follow", "the club denied nothing".
ANY = frozenset({_NO, _REJECTED, _DOUBTED})
NO = frozenset({_NO})

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Mark:
    """A word or phrase that takes something back, and the tokens that it reaches."""

    kind: str
    at: int
    end: int
    first: int
    last: int
    clause: int  # where its clause begins, as far as which it may reach
    late: bool  # whether as a rule it stands behind what it denies


def asserted(s: Sentence, number: Span | None, words: Span | None = None, *, despite: frozenset[str] = frozenset(),
             behind: frozenset[str] = frozenset(), late: bool = False) -> bool:  # fmt: skip
    """Whether a sentence tells as so what stands in two places: a number, and the words that say of what.

    Words in another clause than their number settle nothing. `despite`: kinds of doubt that do not matter; `behind`:
    those that matter right behind the words as well; `late`: whether "not" counts anywhere behind them, in languages
    that put it last.
    """
    marks = [m for m in _marks(s) if m.kind not in despite]
    if number is not None and any(_reaches(m, number, behind, late) for m in marks):
        return False
    if words is None or (number is not None and _parted(s, number, words)):
        return True
    return not any(_reaches(m, words, behind, late) for m in marks)


def _reaches(mark: Mark, place: Span, behind: frozenset[str], late: bool) -> bool:
    if place[0] <= mark.at and mark.end <= place[1]:
        return False  # part of the very words that tell
    apart = mark.at - place[1]
    near = 0 <= apart < (_NEAR if mark.kind in behind else mark.late)
    first = mark.clause if near or (late and mark.late) else mark.first
    return max(first, place[0]) < min(mark.last, place[1])


def _parted(s: Sentence, one: Span, other: Span) -> bool:
    between = range(min(one[1], other[1]), max(one[0], other[0]))
    edges = _edges(s)
    return any(_stops(s, i) or s.tokens[i] == "," or edges.get(i) in ("but", "until") for i in between)


# --- what reaches how far -------------------------------------------------------------------------


@lru_cache(maxsize=64)
def _marks(s: Sentence) -> tuple[Mark, ...]:
    """All marks of a sentence, each with its reach."""
    return (*(_reach(s, table, at, end) for table, at, end in _found(s) if table in _KINDS), *_questions(s))


def _questions(s: Sentence) -> Iterator[Mark]:
    """Who asks tells nothing."""
    for at, token in enumerate(s.tokens):
        if token in _ASKS:
            before = (i for i in range(at) if _stops(s, i) or s.tokens[i] == ".")
            begin = max(before, default=-1) + 1
            yield Mark(_DOUBTED, at, at + 1, begin, at, begin, late=False)


@lru_cache(maxsize=64)
def _edges(s: Sentence) -> Mapping[int, str]:
    return {at: table for table, at, _ in _found(s) if table in _EDGES}


def _reach(s: Sentence, table: str, at: int, end: int) -> Mark:
    clause, number = _backward(s, at), _number_at(s, end)
    first = clause if table in ("untrue", "unsure") else at
    if table == "below" or (number and table in ("says", "late")):
        first, clause, last = at, at, number  # "not 12 but 8": of this number alone
    else:
        last = min(_forward(s, table, end), end + _FEW if _KINDS[table] == _NEARLY else len(s.tokens))
    return Mark(_KINDS[table], at, end, first, last, clause, table == "late")


def _number_at(s: Sentence, at: int, apart: int = 0) -> int:
    """The end of a number that begins there, or so few tokens behind; 0 where there is none."""
    at += at < len(s.tokens) and s.tokens[at] in _SIGNS
    return next((n.end for n in s.numbers if at <= n.first <= at + apart), 0)


def _backward(s: Sentence, at: int) -> int:
    edges = _edges(s)
    while at and not (_stops(s, at - 1) or s.tokens[at - 1] == "," or at - 1 in edges):
        at -= 1
    if at > 1 and s.tokens[at - 1] == ",":
        before = next((i for i in range(at - 2, -1, -1) if _stops(s, i) or s.tokens[i] == ","), -1) + 1
        return before if edges.get(before) == "that" else at  # "Dass 12 Menschen starben, ist falsch"
    return at


def _forward(s: Sentence, table: str, at: int) -> int:
    """How far a word reaches: to the end of its clause, and of the one that says what is denied."""
    edges, inserted, deep = _edges(s), table in ("says", "denies") and s.tokens[at : at + 1] == [","], False
    begin = at
    while at < len(s.tokens) and not _stops(s, at):
        edge = edges.get(at)
        if s.tokens[at] == "," and not s.is_number(at):
            if inserted:  # "will not, the ministry said, open"
                inserted = at == begin
            elif edges.get(at + 1) == "that" or _infinitive(s, table, at + 1):
                deep = True
            else:
                break
        elif edge == "that":
            deep = True
        elif edge and _ends(s, table, edge, at, deep):
            break
        at += 1
    return at


def _ends(s: Sentence, table: str, edge: str, at: int, deep: bool) -> bool:
    """Whether an edge is one that what a word says does not cross."""
    if edge == "and":
        return not deep and (_KINDS[table] in NO | DENIAL or bool(_number_at(s, at + 1, _NEXT)))
    return edge in ("but", "begins") or (edge == "until" and _year_at(s, at))


def _infinitive(s: Sentence, table: str, at: int) -> bool:
    """Whether a clause says what somebody refuses: "weigerte sich, 3 Millionen zu zahlen"."""
    end = next((i for i in range(at, len(s.tokens)) if _stops(s, i) or s.tokens[i] == ","), len(s.tokens))
    return table in ("denies", "rejects") and any(_has(s, "infinitive", i) for i in range(at, end))


def _year_at(s: Sentence, at: int) -> bool:
    return any(at < n.first <= at + _NEXT and n.value in _YEARS for n in s.numbers)


def _stops(s: Sentence, at: int) -> bool:
    if s.tokens[at] == _HYPHEN:  # "150 - 120"
        return not (s.is_number(at - 1) or s.is_number(at + 1))
    return s.tokens[at] in _STOPS and not s.is_number(at)


# --- words ----------------------------------------------------------------------------------------


@lru_cache(maxsize=64)
def _found(s: Sentence) -> tuple[tuple[str, int, int], ...]:
    """(table, at, end) of the entries in a sentence: of those that lie in each other the longest."""
    every = [*phrases_in(s, _words(s.language)), *_contracted(s)]
    every = [f for f in every if not _is_month(s, f[1]) and not (f[0] == "if" and not _opens(s, f[1]))]
    kept = [
        (table, at, end)
        for table, at, end in every
        if not any(a <= at and end <= b and b - a > end - at for _, a, b in every)
    ]
    # Almost twelve are about twelve.
    kept = [f for f in kept if f[0] != "almost" or not _number_at(s, f[2])]
    return tuple(f for f in kept if f[0] not in _other_senses(f, kept))


def _other_senses(found: tuple[str, int, int], every: list[tuple[str, int, int]]) -> set[str]:
    """Of an entry on several lists those that are not meant: Swedish "utan" is "without", but behind "not" it is "but".

    `says` has every plain word that denies, and the lists beside it tell more.
    """
    twins = {table for table, at, end in every if (at, end) == found[1:]}
    if "says" not in twins:
        return set()
    denied = any(_KINDS.get(table) == _NO and end <= found[1] for table, _, end in every)
    meant = twins & {"but"} if denied else twins - {"but"}
    return twins - (meant - {"says"} or meant or {"says"})


def _contracted(s: Sentence) -> Iterator[tuple[str, int, int]]:
    """English "didn't", which no list holds."""
    for i in range(2, len(s.tokens)) if s.language == "en" else ():
        if s.tokens[i] == "t" and s.tokens[i - 1] == "'" and s.tokens[i - 2].endswith("n"):
            yield "says", i - 2, i + 1


def _is_month(s: Sentence, at: int) -> bool:
    """May, which English writes like a verb."""
    return any(a <= s.starts[at] < b for a, b in calendar(s.text, s.language).spans)


def _opens(s: Sentence, at: int) -> bool:
    """Whether a clause begins there."""
    before = [i for i in range(at) if s.tokens[i].isalnum() or s.tokens[i] in ",;:()–—"]
    return not before or not s.tokens[before[-1]][0].isalnum() or _has(s, "and", before[-1])


def _has(s: Sentence, table: str, at: int) -> bool:
    return any(name == table for name, _ in _words(s.language).at(s.tokens, at))


@cache
def _words(language: str) -> Index:
    text = files("digest.compose").joinpath("data", "negations.toml").read_text(encoding="utf-8")
    tables = tomllib.loads(text)
    entries: list[tuple[str, Phrase]] = [("says", Phrase((w,))) for w in tables["says"].get(language, "").split()]
    for table in (*_KINDS, *_EDGES, "infinitive", "harmless"):
        if table != "says":
            entries += [(table, phrase) for phrase in listed(tables[table].get(language, ""))]
    return Index(entries)
