"""Topics: the operator adds, narrows and removes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from digest.compose.candidates import OTHER
from digest.errors import UsageError
from digest.group.topics import default_topics
from digest.model.story import Topic
from digest.pipeline.services import Services
from digest.store import publications, topics

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Overview:
    topic: Topic
    articles: int


def add(services: Services, name: str, match: Sequence[str], label: str = "") -> Topic:
    """An operator's topic; or a default one that was removed, back again and narrowed to `match` if that is given."""
    if len(name) > _LONGEST_NAME or not _NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} cannot be a topic's name", mend="small letters and digits, joined by -: brussels-metro"
        )
    if name == OTHER:
        raise UsageError(f"{OTHER!r} is the section for stories without a topic", mend="choose another name")
    words = _words(match)
    default = next((topic for topic in default_topics() if topic.name == name), None)
    if default:
        made = replace(default, label=label or default.label, match=words)
    elif words:
        made = Topic(name, label or name.replace("-", " ").capitalize(), match=words)
    else:
        raise UsageError(
            "a topic needs words to go by", mend=f'digest topic add {name} --match "some words" --match more'
        )
    with services.database.write() as connection:
        if default and words and name in {topic.name for topic in topics.listing(connection)}:
            mend = f"to narrow it to words of yours: digest topic remove {name}, then add it again"
            raise UsageError(f"topic {name!r} exists already", mend=mend)
        topics.add(connection, made)
    return made


def _words(match: Sequence[str]) -> tuple[str, ...]:
    words = tuple(dict.fromkeys(" ".join(word.split()) for word in match))
    for word in words:
        if not any(c.isalnum() for c in word):
            raise UsageError(f"--match {word!r} has no word in it", mend="give a word or a phrase")
    return words


def overview(services: Services) -> list[Overview]:
    """The operator's own first."""
    with services.database.read() as connection:
        number = topics.counts(connection)
        found = [Overview(topic, number.get(topic.name, 0)) for topic in topics.listing(connection)]
    return sorted(found, key=lambda entry: (entry.topic.kind != "operator", entry.topic.name))


def show(services: Services, name: str) -> Overview:
    """Raises NotFound."""
    with services.database.read() as connection:
        topic = topics.get(connection, name)
        return Overview(topic, topics.counts(connection).get(name, 0))


def remove(services: Services, name: str) -> list[str]:
    """No article gets it from now on. Returns the publications that still ask for it."""
    with services.database.write() as connection:
        topics.remove(connection, name)
        return [p.name for p in publications.listing(connection) if name in p.topics]
