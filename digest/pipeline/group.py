"""The one grouping writer: numbers revisions in the transaction that makes them visible."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

from digest.group.features import Features
from digest.group.grouper import Grouper
from digest.group.records import Member, Merge, Placement, Review, Split
from digest.group.rulings import Level, Role, Ruling
from digest.model.article import Article
from digest.model.dates import PartialDate, Precision
from digest.model.story import Story, Topic
from digest.pipeline import embedding
from digest.pipeline.services import NamedEmbedder, Services
from digest.store import articles, corrections, counters, leader, stories, topics, vectors

#: Articles of one transaction: long enough to be worth a commit, short enough to let others write.
BATCH = 200
_CACHE = "grouper"


@dataclass(frozen=True, slots=True)
class GroupReport:
    """What one run of the grouping did."""

    grouped: int = 0
    new_stories: int = 0
    new_storylines: int = 0
    merges: tuple[Merge, ...] = ()
    splits: tuple[Split, ...] = ()


@dataclass(frozen=True, slots=True)
class Kept:
    """A grouper in memory, and the facts under which it still mirrors the database."""

    grouper: Grouper
    sequence: int
    corrected: int
    topics: tuple[Topic, ...]


@contextlib.contextmanager
def writer(services: Services) -> Iterator[Kept]:
    """Be the one grouping writer. Raises Busy while another process groups.

    Whoever changes the grouper keeps it by `keep` once the database has the same: if that fails, it is rebuilt.
    """
    model = services.embedder()  # it may have to be fetched: nobody waits for that
    with leader.lead(services.database, services.home.folder, "group", services.clock(), wait_seconds=60):
        yield _grouper(services, model)


def keep(services: Services, kept: Kept) -> None:
    services.memory[_CACHE] = kept


def group(services: Services) -> GroupReport:
    """Bring stories and storylines up to date. Raises Busy while another process groups."""
    with writer(services) as kept:
        placed: list[Placement] = []
        total = _pending(services)
        if total and (model := services.embedder()):
            model.embed(())  # read from its files before a transaction is open
        while True:
            batch, kept = _one_batch(services, kept)
            if not batch:
                break
            placed += batch
            services.progress("grouping articles", len(placed), total)
        services.progress("grouping articles", len(placed), len(placed))
        review = _review(services, kept)
        keep(services, kept)
    return GroupReport(
        grouped=len(placed),
        new_stories=sum(p.new_story for p in placed),
        new_storylines=sum(p.new_storyline for p in placed),
        merges=review.merges,
        splits=review.splits,
    )


def _pending(services: Services) -> int:
    with services.database.read() as connection:
        return articles.count_pending(connection)


def _grouper(services: Services, model: NamedEmbedder | None) -> Kept:
    """The grouper kept from the last pass where nobody has grouped or corrected since; else rebuilt from the store."""
    with services.database.read() as connection:
        sequence = counters.last(connection, counters.SEQUENCE)
        corrected = counters.last(connection, counters.CORRECTED)
        wanted = tuple(topics.listing(connection))
        kept = services.memory.pop(_CACHE, None)
        if isinstance(kept, Kept) and (kept.sequence, kept.corrected, kept.topics) == (sequence, corrected, wanted):
            return kept
    if model:
        embedding.catch_up(services, model)
    with services.database.read() as connection:
        seen = vectors.load(connection, model.name) if model else {}
        grouper = Grouper(
            counters.last(connection, counters.STORY) + 1,
            counters.last(connection, counters.STORYLINE) + 1,
            wanted,
            embedding.scorer(services, model),
            model,
        )
        members = (_member(row, seen.get(row["article_id"])) for row in stories.members(connection))
        grouper.restore(members, rulings(connection))
    return Kept(grouper, sequence, corrected, wanted)


def rulings(connection: stories.Connection) -> list[Ruling]:
    """The operator's corrections that are in force."""
    return [
        Ruling(number, Level(level), {article: Role(role) for article, role in roles.items()})
        for number, level, roles in corrections.in_force(connection)
    ]


def _member(row: stories.MemberRow, meaning: bytes | None) -> Member:
    return Member(
        article=row["article_id"],
        story=row["story_id"],
        storyline=row["storyline_id"],
        published=PartialDate(row["published"], Precision(row["precision"])),
        language=row["language"],
        publisher=row["publisher"],
        signature=row["signature"],
        features=Features.from_json(row["features"]),
        topics=tuple(row["topics"]),
        meaning=meaning,
    )


def _one_batch(services: Services, kept: Kept) -> tuple[list[Placement], Kept]:
    """Place, number and store one batch in one transaction.

    If it fails, the grouper in memory is ahead of the store; it goes with the exception.
    """
    placed: list[Placement] = []
    sequence = kept.sequence
    now, model = services.clock(), services.embedder()
    with services.database.write() as connection:
        last_seq: dict[int, int] = {}
        for revision_id, article in articles.pending(connection, BATCH):
            sequence += 1
            placement = kept.grouper.place(article)
            _ensure_rows(connection, placement, article)
            stories.place(
                connection,
                article.id,
                placement.story,
                features=placement.features.to_json(),
                why=placement.why,
                topics=[(s.topic, s.score, s.reason) for s in placement.topics],
            )
            if placement.meaning is not None and model:
                vectors.save(connection, revision_id, model.name, placement.meaning)
            articles.make_visible(connection, revision_id, article.id, sequence, now)
            last_seq[placement.story] = sequence
            placed.append(placement)
        save(connection, kept.grouper, last_seq)
        _save_counters(connection, placed, sequence)
    return placed, Kept(kept.grouper, sequence, kept.corrected, kept.topics)


def _ensure_rows(connection: stories.Connection, placement: Placement, article: Article) -> None:
    """A new storyline and story need their rows before an article can point to them."""
    if placement.new_storyline:
        stories.add_storyline(connection, placement.storyline)
    if placement.new_story:
        first = article.published
        stories.save(connection, Story(placement.story, placement.storyline, article.title, (), first, first, (), ()))


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


def _save_counters(connection: stories.Connection, placed: list[Placement], sequence: int) -> None:
    if not placed:
        return
    counters.advance(connection, counters.SEQUENCE, sequence)
    for name, used in (
        (counters.STORY, [p.story for p in placed if p.new_story]),
        (counters.STORYLINE, [p.storyline for p in placed if p.new_storyline]),
    ):
        if used:
            counters.advance(connection, name, max(used))


def _review(services: Services, kept: Kept) -> Review:
    """Part what proved to be two events, join what proved one. Merged stories keep a redirect.

    How far the review has come is written with it: what a crash kept from being looked at is looked at now.
    """
    with services.database.read() as connection:
        reviewed = counters.last(connection, counters.MERGED)
        if reviewed >= kept.sequence:
            return Review((), ())
        unseen = stories.changed_since(connection, reviewed)
    review = kept.grouper.review(recheck=unseen)
    with services.database.write() as connection:
        counters.advance(connection, counters.MERGED, kept.sequence)
        changed: set[int] = set()
        for split in review.splits:
            _write_split(connection, split, kept.sequence)
            changed |= {split.story, split.new}
        for merge in review.merges:
            if merge.kind == "story":
                stories.merge_story(connection, merge.loser, merge.winner)
                changed = changed - {merge.loser} | {merge.winner}
            else:
                stories.merge_storyline(connection, merge.loser, merge.winner)
        save(connection, kept.grouper, {story: stories.last_seq(connection, story) for story in sorted(changed)})
    return review


def _write_split(connection: stories.Connection, split: Split, sequence: int) -> None:
    """The articles move with what mails told of them, so that nobody is sent it again."""
    first = min(split.articles)
    article = articles.with_text(connection, [first])[first]
    day, title = article.published, article.title
    stories.save(connection, Story(split.new, split.storyline, title, (), day, day, (), ()))
    counters.advance(connection, counters.STORY, max(counters.last(connection, counters.STORY), split.new))
    corrections.move(connection, split.articles, split.new, split.why)
    corrections.inherit(connection, split.new, split.story, sequence, whole=True)
