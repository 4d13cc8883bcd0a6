"""Topics: the operator adds, changes, narrows and removes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from digest.compose.candidates import OTHER
from digest.compose.clean import clean
from digest.errors import UsageError
from digest.group.topic_rule_parser import parse
from digest.group.topic_rules import any_phrase
from digest.group.topics import default_topics
from digest.model.story import Topic
from digest.pipeline.services import Services
from digest.store import publications, topics

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LONGEST_NAME = 60
_LONGEST_RULE = 10_000


@dataclass(frozen=True, slots=True)
class Overview:
    topic: Topic
    articles: int


def add(services: Services, name: str, *, rule: str = "", match: Sequence[str] = (), label: str = "") -> Topic:
    """An operator's topic; or a default one that was removed, back again and narrowed by a rule if one is given.

    `match` is a rule in short: any of these words and phrases. Raises RuleError.
    """
    if len(name) > _LONGEST_NAME or not _NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} cannot be a topic's name", mend="small letters and digits, joined by -: brussels-metro"
        )
    if name == OTHER:
        raise UsageError(f"{OTHER!r} is the section for stories without a topic", mend="choose another name")
    rule = said_rule(rule, match)
    default = _default(name)
    if default:
        made = replace(default, label=_said_label(label) or default.label, rule=rule)
    elif rule:
        made = Topic(name, _said_label(label) or name.replace("-", " ").capitalize(), rule=rule)
    else:
        raise UsageError("a topic needs a rule to go by", mend=f"digest topic add {name} --rule 'word or \"a phrase\"'")
    with services.database.write() as connection:
        if default and rule and name in {topic.name for topic in topics.listing(connection)}:
            mend = f"to narrow it: digest topic edit {name} --rule …"
            raise UsageError(f"topic {name!r} exists already", mend=mend)
        topics.add(connection, made)
    return made


def edit(
    services: Services,
    name: str,
    *,
    rule: str = "",
    match: Sequence[str] = (),
    label: str | None = None,
    no_rule: bool = False,
) -> tuple[Topic, Topic]:
    """What is not said stays as it is; an empty label is the one it began with. Returns it before and after."""
    rule = said_rule(rule, match)
    if rule and no_rule:
        raise UsageError("a rule and --no-rule contradict each other", mend="give one of them")
    with services.database.write() as connection:
        before = topics.get(connection, name)
        default = _default(name)
        if no_rule and not default:
            raise UsageError(f"topic {name!r} has nothing but its rule", mend=f"digest topic remove {name}")
        own = default.label if default else name.replace("-", " ").capitalize()
        after = replace(
            before,
            rule="" if no_rule else rule or before.rule,
            label=before.label if label is None else _said_label(label) or own,
        )
        topics.edit(connection, after)
    return before, after


def said_rule(rule: str, match: Sequence[str]) -> str:
    """The rule that was said in one of the two ways, as it is kept. Raises RuleError."""
    if rule and match:
        raise UsageError("--rule and --match contradict each other", mend="say it all in the rule")
    for words in match:
        if not any(c.isalnum() for c in words):
            raise UsageError(f"--match {words!r} has no word in it", mend="give a word or a phrase")
    if match:
        return any_phrase(dict.fromkeys(" ".join(words.replace('"', " ").split()) for words in match))
    if not rule:
        return ""
    rule = " ".join(rule.split())
    if len(rule) > _LONGEST_RULE:
        raise UsageError(f"this rule has more than {_LONGEST_RULE:,} characters", mend="make two topics of it")
    parse(rule)
    return rule


def _said_label(label: str) -> str:
    """On one line. Raises UsageError where a sign in it would turn round the line that it stands in."""
    plain = " ".join(label.split())
    hidden = next((c for c in plain if c not in clean(plain)), "")
    if hidden:
        what = f"a label cannot have the sign U+{ord(hidden):04X} in it, which is not seen and changes its line"
        raise UsageError(what, where=clean(plain), mend="type the label without it")
    return plain


def _default(name: str) -> Topic | None:
    return next((topic for topic in default_topics() if topic.name == name), None)


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
