"""Make a mail smaller, a little at a time, where it would be too long to be shown whole. Pure.

Gmail cuts a message off near 102 KB. What goes first is what the reader misses least: steps in the
middle of long timelines, then sentences, then the entries that ranked lowest. Those count as
covered like the ones over the publication's limits, and the mail says how many there are. The copy
on the web has all of it: what was cut and what was dropped stays in the view beside what is mailed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from digest.compose.beyond import with_rest
from digest.compose.kept import Shelf
from digest.model.edition import Entry, View


def smaller(view: View, shelf: Shelf) -> Iterator[View]:
    """The view itself, then ever smaller ones; the last has one entry, if there was any. `shelf` keeps the entries for
    other views.
    """
    whole = view
    yield view
    for steps, quotes in ((5, 3), (4, 2), (3, 1)):

        def trimmed(entry: Entry, steps: int = steps, quotes: int = quotes) -> Entry:
            return shelf.once(("trimmed", steps, quotes), (entry,), lambda: _trim(entry, steps, quotes))

        view = _each(view, trimmed)
        yield with_rest(view, whole)
    while len(view.entries) > 1:
        view = _drop(view, max(1, len(view.entries) // 10))
        yield with_rest(view, whole)


def _each(view: View, change: Callable[[Entry], Entry]) -> View:
    return replace(
        view,
        sections=tuple(
            replace(s, groups=tuple(replace(g, entries=tuple(map(change, g.entries))) for g in s.groups))
            for s in view.sections
        ),
    )


def _trim(entry: Entry, steps: int, quotes: int) -> Entry:
    timeline = entry.timeline
    if len(timeline) > steps:
        timeline = (timeline[0], *timeline[1 - steps :])
    gone = len(entry.timeline) - len(timeline)
    if not gone and len(entry.summary) <= quotes:
        return entry
    return replace(entry, summary=entry.summary[:quotes], timeline=timeline, skipped=entry.skipped + gone)


def _drop(view: View, number: int) -> View:
    # The lead is named in the subject, and it is the best of its section: it ranks out last there.
    worst = sorted(view.entries, key=lambda e: e.score)[:number]
    gone = {e.story for e in worst}
    sections = []
    for section in view.sections:
        groups = [replace(g, entries=tuple(e for e in g.entries if e.story not in gone)) for g in section.groups]
        if kept := tuple(g for g in groups if g.entries):
            sections.append(replace(section, groups=kept))
    over = tuple(story for e in worst for story, _ in e.stories)
    return replace(view, sections=tuple(sections), more=view.more + len(worst), over=view.over + over)
