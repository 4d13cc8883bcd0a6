"""What the page of preferences shows: the choices in the reader's words, what is chosen, what is wrong."""

from __future__ import annotations

from dataclasses import dataclass, replace

from digest.audience.address import masked
from digest.compose.words import Words
from digest.model.subscription import Subscription, SubscriptionState
from digest.pipeline.preferences import Asked, Done, Preferences
from digest.web import fields
from digest.web.fields import Choice


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
        topics=tuple(fields.topics(found.topics, asked.topics, words)),
        cadences=tuple(fields.cadences(found.publication.cadences, asked.cadence, words)),
        languages=tuple(fields.languages(found.languages, asked.language)),
        zones=fields.zones(words.language),
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
    if field == "topics":
        return words.say("Choose at least one topic, or unsubscribe.")
    return fields.why(field, asked.zone, words)
