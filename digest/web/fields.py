"""Fields that forms of the web part share: the choices in the reader's words, and what is wrong with one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from babel.dates import get_timezone_location

from digest.compose.candidates import OTHER
from digest.compose.often import on_day
from digest.compose.words import Words, own_name
from digest.group.topics import is_named, topic_label
from digest.model.cadence import Cadence, Every
from digest.model.story import Topic
from digest.pipeline.zones import zones as known_zones


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: str
    chosen: bool = False


def topics(offered: Sequence[Topic], chosen: Sequence[str], words: Words) -> list[Choice]:
    """In the order of their names, what has none of them last."""

    def place(choice: Choice) -> tuple[bool, str]:
        return choice.value == OTHER, choice.label.casefold()

    return sorted((Choice(t.name, _topic(t, words), t.name in chosen) for t in offered), key=place)


def cadences(offered: Sequence[Cadence], chosen: str, words: Words) -> list[Choice]:
    return [Choice(each.name, _cadence(each, words), each.name == chosen) for each in offered]


def _topic(topic: Topic, words: Words) -> str:
    if topic.name == OTHER:
        return words.say("Other news")
    return topic.label if is_named(topic) else topic_label(topic.name, words.language.partition("_")[0])


def _cadence(cadence: Cadence, words: Words) -> str:
    said = words.say(f"every {cadence.name}")
    said = said[:1].upper() + said[1:]
    if cadence.every is Every.HOUR:
        return said
    when = filter(None, (on_day(words, cadence), words.time(cadence.at)))
    return f"{said} ({words.comma.join(when)})"


def languages(codes: tuple[str, ...], chosen: str) -> list[Choice]:
    """By their own names: who looks for one reads it."""
    named = [(own_name(code), code) for code in codes]
    return [Choice(code, name, code == chosen) for name, code in sorted(named, key=lambda pair: pair[0].casefold())]


@lru_cache(maxsize=64)
def zones(language: str) -> tuple[Choice, ...]:
    """With the place as the reader's language calls it, where that is another word."""
    found = []
    for name in known_zones():
        place = name.rpartition("/")[2].replace("_", " ")
        local = get_timezone_location(name, locale=language, return_city=True) if "/" in name else ""
        found.append(Choice(name, local if local != place else ""))
    return tuple(found)


def why(field: str, zone: str, words: Words) -> str:
    """What is wrong with a choice; `zone` is what was typed for one."""
    say = words.say
    if field == "zone":
        return say("There is no time zone “%(zone)s”. Choose one from the list, like Europe/Brussels.", zone=zone)
    return say("Choose one of these.")
