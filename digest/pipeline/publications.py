"""Publications: made from what the operator says and, where nothing is said, from the settings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import Any

from digest.audience.rules import Action
from digest.compose.candidates import OTHER
from digest.errors import NotFound, UsageError
from digest.model.cadence import WEEKDAYS, Cadence, Every, Lateness
from digest.model.cause import Cause
from digest.model.delivery import DeliveryState
from digest.model.publication import Access, NothingNew, Publication, Unapproved
from digest.pipeline.choices import check_language, check_zone
from digest.pipeline.envelope import check_page
from digest.pipeline.imprint import check_lines, check_reply_to
from digest.pipeline.services import Services
from digest.pipeline.subscriptions import stop_deliveries
from digest.store import counters, publications, sources, subscribers, topics, windows
from digest.store.stories import Connection

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,58}[a-z0-9]|[a-z0-9]")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the operator said; None and empty mean: nothing."""

    name: str
    title: str = ""
    every: Sequence[str] = ()
    on: Sequence[str] = ()
    at: str = ""
    zone: str = ""
    language: str = ""
    late: str = ""
    sender: str = ""
    look: str = ""
    topics: Sequence[str] | None = None
    sources: Sequence[str] | None = None
    languages: Sequence[str] | None = None
    late_limit_hours: float | None = None
    max_entries: int | None = None
    max_per_section: int | None = None
    catch_up_days: int | None = None
    uncertain: str | None = None
    images: int | None = None
    reply_to: str | None = None
    postal: Sequence[str] | None = None  # lines
    imprint: Sequence[str] | None = None
    nothing_new: str = ""
    approval_hours: float | None = None
    unapproved: str = ""
    sign_up: str = ""
    archive: str = ""
    about: Sequence[str] | None = None  # lines
    consent: Sequence[str] | None = None
    thanks: str | None = None


def add(services: Services, asked: Asked) -> Publication:
    if not _NAME.fullmatch(asked.name):
        raise UsageError(f"{asked.name!r} cannot be a publication's name", mend="small letters, digits, - . _")
    default, mail = services.settings.publication, services.settings.mail
    made = Publication(
        name=asked.name,
        title=asked.title or asked.name.replace("-", " ").replace("_", " ").capitalize(),
        cadences=cadences(asked.every, asked.on, asked.at or default.at),
        zone=check_zone(asked.zone or default.zone),
        language=check_language(asked.language or default.language),
        late=Lateness(asked.late or default.late),
        late_limit_hours=_said(asked.late_limit_hours, default.late_limit_hours),
        sender=asked.sender or mail.from_,
        look=asked.look or default.look,
        max_entries=asked.max_entries or default.max_entries,
        max_per_section=asked.max_per_section or default.max_per_section,
        catch_up_days=asked.catch_up_days or default.catch_up_days,
        uncertain=asked.uncertain or mail.uncertain,
        images=_images(asked, 0),
        nothing_new=NothingNew(asked.nothing_new or default.nothing_new),
        approval_hours=_said(asked.approval_hours, default.approval_hours),
        unapproved=Unapproved(asked.unapproved or default.unapproved),
    )
    made = replace(made, **_imprint(asked), **_pages(asked))
    now = services.clock()
    with services.database.write() as connection:
        return publications.add(connection, _selected(connection, made, asked), now)


def edit(services: Services, asked: Asked) -> Publication:
    """What is not said stays as it is."""
    now = services.clock()
    with services.database.write() as connection:
        before = publications.get(connection, asked.name)
        changed: dict[str, Any] = {
            "title": asked.title or before.title,
            "zone": check_zone(asked.zone or before.zone),
            "language": check_language(asked.language or before.language),
            "late": Lateness(asked.late or before.late),
            "sender": asked.sender or before.sender,
            "look": asked.look or before.look,
            "late_limit_hours": _said(asked.late_limit_hours, before.late_limit_hours),
            "max_entries": asked.max_entries or before.max_entries,
            "max_per_section": asked.max_per_section or before.max_per_section,
            "catch_up_days": asked.catch_up_days or before.catch_up_days,
            "uncertain": asked.uncertain or before.uncertain,
            "images": _images(asked, before.images),
            "nothing_new": NothingNew(asked.nothing_new or before.nothing_new),
            "approval_hours": _said(asked.approval_hours, before.approval_hours),
            "unapproved": Unapproved(asked.unapproved or before.unapproved),
            **_imprint(asked),
            **_pages(asked),
        }
        if asked.every or asked.on or asked.at:
            changed["cadences"] = _changed_cadences(before, asked)
        after = _selected(connection, replace(before, **changed), asked)
        _keep_readers(connection, before, after)
        _waive_new_topics(connection, before, after, now)
        return publications.edit(connection, after, now)


def _imprint(asked: Asked) -> dict[str, Any]:
    """What was said of whom the mails are from. Raises UsageError."""
    said = {} if asked.reply_to is None else {"reply_to": check_reply_to(asked.reply_to)}
    for name, what, lines in (
        ("postal", "the postal address", asked.postal),
        ("imprint", "the imprint", asked.imprint),
    ):
        if lines is not None:
            said[name] = check_lines(what, lines)
    return said


def _pages(asked: Asked) -> dict[str, Any]:
    """What was said of its pages on the web. Raises UsageError."""
    said: dict[str, Any] = {
        name: Access(value) for name, value in (("sign_up", asked.sign_up), ("archive", asked.archive)) if value
    }
    for name, what, lines in (
        ("about", "what it is about", asked.about),
        ("consent", "the consent", asked.consent),
    ):
        if lines is not None:
            said[name] = check_lines(what, lines)
    if asked.thanks is not None:
        said["thanks"] = asked.thanks and check_page(asked.thanks)
    return said


def _waive_new_topics(connection: Connection, before: Publication, after: Publication, now: datetime) -> None:
    """A topic that the publication takes on does not reach back for those who read all of it."""
    if not before.topics or before.topics == after.topics:
        return
    every = (*(t.name for t in topics.listing(connection)), OTHER)
    last = counters.last(connection, counters.SEQUENCE)
    added = sorted(set(after.topics or every) - set(before.topics))
    for subscription in subscribers.listing(connection, publication=before.name):
        for topic in added if not subscription.topics else ():
            reason = "before the publication had the topic"
            windows.waive(connection, subscription.id, 1, last + 1, topic=topic, reason=reason, now=now)


def _said(hours: float | None, default: float) -> float:
    """No hours at all is an answer too."""
    return default if hours is None else hours


def _images(asked: Asked, default: int) -> int:
    if asked.images:
        from digest.ingest import images  # not at the start: few publications want some

        images.require(asked.name)
    return default if asked.images is None else asked.images


def _changed_cadences(before: Publication, asked: Asked) -> tuple[Cadence, ...]:
    first = before.cadences[0]
    every = asked.every or [c.name for c in before.cadences]
    on = list(asked.on)
    for cadence in before.cadences:
        if cadence.every is Every.WEEK and not any(o[:3].lower() in WEEKDAYS for o in on):
            on.append(WEEKDAYS[cadence.weekday])
        if cadence.every is Every.MONTH and not any(o.isdecimal() for o in on):
            on.append(str(cadence.day))
    on = [o for o in on if (o.isdecimal() and "month" in every) or (not o.isdecimal() and "week" in every)]
    return cadences(every, on, asked.at or first.at.strftime("%H:%M"))


def _keep_readers(connection: Connection, before: Publication, after: Publication) -> None:
    """A cadence that somebody reads by is not taken away under them."""
    offered = {c.name for c in after.cadences}
    orphans = [s for s in subscribers.listing(connection, publication=before.name) if s.cadence not in offered]
    if orphans:
        gone = ", ".join(sorted({s.cadence for s in orphans}))
        mend = "move them first: digest subscriber edit EMAIL --cadence …"
        raise UsageError(f"{len(orphans)} subscriptions still go by {gone}", where=before.name, mend=mend)


def _selected(connection: Connection, made: Publication, asked: Asked) -> Publication:
    known = [t.name for t in topics.listing(connection)]
    for name in asked.topics or ():
        if name not in (*known, OTHER):
            raise NotFound("topic", name, known)
    for name in asked.sources or ():
        sources.get(connection, name)
    return replace(
        made,
        topics=made.topics if asked.topics is None else tuple(dict.fromkeys(asked.topics)),
        sources=made.sources if asked.sources is None else tuple(dict.fromkeys(asked.sources)),
        languages=made.languages if asked.languages is None else tuple(check_language(x) for x in asked.languages),
    )


def cadences(every: Sequence[str], on: Sequence[str], at: str) -> tuple[Cadence, ...]:
    """`--every week --every month --on mon --on 15 --at 07:00`. Raises UsageError."""
    if not every:
        raise UsageError("a publication needs --every", mend="hour, day, weekday, week or month")
    weekday, day = 0, 1
    for text in on:
        if text.isdecimal() and 1 <= int(text) <= 31:
            day = int(text)
            _needs(Every.MONTH, every, text)
        elif text[:3].lower() in WEEKDAYS:
            weekday = WEEKDAYS.index(text[:3].lower())
            _needs(Every.WEEK, every, text)
        else:
            raise UsageError(f"--on {text!r} is no day", mend=f"one of {', '.join(WEEKDAYS)}, or 1 to 31")
    hour = _time(at)
    return tuple(Cadence(Every(name), hour, weekday, day) for name in dict.fromkeys(every))


def _needs(wanted: Every, every: Sequence[str], text: str) -> None:
    if wanted not in every:
        raise UsageError(f"--on {text} goes with --every {wanted}", mend=f"add --every {wanted}")


def _time(at: str) -> time:
    try:
        return datetime.strptime(at, "%H:%M").time()  # noqa: DTZ007 - a time of day, in whatever zone
    except ValueError:
        raise UsageError(f"{at!r} is not a time of day", mend="like 07:00") from None


def set_paused(services: Services, name: str, *, paused: bool) -> Publication:
    """Slots that pass while it is paused are never made up for; their news goes into the next edition."""
    now = services.clock()
    with services.database.write() as connection:
        publication = publications.get(connection, name)
        if publication.paused == paused:
            return publication
        after = publications.edit(connection, replace(publication, paused=paused), now)
        if not paused:
            publications.restart_cadences(connection, publication.id, now)
        return after


def remove(services: Services, name: str) -> int:
    """End every subscription and stop what has not gone out. Returns how many readers it had."""
    now = services.clock()
    with services.database.write() as connection:
        publication = publications.get(connection, name)
        readers = [s for s in subscribers.listing(connection, publication=name) if s.state != "unsubscribed"]
        for subscription in readers:
            reason = "the publication was removed"
            after = type(subscription.state).UNSUBSCRIBED
            subscribers.set_state(connection, subscription, after, now, action=Action.UNSUBSCRIBE, cause=Cause(reason))
            stop_deliveries(connection, subscription.id, now, reason=f"{DeliveryState.SUPPRESSED}: {reason}")
        publications.remove(connection, publication.name)
        return len(readers)
