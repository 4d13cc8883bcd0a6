"""Which of an edition's variants the archive shows. Pure.

Each group of readers had its own; the archive shows one for each language: of all topics, wherever there is one. What
only a few readers chose is not among those to choose from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from digest.model.archive import Candidate


def by_language(candidates: Iterable[Candidate], zone: str) -> dict[str, Candidate]:
    """Per language the variant to show; `zone` is the publication's own, which goes before others of as many topics."""
    found: dict[str, Candidate] = {}
    for each in sorted(candidates, key=lambda c: _place(c, zone)):
        found.setdefault(each.language, each)
    return found


def _place(candidate: Candidate, zone: str) -> tuple[bool, bool, int, int, int]:
    return not candidate.whole, candidate.zone != zone, -candidate.readers, -candidate.entries, candidate.variant


def shown(offered: Mapping[str, Candidate], wanted: Sequence[str]) -> Candidate:
    """The one in the first wanted language that there is; else the one that most readers had."""
    for language in wanted:
        if language in offered:
            return offered[language]
    return min(offered.values(), key=lambda c: (-c.readers, -c.entries, c.variant))
