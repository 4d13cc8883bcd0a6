"""What does not fit in a mail, for its copy on the web: told in a sentence, or named with its sources. Pure.

A mail's entries are told whole, and may cost a language model's time. Of what lies over the limits
there can be hundreds: it is quoted, from one article each, and only the best of it.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from digest.compose import fair, sentences
from digest.compose.candidates import OTHER, Sent
from digest.compose.entry import Outline, material
from digest.compose.summarise import ExtractiveSummariser
from digest.compose.tell import Telling
from digest.compose.verdict import judge
from digest.model.drafting import Draft
from digest.model.edition import DateGroup, Entry, Section, View

TOLD = 60  # entries that get a sentence
LISTED = 300  # entries; the copy counts the others
_SOURCES = 6  # of an entry


def named(found: Outline) -> Entry:
    """Headline, date and sources."""
    return replace(found.entry, sources=found.entry.sources[:_SOURCES])


def led(found: Outline, sent: Sent, language: str, telling: Telling) -> Entry:
    """With the first sentence that is news to the reader."""
    given = material(found, sent)
    limits = replace(telling.limits, sentences=1)
    first = next((a for a in given.articles if sentences.of(a)), given.headed)
    draft = Draft(ExtractiveSummariser().one([first], language, limits))
    quotes = judge(draft, given, language, limits, telling.knowledge).quotes
    entry = replace(named(found), summary=quotes[:1])
    return fair.within(entry, found.titled, given.originals.values(), limits.max_quote_words)


def with_rest(view: View, whole: View) -> View:
    """The view with all that `whole` has and it has not: entries that were cut, and those that were dropped."""
    left = {e.story: e for e in view.entries}
    cut = tuple(e for e in whole.entries if e.story in left and left[e.story] != e)
    dropped = _only(whole.sections, lambda e: e.story not in left)
    return replace(view, uncut=cut, beyond=_joined(dropped, whole.beyond))


def uncut(view: View) -> tuple[Section, ...]:
    """The sections as they were before the mail was shortened."""
    whole = {e.story: e for e in view.uncut}
    return tuple(
        replace(s, groups=tuple(replace(g, entries=tuple(whole.get(e.story, e) for e in g.entries)) for g in s.groups))
        for s in view.sections
    )


def _only(sections: Iterable[Section], wanted: Callable[[Entry], bool]) -> tuple[Section, ...]:
    kept = []
    for section in sections:
        groups = (replace(g, entries=tuple(filter(wanted, g.entries))) for g in section.groups)
        if there := tuple(g for g in groups if g.entries):
            kept.append(replace(section, groups=there))
    return tuple(kept)


def _joined(first: Sequence[Section], second: Sequence[Section]) -> tuple[Section, ...]:
    """One section a topic, one group a date; the order is that of the first, entries of it stand before the others."""
    topics = {section.topic: section for section in first}
    for section in second:
        before = topics.get(section.topic)
        groups = _by_day(before.groups, section.groups) if before else section.groups
        topics[section.topic] = replace(section, groups=groups)
    return tuple(sorted(topics.values(), key=lambda section: section.topic == OTHER))


def _by_day(first: Sequence[DateGroup], second: Sequence[DateGroup]) -> tuple[DateGroup, ...]:
    found: dict[object, DateGroup] = {}
    both = heapq.merge(first, second, key=lambda g: (g.label.start, g.label.precision.rank), reverse=True)
    for group in both:
        before = found.get(group.label)
        found[group.label] = replace(group, entries=before.entries + group.entries) if before else group
    return tuple(found.values())
