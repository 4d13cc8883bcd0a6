"""What an operator may say of a source: checked the same when it is added and when it is changed."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from digest.errors import NotFound, UsageError
from digest.group.topics import hint_topic
from digest.ingest import pages
from digest.ingest.fetch_connect import check_proxy, target
from digest.ingest.fetch_login import check as check_login
from digest.ingest.hosts import host_of
from digest.ingest.kinds import web
from digest.model.publication import MANUAL, Source, SourceState
from digest.pipeline import full_text
from digest.pipeline.choices import check_language
from digest.pipeline.services import Services
from digest.store import sources, topics
from digest.store.stories import Connection

ORDER = ("location", "publisher", "language", "topics", "login", "proxy", "full_text")
#: What changes an answer, so that the last one no longer says what is new.
_OF_THE_ANSWER = {"location", "login", "full_text"}
#: What changes whether there is an answer.
_OF_THE_WAY = _OF_THE_ANSWER | {"proxy"}
#: What was read of the old place, and holds at the new one: its pages and mails were taken in.
_OF_ARTICLES = {"seen"}


@dataclass(frozen=True, slots=True)
class Changed:
    """A source before and after; `settings` are those that differ. `fetched`: the next fetch goes by them."""

    before: Source
    after: Source
    settings: tuple[str, ...]

    @property
    def fetched(self) -> bool:
        return bool(_OF_THE_WAY.intersection(self.settings)) and self.after.state is SourceState.ACTIVE

    @property
    def of_articles(self) -> bool:
        """Whether articles that come in are told of differently."""
        return bool({"publisher", "language", "topics"}.intersection(self.settings))


def change(services: Services, name: str, said: Mapping[str, Any]) -> Changed:
    """Change the settings that were said; an empty one is taken away. Raises NotFound, UsageError."""
    with services.database.write() as connection:
        before = sources.get(connection, name)
        _check_changeable(before)
        wanted = dict(said)
        if "location" in wanted:
            wanted["location"] = services.load_source_kind(before.kind).check(wanted["location"])
            _check_place(connection, before, wanted)
        settings = checked(connection, before.kind, wanted.get("location", before.location), wanted)
        after = replace(before, **settings)
        differ = tuple(key for key in settings if getattr(after, key) != getattr(before, key))
        if "location" in differ and after.state is SourceState.GONE:  # that was said of the old address
            after = replace(after, state=SourceState.ACTIVE)
        if differ:
            memory = sources.on_record(connection, [before.id])[before.id].memory
            due = services.clock() if _OF_THE_WAY.intersection(differ) else None
            sources.change(connection, after, _remembered(memory, after, differ), due)
    return Changed(before, after, differ)


def checked(connection: Connection, kind: str, location: str, said: Mapping[str, Any]) -> dict[str, Any]:
    """The settings in the form that is kept. A login is tried here, so that a slip shows at once."""
    kept = {key: said[key] for key in ORDER if key in said}
    if (said.get("login") or said.get("proxy")) and not host_of(location):
        raise UsageError("is not fetched over the web: it needs no login and no proxy", where=location)
    if said.get("full_text"):
        _check_full_text(kind, location)
    for key, check in (("language", check_language), ("login", check_login), ("proxy", check_proxy)):
        if said.get(key):
            kept[key] = check(said[key])
    if "topics" in said:
        kept["topics"] = _topics(connection, said["topics"])
    return kept


def refuse_twice(known: Iterable[Source], kind: str, location: str) -> None:
    for source in known:
        if (source.kind, source.location) == (kind, location):
            removed = source.state is SourceState.REMOVED
            what = f"was source {source.name!r} before" if removed else f"is source {source.name!r} already"
            verb = "resume" if removed else "show"
            raise UsageError(what, where=location, mend=f"digest source {verb} {shlex.quote(source.name)}")


def _check_changeable(source: Source) -> None:
    where = f"source {source.name}"
    if source.kind == MANUAL:
        raise UsageError("is filled by hand: its articles say all there is to say themselves", where=where)
    if source.state is SourceState.REMOVED:
        raise UsageError("was removed", where=where, mend=f"digest source resume {shlex.quote(source.name)}")


def _check_place(connection: Connection, before: Source, wanted: Mapping[str, Any]) -> None:
    """A login is never sent to a server that it was not meant for."""
    location = wanted["location"]
    others = (source for source, _ in sources.listing(connection) if source.id != before.id)
    refuse_twice(others, before.kind, location)
    if before.login and "login" not in wanted and target(location).origin != target(before.location).origin:
        what = f"is another server than the one that the login of source {before.name!r} is for"
        raise UsageError(what, where=location, mend="say which login to send there, --login, or --no-login")


def _check_full_text(kind: str, location: str) -> None:
    if kind != "feed":
        raise UsageError("has no teasers to fill", where=location, mend="leave --full-text out: it is for feeds")
    if not pages.available():
        what = "to read pages takes trafilatura, which is not installed"
        raise UsageError(what, where="--full-text", mend=pages.MEND)


def _topics(connection: Connection, wanted: Sequence[str]) -> tuple[str, ...]:
    """A source can file its articles under the default topics; an operator's own go by their words alone."""
    known = {topic.name: topic for topic in topics.listing(connection)}
    for name in wanted:
        if name not in known:
            raise NotFound("topic", name, list(known))
        if hint_topic(name) != name:
            raise UsageError(
                f"topic {name!r} goes by its words, so a source cannot file under it",
                mend="name one of the default topics, see: digest topic list",
            )
    return tuple(dict.fromkeys(wanted))


def _remembered(memory: dict[str, str], after: Source, differ: Sequence[str]) -> dict[str, str]:
    """What the reader of the source finds again: nothing by which a server could say that nothing has changed."""
    if "location" in differ:
        memory = {key: value for key, value in memory.items() if key in _OF_ARTICLES}
    if _OF_THE_ANSWER.intersection(differ):
        memory = web.without_validators(memory)
    if "full_text" in differ:
        memory = full_text.reminded(memory, wanted=after.full_text)
    return memory
