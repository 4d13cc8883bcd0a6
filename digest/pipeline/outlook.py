"""What the next edition would do with the stories that a reader is owed. Nothing is stored, nobody is asked."""

from __future__ import annotations

from datetime import datetime

from digest.compose import edit
from digest.compose.candidates import Request, Sent, StoryInView
from digest.compose.novelty import assess
from digest.model.edition import EntryKind, View
from digest.model.explanation import Place, Shown
from digest.model.publication import Publication
from digest.model.subscription import Subscription
from digest.pipeline import candidates
from digest.pipeline.compose import wanted_topics
from digest.pipeline.owed import Owed, what_is_owed
from digest.pipeline.preview import edition_now
from digest.store import variants
from digest.store.stories import Connection


def outlook(
    connection: Connection, publication: Publication, subscription: Subscription, now: datetime, *, closely: bool
) -> tuple[Owed, tuple[Place, ...]]:
    """What the reader is owed, and, looked at `closely`, where each story would stand in a mail made now."""
    edition = edition_now(connection, publication, now)
    (owed,) = what_is_owed(connection, publication, edition, [subscription], now)
    wanted = wanted_topics(subscription.topics, publication.topics)
    if wanted is None or not closely:
        return owed, ()
    found = candidates.load(connection, publication, edition, owed.ranges)
    held = variants.had(connection, [subscription.id], found.stories).get(subscription.id, frozenset())
    sent = candidates.sent_before(connection, variants.told(connection, held), held)
    in_view = found.in_view(owed.ranges, wanted, dict(owed.topic_waivers))
    request = Request(edition, publication, subscription.language, subscription.zone, wanted)
    # Nothing is told in the words of a language model: that costs money, and changes no place.
    view = edit.edit(request, in_view, found.history(in_view), sent)
    if view is None:
        return owed, tuple(_left_out(candidate, sent) for candidate in in_view)
    return owed, _places(view)


def _left_out(candidate: StoryInView, sent: Sent) -> Place:
    shown = Shown.NOTHING_NEW if assess(candidate, sent) is None else Shown.OFF_TOPIC
    return Place(candidate.story.id, shown, _reach(candidate))


def _reach(candidate: StoryInView) -> int:
    return max((a.seq for a in candidate.articles), default=0)


def _places(view: View) -> tuple[Place, ...]:
    placed = [(section, entry) for section in view.sections for entry in section.entries]
    reach = view.edition.cutoff
    off_topic = set(view.off_topic)
    return (
        *(
            Place(
                story, Shown.ENTRY, last_seq, number, len(placed), section.topic, entry.headline,
                entry.kind is EntryKind.UPDATED, entry.reason,
            )
            for number, (section, entry) in enumerate(placed, start=1)
            for story, last_seq in entry.stories
        ),
        *(Place(story, Shown.OVER, reach) for story in view.over),
        *(
            Place(story, Shown.OFF_TOPIC if story in off_topic else Shown.NOTHING_NEW, reach)
            for story in view.left_out
        ),
    )  # fmt: skip
