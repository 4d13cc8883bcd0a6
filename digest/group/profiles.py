"""What the store writes down of a story: its lead, dates, topics, languages."""

from __future__ import annotations

from collections import Counter

from digest.group import scoring
from digest.group.records import Member, StoryProfile
from digest.group.state import State

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
        topics=_topics(members),
        languages=tuple(sorted({m.language for m in members})),
        articles=tuple(m.article for m in members),
    )


def _topics(members: list[Member]) -> tuple[str, ...]:
    """Each article gives its first topic one vote, the second half a vote, and so on; at most three stay."""
    votes: Counter[str] = Counter()
    for member in members:
        for rank, topic in enumerate(member.topics):
            votes[topic] += 60 // (rank + 1)
    ranked = sorted(votes, key=lambda t: (-votes[t], t))
    # A topic that few of the articles have is no topic of the story.
    return tuple(t for t in ranked if votes[t] * 3 >= 30 * len(members))[:3]
