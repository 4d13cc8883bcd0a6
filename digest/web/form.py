"""What the page of preferences shows: the choices in the reader's words, what is chosen, what is wrong."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from digest.audience.address import masked
from digest.compose.words import Words
from digest.model.subscription import SubscriptionState
from digest.pipeline.preferences import Asked, Done, Preferences
from digest.web import fields
from digest.web.fields import Choice


@dataclass(frozen=True, slots=True)
class Form:
    """`mails` is send, until or pause; None where that cannot be chosen. `until` and `days`: ISO 8601, as browsers
    have it. `wrong`: field -> what is wrong with it; `changed`: what is new.
    """

    title: str
    address: str
    topics: tuple[Choice, ...]
    cadences: tuple[Choice, ...]
    languages: tuple[Choice, ...]
    zones: tuple[Choice, ...]
    zone: str
    mails: str | None
    until: str
    days: tuple[str, ...]  # the first and the last on which a pause may end
    catch_up: int  # days
    wrong: dict[str, str]
    changed: tuple[str, ...] = ()


def form(done: Done, words: Words, asked: Asked | None = None) -> Form:
    """With `asked`, as the reader filled it in; else as the subscription is."""
    found = done.preferences
    asked = asked or _held(found)
    made = Form(
        title=found.publication.title,
        address=masked(found.subscription.subscriber.email),
        topics=tuple(fields.topics(found.topics, asked.topics, words)),
        cadences=tuple(fields.cadences(found.publication.cadences, asked.cadence, words)),
        languages=tuple(fields.languages(found.languages, asked.language)),
        zones=fields.zones(words.language),
        zone=asked.zone,
        mails=_mails(asked) if found.pausable else None,
        until=_day(asked.until or ""),
        days=tuple(day.isoformat() for day in found.days or ()),
        catch_up=found.publication.catch_up_days,
        wrong={field: _why(field, asked, found, words) for field in done.wrong},
    )
    return replace(made, changed=tuple(_said(field, made, found, words) for field in done.changed))


def _held(found: Preferences) -> Asked:
    held = found.subscription
    topics = held.topics or tuple(topic.name for topic in found.topics)
    until = found.until.isoformat() if found.until else None
    return Asked(topics, held.cadence, held.language, held.zone, held.state is SubscriptionState.PAUSED, until)


def _mails(asked: Asked) -> str:
    if not asked.paused:
        return "send"
    return "pause" if asked.until is None else "until"


def _said(field: str, made: Form, found: Preferences, words: Words) -> str:
    """One change, as it is now."""
    say, held = words.say, found.subscription

    def labelled(label: str, value: str) -> str:
        return say("%(label)s: %(value)s", label=say(label), value=value)

    if field == "topics":
        return labelled("Topics", _chosen(made.topics, words) if held.topics else say("all"))
    if field == "cadence":
        return labelled("How often", _chosen(made.cadences, words))
    if field == "language":
        return labelled("Language", _chosen(made.languages, words))
    if field == "zone":
        return labelled("Time zone", held.zone)
    if found.until:
        return say("The mails are paused. They come again on %(day)s.", day=words.full(found.until))
    paused = held.state is SubscriptionState.PAUSED
    return say("The mails are paused.") if paused else say("The mails come again.")


def _chosen(choices: tuple[Choice, ...], words: Words) -> str:
    return words.comma.join(choice.label for choice in choices if choice.chosen)


def _why(field: str, asked: Asked, found: Preferences, words: Words) -> str:
    say = words.say
    if field == "topics":
        return say("Choose at least one topic, or unsubscribe.")
    if field == "address":
        return say("That is not an e-mail address: one looks like name@example.org.")
    if field == "until" and found.days:
        first, last = map(words.full, found.days)
        day = "2027-01-15"  # as a value: it would be turned around among Arabic words
        return say("Choose a day from %(first)s to %(last)s, like %(example)s.", first=first, last=last, example=day)
    return fields.why(field, asked.zone, words)


def _day(typed: str) -> str:
    """A field for a date takes nothing else (HTML, 4.10.5.1.7)."""
    try:
        return date.fromisoformat(typed).isoformat()
    except ValueError:
        return ""
