"""The one grouping writer: numbers revisions in the transaction that makes them visible."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from digest.errors import DigestError
from digest.group.features import Features
from digest.group.grouper import Grouper
from digest.group.records import Member, Merge, Placement, Review, Split
from digest.group.rulings import Level, Role, Ruling
from digest.model.article import Article
from digest.model.dates import PartialDate, Precision
from digest.model.story import Story, Topic
from digest.pipeline import cleaning, embedding, reviewing
from digest.pipeline.faults import unexpected
from digest.pipeline.services import NamedEmbedder, Services
from digest.store import articles, corrections, counters, leader, search, stories, topics, vectors
from digest.store.stories import Connection

#: Articles of one transaction: long enough to be worth a commit, short enough to let others write.
BATCH = 200
_CACHE = "grouper"
#: In one run. More than that is no fault of single articles.
_MOST_FAULTS = 20
_CAREFUL = "careful grouping"
_REVIEW = "the review of the stories"


@dataclass(frozen=True, slots=True)
class GroupReport:
    """What one run of the grouping did."""

    grouped: int = 0
    new_stories: int = 0
    new_storylines: int = 0
    merges: tuple[Merge, ...] = ()
    splits: tuple[Split, ...] = ()
    failed: Mapping[str, DigestError] = field(default_factory=dict)  # what waits for the next run, and why


class _Stuck(Exception):
    """An article could not be placed, and what the grouper in memory made of it is not known."""

    def __init__(self, article: Article, error: Exception) -> None:
        super().__init__()
        self.article, self.error = article, error


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


@contextlib.contextmanager
def forgetting(services: Services, wait_seconds: float) -> Iterator[Callable[[Connection, Sequence[int]], None]]:
    """Be the one grouping writer while whole stories go: yields what is told of their articles, in the transaction.

    The grouper in memory goes on without them; that of another process is made anew. Raises Busy as `writer` does.
    """
    forgotten: list[int] = []
    kept = services.memory.pop(_CACHE, None)
    with leader.lead(services.database, services.home.folder, "group", services.clock(), wait_seconds=wait_seconds):
        with services.database.read() as connection:
            corrected = counters.last(connection, counters.CORRECTED)
            sequence = counters.last(connection, counters.SEQUENCE)

        def forget(connection: Connection, article_ids: Sequence[int]) -> None:
            counters.advance(connection, counters.CORRECTED, corrected + 1)
            forgotten.extend(article_ids)

        yield forget
        # Whatever is raised in between, a grouper that may not be as the database is has gone.
        if isinstance(kept, Kept) and (kept.corrected, kept.sequence) == (corrected, sequence):
            kept.grouper.remove(forgotten)
            keep(services, replace(kept, corrected=corrected + 1) if forgotten else kept)


def group(services: Services) -> GroupReport:
    """Bring stories and storylines up to date. Raises Busy while another process groups."""
    with writer(services) as kept:
        uncleaned = cleaning.clean(services)
        placed: list[Placement] = []
        faults: dict[int, DigestError] = {}
        total = _pending(services)
        model = services.embedder()
        if total and model:
            model.embed(())  # read from its files before a transaction is open
        careful = bool(services.memory.pop(_CAREFUL, False))
        while True:
            seen = len(faults)
            try:
                batch, kept = _one_batch(services, kept, faults, careful=careful)
            except _Stuck as stuck:
                _set_aside(services, stuck.article, stuck.error, faults)
                if len(faults) > _MOST_FAULTS:
                    raise faults[stuck.article.id] from None
                # The batch was rolled back, and goes again without that article.
                careful, kept = True, _grouper(services, model)
                continue
            if not batch and len(faults) == seen:
                break
            placed += batch
            services.progress("grouping articles", len(placed), total)
        services.progress("grouping articles", len(placed), len(placed))
        services.memory[_CAREFUL] = bool(faults)
        failed = uncleaned | {error.where: error for error in faults.values()}
        review = Review((), ())
        try:
            review = reviewing.review(services, kept.grouper, kept.sequence)
        except DigestError:
            raise
        except Exception as error:  # noqa: BLE001 - the articles have their stories; the next run looks at them again
            failed[_REVIEW] = unexpected(services, error, _REVIEW)
        else:
            keep(services, kept)
    return GroupReport(
        grouped=len(placed),
        new_stories=sum(p.new_story for p in placed),
        new_storylines=sum(p.new_storyline for p in placed),
        merges=review.merges,
        splits=review.splits,
        failed=failed,
    )


def _set_aside(services: Services, article: Article, error: Exception, faults: dict[int, DigestError]) -> None:
    """It stays among those that wait, and the next run tries it again."""
    faults[article.id] = unexpected(services, error, f"article {article.key}")


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


def _one_batch(
    services: Services, kept: Kept, faults: dict[int, DigestError], *, careful: bool
) -> tuple[list[Placement], Kept]:
    """Place, number and store one batch in one transaction. Articles in `faults` are left out.

    If it fails, the grouper in memory is ahead of the store; it goes with the exception. `careful`: each article
    is tried on an empty grouper first, so that one with a fault costs neither the batch nor the grouper.
    """
    placed: list[Placement] = []
    sequence = kept.sequence
    now, model = services.clock(), services.embedder()
    with services.database.write() as connection:
        last_seq: dict[int, int] = {}
        waiting = articles.pending(connection, BATCH, without=faults)
        search.forget(connection, [article.id for _, article in waiting])
        for revision_id, article in waiting:
            if article.id in faults or (careful and not _can_be_placed(services, kept, model, article, faults)):
                continue
            sequence += 1
            try:
                placement = kept.grouper.place(article)
            except DigestError:
                raise
            except Exception as error:
                raise _Stuck(article, error) from error
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
        search.add(connection, [article.id for _, article in waiting])
        reviewing.save(connection, kept.grouper, last_seq)
        _save_counters(connection, placed, sequence)
    return placed, Kept(kept.grouper, sequence, kept.corrected, kept.topics)


def _can_be_placed(
    services: Services, kept: Kept, model: NamedEmbedder | None, article: Article, faults: dict[int, DigestError]
) -> bool:
    try:
        Grouper(1, 1, kept.topics, embedder=model).place(article)
    except DigestError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, the other articles are grouped
        _set_aside(services, article, error, faults)
        return False
    return True


def _ensure_rows(connection: stories.Connection, placement: Placement, article: Article) -> None:
    """A new storyline and story need their rows before an article can point to them."""
    if placement.new_storyline:
        stories.add_storyline(connection, placement.storyline)
    if placement.new_story:
        first = article.published
        stories.save(connection, Story(placement.story, placement.storyline, article.title, (), first, first, (), ()))


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
