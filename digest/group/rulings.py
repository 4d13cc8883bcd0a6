"""What the operator ruled: which articles belong together, and which do not.

A ruling is made of articles, not of stories, so that it outlives merges, new revisions and restarts. Of any
two articles the newest ruling that speaks of both holds. The grouping never goes against one.
"""

from __future__ import annotations

import enum
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass


class Level(enum.StrEnum):
    STORY = "story"
    STORYLINE = "storyline"


class Role(enum.StrEnum):
    """The part that an article has in a ruling."""

    TAKEN = "taken"  # moved: belongs together with the others that were, and with those it joined
    JOINED = "joined"  # was there already where the moved ones went: belongs together with them
    KEPT = "kept"  # stayed behind: does not belong together with the moved ones
    LEFT = "left"  # as KEPT, and the moved ones left its storyline too: whether they continue it is open again
    PAST = "past"  # in a storyline that the moved ones left or came to: only that question is open again


@dataclass(frozen=True, slots=True)
class Ruling:
    """One correction. `id` orders rulings, the newest has the highest; `roles`: article -> its part."""

    id: int
    level: Level
    roles: Mapping[int, Role]

    def of(self, *roles: Role) -> list[int]:
        return sorted(article for article, role in self.roles.items() if role in roles)


class Rulings:
    """All rulings that are in force, as the grouping asks for them."""

    def __init__(self, rulings: Iterable[Ruling] = ()) -> None:
        self._rulings: list[Ruling] = []
        self._apart: dict[Level, dict[int, set[int]]] = {level: {} for level in Level}
        for ruling in sorted(rulings, key=lambda r: r.id):
            self.add(ruling)

    def __len__(self) -> int:
        return len(self._rulings)

    def __iter__(self) -> Iterator[Ruling]:
        return iter(self._rulings)

    def add(self, ruling: Ruling) -> None:
        """A ruling newer than all that are here."""
        self._rulings.append(ruling)
        taken = ruling.of(Role.TAKEN)
        one = set(ruling.of(Role.TAKEN, Role.JOINED))
        for level in (Level.STORY, Level.STORYLINE) if ruling.level is Level.STORY else (Level.STORYLINE,):
            self._open(level, one, one)
        self._open(Level.STORYLINE, taken, set(ruling.of(Role.LEFT, Role.PAST)))
        apart = self._apart[ruling.level]
        for there in ruling.of(Role.KEPT, Role.LEFT):
            for here in taken:
                apart.setdefault(here, set()).add(there)
                apart.setdefault(there, set()).add(here)

    def _open(self, level: Level, some: Iterable[int], others: set[int]) -> None:
        """Forget that any of `some` and any of `others` do not belong together."""
        apart = self._apart[level]
        for article in some:
            for other in apart.get(article, set()) & others:
                apart[article].discard(other)
                apart[other].discard(article)

    def against(self, new: Ruling) -> list[int]:
        """The rulings here that a new one goes against, and that it therefore ends for its articles."""
        taken = set(new.of(Role.TAKEN))
        one = taken | set(new.of(Role.JOINED))
        parted = set(new.of(Role.KEPT, Role.LEFT))
        found = []
        for old in self._rulings:
            together = set(old.of(Role.TAKEN, Role.JOINED))
            apart = {a for a in old.of(Role.TAKEN) if a in one}
            said_two = any(self.apart_from(old.level, a) & one & set(old.of(Role.KEPT, Role.LEFT)) for a in apart)
            united = new.level is Level.STORY or old.level is Level.STORYLINE
            said_one = new.level is old.level and together & taken and together & parted
            if (said_two and united) or said_one:
                found.append(old.id)
        return found

    def parted(self, level: Level) -> Collection[int]:
        """Articles that were ruled not to belong together with some other one, directly at this level."""
        return [article for article, others in self._apart[level].items() if others]

    def apart_from(self, level: Level, article: int) -> frozenset[int]:
        """The articles with which this one may not share a story, or a storyline.

        What may not be in one storyline may not be in one story either.
        """
        found = frozenset(self._apart[Level.STORYLINE].get(article, ()))
        return found | self._apart[Level.STORY].get(article, set()) if level is Level.STORY else found

    def concern(self, articles: Collection[int]) -> bool:
        """Whether any ruling speaks of any of these articles."""
        return any(article in ruling.roles for ruling in self._rulings for article in articles)

    def blocks(self, level: Level, articles: Collection[int]) -> list[frozenset[int]]:
        """What of these articles must stay together, the rest one by one; smallest id first.

        `articles` are those of one story, or of one storyline, as they stand.
        """
        block: dict[int, set[int]] = {article: {article} for article in articles}
        for ruling in self._rulings:
            taken = {a for a in ruling.of(Role.TAKEN) if a in block}
            one = taken | {a for a in ruling.of(Role.JOINED) if a in block}
            if level is Level.STORY and ruling.level is Level.STORYLINE:
                continue
            parting = (Role.LEFT, Role.PAST) if ruling.level is not level else (Role.KEPT, Role.LEFT)
            if ruling.of(*parting):
                for article in taken:
                    block[article] = block[article] - {article}
                    for other in block[article]:
                        block[other] = block[article]
                    block[article] = {article}
            joined = set().union(*(block[a] for a in one)) if one else set()
            for article in joined:
                block[article] = joined
        return sorted({frozenset(found) for found in block.values()}, key=min)
