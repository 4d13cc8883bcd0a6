"""What the store writes down of a story: its lead, dates, topics, languages."""

from __future__ import annotations

from digest.group import scoring
from digest.group.records import StoryProfile
from digest.group.state import State
from digest.group.topics import of_story

#: The lead is sought among so many articles, the latest ones.
_LEADS = 24


def lead_of(state: State, story: int) -> int:
    """The article most like the others, so that its headline speaks for all; the older one among equals."""
    articles = sorted(state.stories[story])[-_LEADS:]
    best, best_score = articles[0], -1.0
    for article in articles:
        others = [a for a in articles if a != article]
        same = [state.members[a].language == state.members[article].language for a in others]
        cosines = state.corpus.similarities(state.corpus.document(article), others)
        score = round(float(scoring.likeness(cosines, same).sum()), 6)
        if score > best_score:
            best, best_score = article, score
    return best


def profile_of(state: State, story: int) -> StoryProfile:
    members = [state.members[a] for a in sorted(state.stories[story])]
    dates = [m.published for m in members]
    return StoryProfile(
        id=story,
        storyline=state.line_of[story],
        lead=lead_of(state, story),
        first=min(dates, key=lambda d: (d.start, d.precision.rank)),
        last=max(dates, key=lambda d: (d.start, d.precision.rank)),
        topics=of_story([m.topics for m in members]),
        languages=tuple(sorted({m.language for m in members})),
        articles=tuple(m.article for m in members),
    )
