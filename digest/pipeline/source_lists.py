"""Feeds from a list that another feed reader wrote (OPML), and back into one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from digest.errors import BadInput, DigestError, UsageError
from digest.group.topics import hint_topic, topic_label
from digest.ingest.opml import Folder, Listing, Outline
from digest.ingest.plain import one_line
from digest.model.publication import Source, SourceState
from digest.pipeline.choices import check_language
from digest.pipeline.services import Services
from digest.pipeline.sources import LONGEST_NAME, derive_name
from digest.store import sources

FEED = "feed"
_MOST_TOPICS = 10
_LONGEST_HINT = 100


@dataclass
class ImportReport:
    """`known`: sources already, or named twice in the list. `notes`: what was left away of a feed that was taken."""

    added: list[Source] = field(default_factory=list)
    known: int = 0
    failed: list[DigestError] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def import_list(services: Services, listing: Listing, origin: str, *, dry_run: bool = False) -> ImportReport:
    """Add a source for each feed of the list. Nothing is fetched; given again, nothing changes."""
    report = ImportReport(known=listing.again, failed=list(listing.bad))
    check = services.load_source_kind(FEED).check
    now = services.clock()
    with services.database.read() if dry_run else services.database.write() as connection:
        there = [source for source, _ in sources.listing(connection)]
        locations = {source.location for source in there if source.kind == FEED}
        names = {source.name for source in there}
        for outline in listing.outlines:
            try:
                location = check(outline.url)
            except UsageError as error:
                place = f"{origin}, {outline.title or outline.url}"
                report.failed.append(BadInput(f"{outline.url!r} {error.what}", where=place, mend=error.mend))
                continue
            if location in locations:
                report.known += 1
                continue
            made = _source(outline, location, names, report)
            report.added.append(made)
            locations.add(location)
            names.add(made.name)
            if not dry_run:
                sources.add(connection, made, now)
    return report


def _source(outline: Outline, location: str, names: Iterable[str], report: ImportReport) -> Source:
    name = _name(outline.title, location, names)
    language = ""
    if outline.language:
        try:
            language = check_language(outline.language)
        except DigestError:
            report.notes.append(f"source {name}: {outline.language!r} is no language, so each article's is found")
    return Source(name, FEED, location, language=language, topics=hints(outline.folders))


def _name(title: str, location: str, names: Iterable[str]) -> str:
    base = "".join(c for c in one_line(title) if c.isprintable()).strip(" -")[: LONGEST_NAME - 5].strip()
    if not base:
        return derive_name(FEED, location, list(names))
    number, name = 1, base
    while name in names:
        number += 1
        name = f"{base}-{number}"
    return name


def hints(folders: Iterable[Folder]) -> tuple[str, ...]:
    """A folder's default topic, by its innermost name that means one; else its path, as a hint."""
    found = (next(filter(None, map(hint_topic, reversed(path))), "/".join(path)[:_LONGEST_HINT]) for path in folders)
    return tuple(dict.fromkeys(found))[:_MOST_TOPICS]


@dataclass(frozen=True, slots=True)
class Exported:
    outlines: list[Outline]
    others: int  # sources that no feed reader could read: folders, mail, pages


def export(services: Services) -> Exported:
    """Every feed that is fetched or paused, as the list's outlines."""
    with services.database.read() as connection:
        kept = [s for s, _ in sources.listing(connection) if s.state in {SourceState.ACTIVE, SourceState.PAUSED}]
    feeds = [source for source in kept if source.kind == FEED]
    others = [source for source in kept if source.kind != FEED and source.location]
    return Exported([outline(source) for source in feeds], len(others))


def outline(source: Source) -> Outline:
    return Outline(source.location, source.name, _folders(source.topics), source.language)


def _folders(topics: tuple[str, ...]) -> tuple[Folder, ...]:
    """The first one by a name that people read, if it leads back to the topic."""
    paths = [tuple(part for part in topic.split("/") if part) for topic in topics]
    if topics and hint_topic(label := topic_label(topics[0], "en")) == topics[0] and label != topics[0]:
        paths[0] = (label,)
    return tuple(path for path in paths if path)
