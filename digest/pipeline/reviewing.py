"""What a second look at the stories changes, written down: splits, merges, and the rows of the stories concerned."""

from __future__ import annotations

from digest.group.grouper import Grouper
from digest.group.records import Merge, Review, Split
from digest.model.story import Story
from digest.pipeline.services import Services
from digest.store import articles, corrections, counters, stories


def save(connection: stories.Connection, grouper: Grouper, last_seq: dict[int, int]) -> None:
    """Write the rows of the stories that changed, as the grouper sees them now."""
    profiles = {story: grouper.story_profile(story) for story in last_seq}
    titles = articles.titles(connection, [p.lead for p in profiles.values()])
    for story, profile in profiles.items():
        stories.save(
            connection,
            Story(
                id=story,
                storyline=profile.storyline,
                title=titles[profile.lead],
                topics=profile.topics,
                first=profile.first,
                last=profile.last,
                languages=profile.languages,
                articles=profile.articles,
                last_seq=last_seq[story],
            ),
        )


def review(services: Services, grouper: Grouper, sequence: int) -> Review:
    """Part what proved to be two events, join what proved one. Merged stories keep a redirect.

    How far the review has come is written with it: what a crash kept from being looked at is looked at now.
    """
    with services.database.read() as connection:
        reviewed = counters.last(connection, counters.MERGED)
        if reviewed >= sequence:
            return Review((), ())
        unseen = stories.changed_since(connection, reviewed)
    found = grouper.review(recheck=unseen)
    with services.database.write() as connection:
        counters.advance(connection, counters.MERGED, sequence)
        changed: set[int] = set()
        for split in found.splits:
            _write_split(connection, split, sequence)
            changed |= {split.story, split.new}
        for merge in found.merges:
            if merge.kind == "story":
                stories.merge_story(connection, merge.loser, merge.winner, why_merged(merge))
                changed = changed - {merge.loser} | {merge.winner}
            else:
                stories.merge_storyline(connection, merge.loser, merge.winner)
        save(connection, grouper, {story: stories.last_seq(connection, story) for story in sorted(changed)})
    return found


def why_merged(merge: Merge) -> str:
    """Why the articles of a story that was merged are where they are now."""
    return f"came with story {merge.loser}, which proved to be the same: {merge.why}"


def _write_split(connection: stories.Connection, split: Split, sequence: int) -> None:
    """The articles move with what mails told of them, so that nobody is sent it again."""
    first = min(split.articles)
    article = articles.with_text(connection, [first])[first]
    day, title = article.published, article.title
    stories.save(connection, Story(split.new, split.storyline, title, (), day, day, (), ()))
    counters.advance(connection, counters.STORY, max(counters.last(connection, counters.STORY), split.new))
    corrections.move(connection, split.articles, split.new, split.why)
    corrections.inherit(connection, split.new, split.story, sequence, whole=True)
