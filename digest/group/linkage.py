"""Average linkage (Sokal and Michener 1958) of groups of articles, over the pairs that are worth a number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush

#: Of an article the others, and how likely it is that both tell one event; symmetric.
Links = dict[int, dict[int, float]]


@dataclass(frozen=True, slots=True)
class Join:
    """The loser's articles join the winner's, which has the smaller number."""

    winner: int
    loser: int
    mean: float


@dataclass(slots=True)
class _Groups:
    """How likely the articles of each two groups tell one event, summed over their pairs."""

    size: dict[int, int]
    sums: Links
    held: dict[int, set[int]]
    queue: list[tuple[float, int, int]] = field(default_factory=list)

    def mean(self, one: int, other: int) -> float:
        return round(self.sums[one][other] / (self.size[one] * self.size[other]), 9)

    def join(self, winner: int, loser: int) -> None:
        gone = self.sums.pop(loser)
        self.size[winner] += self.size.pop(loser)
        self.held[winner] |= self.held.pop(loser)
        for other, total in gone.items():
            del self.sums[other][loser]
            if other != winner:
                self.sums[winner][other] = self.sums[other][winner] = self.sums[winner].get(other, 0.0) + total

    def ask(self, group: int, least: float) -> None:
        """Have the group's pairs considered, as they are now."""
        for other in self.sums[group]:
            if (mean := self.mean(group, other)) >= least:
                heappush(self.queue, (-mean, min(group, other), max(group, other)))


def link(groups: Mapping[int, Sequence[int]], links: Links, least: float, apart: Mapping[int, set[int]]) -> list[Join]:
    """Join the two groups that are the likeliest, on the average of their pairs, until none reach `least`.

    `apart`: of a group those that it must never be in one with.
    """
    group_of = {article: group for group, articles in groups.items() for article in articles}
    sums: Links = {group: {} for group in groups}
    for article, group in group_of.items():
        for other, chance in links.get(article, {}).items():
            there = group_of.get(other, group)
            if there != group:
                sums[group][there] = sums[group].get(there, 0.0) + chance
    found = _Groups({g: len(articles) for g, articles in groups.items()}, sums, {g: {g} for g in groups})
    for group in groups:
        found.ask(group, least)
    joins: list[Join] = []
    while found.queue:
        negative, winner, loser = heappop(found.queue)
        # What was joined meanwhile asked again, with other numbers.
        if loser not in found.sums.get(winner, ()) or found.mean(winner, loser) != -negative:
            continue
        if any(apart.get(group, set()) & found.held[loser] for group in found.held[winner]):
            continue
        joins.append(Join(winner, loser, -negative))
        found.join(winner, loser)
        found.ask(winner, least)
    return joins
