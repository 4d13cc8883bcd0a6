"""What readers are owed up to an edition's cutoff, and which of them therefore see the same."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.audience.windows import catch_up_waiver, owed
from digest.model.edition import Edition
from digest.model.publication import Failing, Publication
from digest.model.ranges import Ranges
from digest.model.subscription import Subscription
from digest.pipeline.compose import Group
from digest.store import windows
from digest.store.stories import Connection


@dataclass(frozen=True, slots=True)
class Owed:
    """One reader and what the reader is owed."""

    subscription: Subscription
    ranges: Ranges
    stale: Ranges  # owed, but beyond the catch-up limit
    settled: int  # below this number all is covered or waived
    topic_waivers: tuple[tuple[str, Ranges], ...]
    failing: Failing | None = None  # sources that this reader, the operator, is to hear of

    @property
    def group(self) -> Group:
        s = self.subscription
        return Group(s.language, s.zone, s.cadence, s.topics, self.topic_waivers, self.ranges, self.failing)

    def same(self, other: Owed) -> bool:
        """Whether a view composed for the one is right for the other, and gives up the same."""
        return self.group == other.group and self.stale == other.stale


def what_is_owed(
    connection: Connection,
    publication: Publication,
    edition: Edition,
    readers: Sequence[Subscription],
    now: datetime,
) -> list[Owed]:
    """What each reader is owed up to the edition's cutoff."""
    ids = [s.id for s in readers]
    covered, waived = windows.covered(connection, ids), windows.waived(connection, ids)
    floors = windows.floors(connection, ids)
    # A horizon beyond the cutoff would waive what this edition could not show.
    horizon = min(edition.cutoff, windows.number_at(connection, now - timedelta(days=publication.catch_up_days)))
    judged: dict[_Past, _Judged] = {}
    found = []
    for reader in readers:
        given_up = tuple(sorted(waived.get(reader.id, {}).items()))
        past = (covered.get(reader.id, Ranges()), given_up, floors[reader.id])
        if past not in judged:
            judged[past] = _judge(*past, edition.cutoff, horizon)
        found.append(Owed(reader, *judged[past]))
    return found


#: What a reader's mails cover, what was waived (by topic), and the floor below which all is settled.
_Past = tuple[Ranges, tuple[tuple[str, Ranges], ...], int]
#: The fields of `Owed` that follow from it.
_Judged = tuple[Ranges, Ranges, int, tuple[tuple[str, Ranges], ...]]


def _judge(covered: Ranges, given_up: tuple[tuple[str, Ranges], ...], floor: int, cutoff: int, horizon: int) -> _Judged:
    """Once for all readers of the same past: nearly all of a publication have had the same."""
    settled = Ranges.of([(1, floor)])
    ranges = owed(cutoff, covered | settled, dict(given_up).get("", Ranges()))
    stale = catch_up_waiver(ranges, horizon)
    ranges -= stale
    topic_waivers = tuple((topic, mine) for topic, spans in given_up if topic and (mine := spans & ranges))
    return ranges, stale, max(floor, horizon + 1), topic_waivers


def groups_of(due: Iterable[Owed], had: dict[int, frozenset[int]]) -> dict[tuple[Group, frozenset[int]], list[Owed]]:
    """Readers by all that their view depends on."""
    groups: dict[tuple[Group, frozenset[int]], list[Owed]] = {}
    for reader in due:
        groups.setdefault((reader.group, had.get(reader.subscription.id, frozenset())), []).append(reader)
    return groups
