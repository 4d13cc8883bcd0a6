"""Whom a variant was made for, as it is kept with it: so that it can be made anew, under other settings too."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from digest.model.publication import Failing
from digest.model.ranges import Ranges
from digest.pipeline.compose import Group

Kept = Mapping[str, Any]


def kept(group: Group, held: Iterable[int]) -> Kept:
    """What a variant's own columns do not say of its readers. `held`: the variants that counted as had by them.

    Readers with another past may share the variant, where that past makes no difference to it: the first ones' is kept.
    """
    return {
        "cadence": group.cadence,
        "topics": list(group.topics),
        "waivers": [[topic, [list(span) for span in ranges.spans]] for topic, ranges in group.waivers],
        "held": sorted(held),
        "failing": _failing_kept(group.failing),
    }


def _failing_kept(failing: Failing | None) -> Kept | None:
    if failing is None:
        return None
    sources = [[number, name, since.isoformat()] for number, name, since in failing.sources]
    return {"sources": sources, "all": failing.all, "held": [list(each) for each in failing.held], "mark": failing.mark}


def group_of(said: Kept, language: str, zone: str, ranges: Ranges) -> tuple[Group, frozenset[int]]:
    """The same again: the group, and the variants that it had."""
    waivers = tuple((topic, Ranges.of((lo, hi) for lo, hi in spans)) for topic, spans in said["waivers"])
    failing = said["failing"]
    told = None
    if failing is not None:
        sources = tuple((number, name, datetime.fromisoformat(since)) for number, name, since in failing["sources"])
        held = tuple((name, number) for name, number in failing["held"])
        told = Failing(sources, failing["all"], held, failing["mark"])
    group = Group(language, zone, said["cadence"], tuple(said["topics"]), waivers, ranges, told)
    return group, frozenset(said["held"])
