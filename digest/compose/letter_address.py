"""Mails about a change of address: what is asked at the new one, what the old one is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from digest.compose.words import Words


@dataclass(frozen=True, slots=True)
class Moving:
    """`kind` is ask (to the new address), moved (to the old one) or taken (to who has the new one already).

    `other` is the other address, masked; it is not named where it is taken. `mailbox` takes the answer by mail; empty
    where the link leads to a page.
    """

    kind: str
    publication: str
    other: str = ""
    days: int = 0
    mailbox: str = ""


class Told(NamedTuple):
    heading: str
    sentences: tuple[str, ...]
    why: str


def told(words: Words, said: Moving, publication: str) -> Told:
    say = words.say
    if said.kind == "ask":
        question = say("Please confirm that the mails that go to %(address)s now are to come here.", address=said.other)
        why = say(
            "You receive this mail because this address was entered for %(publication)s.", publication=publication
        )
        return Told(say("Your new address"), (question,), why)
    why = say("You receive this mail because %(publication)s is sent to you.", publication=publication)
    if said.kind == "moved":
        sentences = (
            say("From now on the mails go to %(address)s, and no more to this address.", address=said.other),
            say("If you did not want that, answer this mail: a person reads it, and can change it back."),
        )
        return Told(say("Your address has changed"), sentences, why)
    sentences = (
        say("Somebody who gets our mails at another address asked for them to come to this one."),
        say("Mails come here already, so nothing was changed. If it was you, unsubscribe the other address."),
    )
    return Told(say("Mails come to this address already"), sentences, why)
