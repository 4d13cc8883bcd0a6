"""What there is to choose from in a publication, and whether what somebody chose is among it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from digest.compose.candidates import OTHER
from digest.errors import UsageError
from digest.model.publication import Publication
from digest.model.story import Topic
from digest.pipeline.services import Services
from digest.pipeline.zones import zone_of
from digest.store import topics as stored_topics
from digest.store.stories import Connection


@dataclass(frozen=True, slots=True)
class Offer:
    publication: Publication
    topics: tuple[Topic, ...]
    languages: tuple[str, ...]  # that there are words in, and the one that is had already


def offer(services: Services, connection: Connection, publication: Publication, language: str) -> Offer:
    """`language` is offered whether there are words in it or not."""
    spoken = {path.stem for folder in services.template_folders for path in folder.glob("locale/*.po")}
    languages = {name.partition("_")[0] for name in spoken} | {language}
    known = [*stored_topics.listing(connection), Topic(OTHER, "")]
    topics = tuple(topic for topic in known if not publication.topics or topic.name in publication.topics)
    return Offer(publication, topics, tuple(sorted(languages)))


def wrong(offered: Offer, topics: Collection[str], cadence: str, language: str, zone: str) -> tuple[str, ...]:
    """The fields in which something else was chosen, or nothing."""
    checks: Sequence[tuple[str, bool]] = (
        ("topics", bool(topics) and set(topics) <= {topic.name for topic in offered.topics}),
        ("cadence", cadence in {c.name for c in offered.publication.cadences}),
        ("language", language in offered.languages),
        ("zone", _is_zone(zone)),
    )
    return tuple(name for name, right in checks if not right)


def chosen_topics(offered: Offer, topics: Collection[str]) -> tuple[str, ...]:
    """As a subscription holds them: none stands for all, with those that are added later."""
    names = tuple(topic.name for topic in offered.topics)
    return () if set(topics) == set(names) else tuple(name for name in names if name in topics)


def _is_zone(said: str) -> bool:
    try:
        return bool(zone_of(said))
    except UsageError:
        return False
