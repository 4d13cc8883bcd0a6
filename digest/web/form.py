"""What the page of preferences shows: the choices in the reader's words, what is chosen, what is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import get_timezone_location

from digest.audience.address import masked
from digest.compose.candidates import OTHER
from digest.compose.words import Words
from digest.group.topics import is_named, topic_label
from digest.model.cadence import Cadence, Every
from digest.model.story import Topic
from digest.model.subscription import Subscription, SubscriptionState
from digest.pipeline.preferences import Asked, Done, Preferences
from digest.pipeline.zones import zones


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """`paused` is None where that cannot be chosen. `wrong`: field -> what is wrong with it; `changed`: what is new."""

    title: str
    address: str
    topics: tuple[Choice, ...]
    cadences: tuple[Choice, ...]
    languages: tuple[Choice, ...]
    zones: tuple[Choice, ...]
    zone: str
    paused: bool | None
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
        topics=tuple(_topics(found.topics, asked.topics, words)),
        cadences=tuple(Choice(c.name, _cadence(c, words), c.name == asked.cadence) for c in found.publication.cadences),
        languages=tuple(_languages(found.languages, asked.language)),
        zones=_zones(words.language),
        zone=asked.zone,
        paused=asked.paused if found.pausable else None,
        catch_up=found.publication.catch_up_days,
        wrong={field: _why(field, asked, words) for field in done.wrong},
    )
    return replace(made, changed=tuple(_said(field, made, found.subscription, words) for field in done.changed))


def _held(found: Preferences) -> Asked:
    held = found.subscription
    topics = held.topics or tuple(topic.name for topic in found.topics)
    return Asked(topics, held.cadence, held.language, held.zone, held.state is SubscriptionState.PAUSED)


def _said(field: str, made: Form, held: Subscription, words: Words) -> str:
    """One change, as it is now."""
    say = words.say

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
    paused = held.state is SubscriptionState.PAUSED
    return say("The mails are paused.") if paused else say("The mails come again.")


def _chosen(choices: tuple[Choice, ...], words: Words) -> str:
    return words.comma.join(choice.label for choice in choices if choice.chosen)


def _why(field: str, asked: Asked, words: Words) -> str:
    say = words.say
    if field == "topics":
        return say("Choose at least one topic, or unsubscribe.")
    if field == "zone":
        return say("There is no time zone “%(zone)s”. Choose one from the list, like Europe/Brussels.", zone=asked.zone)
    return say("Choose one of these.")


def _topics(offered: Sequence[Topic], chosen: Sequence[str], words: Words) -> list[Choice]:
    """In the order of their names, what has none of them last."""

    def place(choice: Choice) -> tuple[bool, str]:
        return choice.value == OTHER, choice.label.casefold()

    return sorted((Choice(t.name, _topic(t, words), t.name in chosen) for t in offered), key=place)


def _topic(topic: Topic, words: Words) -> str:
    if topic.name == OTHER:
        return words.say("Other news")
    return topic.label if is_named(topic) else topic_label(topic.name, words.language.partition("_")[0])


def _cadence(cadence: Cadence, words: Words) -> str:
    said = words.say(f"every {cadence.name}")
    said = said[:1].upper() + said[1:]
    if cadence.every is Every.HOUR:
        return said
    at = words.time(cadence.at)
    return f"{said} ({words.day_name(cadence.weekday)}, {at})" if cadence.every is Every.WEEK else f"{said} ({at})"


def _languages(codes: tuple[str, ...], chosen: str) -> list[Choice]:
    """By their own names: who looks for one reads it."""
    named = [(_own_name(code), code) for code in codes]
    return [Choice(code, name, code == chosen) for name, code in sorted(named, key=lambda pair: pair[0].casefold())]


def _own_name(code: str) -> str:
    try:
        name = Locale.parse(code).get_display_name() or code
    except (UnknownLocaleError, ValueError):
        return code
    return name[:1].upper() + name[1:]


@lru_cache(maxsize=64)
def _zones(language: str) -> tuple[Choice, ...]:
    """With the place as the reader's language calls it, where that is another word."""
    found = []
    for name in zones():
        place = name.rpartition("/")[2].replace("_", " ")
        local = get_timezone_location(name, locale=language, return_city=True) if "/" in name else ""
        found.append(Choice(name, local if local != place else ""))
    return tuple(found)
