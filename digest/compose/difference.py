"""What is different between two mails of one edition, entry by entry. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Item:
    """An entry as a mail has it. `sentences` are fingerprints of all that it quotes."""

    stories: frozenset[int]
    section: str
    kind: str
    headline: str
    sentences: frozenset[str]


@dataclass(frozen=True, slots=True)
class Placed:
    """`at`: how many entries stand before it."""

    at: int
    item: Item


@dataclass(frozen=True, slots=True)
class Changed:
    """An entry that both mails have, and that is not the same in them. `moved`: it stands among others now."""

    before: Placed
    after: Placed
    moved: bool


@dataclass(frozen=True, slots=True)
class Difference:
    """False where there is none."""

    fell: tuple[Placed, ...] = ()
    came: tuple[Placed, ...] = ()
    changed: tuple[Changed, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.fell or self.came or self.changed)


def difference(before: Sequence[Item], after: Sequence[Item]) -> Difference:
    """Entries are the same entry where they tell of a story in common; of several, where they have most in common."""
    pairs = _pairs(before, after)
    found = {new for _, new in pairs}
    stay = _in_order(pairs)
    gone = set(range(len(before))) - {old for old, _ in pairs}
    return Difference(
        fell=tuple(Placed(n, before[n]) for n in sorted(gone)),
        came=tuple(Placed(n, item) for n, item in enumerate(after) if n not in found),
        changed=tuple(
            Changed(Placed(old, before[old]), Placed(new, after[new]), moved=(old, new) not in stay)
            for old, new in pairs
            if (old, new) not in stay or before[old] != after[new]
        ),
    )


def applied(before: Sequence[Item], found: Difference) -> tuple[Item, ...]:
    """The other mail's entries, from one mail's and the difference."""
    gone = {p.at for p in found.fell} | {c.before.at for c in found.changed if c.moved}
    altered = {c.before.at: c.after.item for c in found.changed}
    result = [altered.get(n, item) for n, item in enumerate(before) if n not in gone]
    inserted = [*found.came, *(c.after for c in found.changed if c.moved)]
    for placed in sorted(inserted, key=lambda p: p.at):
        result.insert(placed.at, placed.item)
    return tuple(result)


def _pairs(before: Sequence[Item], after: Sequence[Item]) -> list[tuple[int, int]]:
    """(where it stood, where it stands) of the entries that are in both, in the order of the second."""
    shared = [
        (-len(old.stories & new.stories), n, m)
        for m, new in enumerate(after)
        for n, old in enumerate(before)
        if old.stories & new.stories
    ]
    found: dict[int, int] = {}
    for _, n, m in sorted(shared):
        if m not in found and n not in found.values():
            found[m] = n
    return [(found[m], m) for m in sorted(found)]


def _in_order(pairs: Sequence[tuple[int, int]]) -> set[tuple[int, int]]:
    """The longest run that kept its order (patience sorting): as few as possible count as moved."""
    ends: list[int] = []
    last: list[int] = []  # which pair ends the run of each length
    before: list[int] = []  # which pair comes before each
    for n, (old, _) in enumerate(pairs):
        length = bisect_left(ends, old)
        before.append(last[length - 1] if length else -1)
        ends[length : length + 1] = [old]
        last[length : length + 1] = [n]
    kept, at = set(), last[-1] if last else -1
    while at >= 0:
        kept.add(pairs[at])
        at = before[at]
    return kept
