"""Mails to one person that are no edition: a confirmation that is asked for, a notice to the operator.

What templates see of them, in the reader's words. As in `page`: add to these classes freely, rename nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from digest.compose import bidi, letter_address, letter_approval
from digest.compose.clean import clean, shorten
from digest.compose.letter_address import Moving
from digest.compose.letter_approval import Approving, Preview
from digest.compose.words import Words

_LONGEST_REASON = 400
_CADENCES = ("hour", "day", "weekday", "week", "month")


@dataclass(frozen=True, slots=True)
class LetterSlots:
    """Markers that stand for the recipient's own values; each alone on a line of its own."""

    address: str
    confirm: str = ""  # the link that confirms
    phrase: str = ""  # the subject that confirms; empty where the link leads to a page
    preferences: str = ""  # the link to what a reader can change

    @property
    def all(self) -> tuple[str, ...]:
        return tuple(filter(None, (self.address, self.confirm, self.phrase, self.preferences)))

    @property
    def needed(self) -> tuple[str, ...]:
        return self.all


@dataclass(frozen=True, slots=True)
class Confirm:
    """What a confirmation asks. `mailbox` takes it by mail; empty where the link leads to a page."""

    publication: str
    cadence: str
    days: int
    mailbox: str = ""


@dataclass(frozen=True, slots=True)
class Subscribed:
    """A reader who was signed up once more is told that there is nothing to confirm."""

    publication: str
    cadence: str
    paused: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One edition that is larger than its cap."""

    edition: str
    mails: int
    cap: int


@dataclass(frozen=True, slots=True)
class Notice:
    """What the operator is told. `kind`: stopped, uncertain, hour, edition or approval."""

    kind: str
    waiting: int
    at: datetime
    why: str = ""  # in whatever words the relay chose
    gone: int = 0
    cap: int = 0
    editions: tuple[Line, ...] = ()
    commands: tuple[str, ...] = ()  # in the order of the notice's actions
    approval: Approving | None = None


@dataclass(frozen=True, slots=True)
class Action:
    label: str
    command: str


@dataclass(frozen=True, slots=True)
class LetterPage:
    lang: str
    dir: str
    start: str
    end: str
    title: str
    date: str
    preheader: str
    why: str
    sender: str
    imprint: tuple[str, ...]
    slots: LetterSlots
    # of a confirmation
    publication: str = ""
    cadence: str = ""
    days: int = 0
    mailbox: str = ""
    # of one that says that the mails come already
    paused: bool = False
    # of a notice, and of what is about a change of address
    told: tuple[str, ...] = ()
    quoted: str = ""
    actions: tuple[Action, ...] = field(default=())
    preview: Preview | None = None  # of an edition that waits for approval


class LetterPresenter:
    """`sender` and `imprint` go into the footer."""

    def __init__(self, words: Words, slots: LetterSlots, sender: str, imprint: str) -> None:
        self._words, self._slots = words, slots
        self._sender, self._imprint = sender, imprint

    def confirm(self, asked: Confirm) -> LetterPage:
        say = self._words.say
        title = clean(asked.publication, self._slots.all)
        days = self._words.count("The link works for %(n)s day.", "The link works for %(n)s days.", asked.days)
        return self._page(
            title=self._words.isolate(title),
            preheader=days,
            why=say("You receive this mail because this address was entered for %(publication)s.", publication=title),
            publication=self._words.isolate(title),
            cadence=self._cadence(asked.cadence),
            days=asked.days,
            mailbox=asked.mailbox,
        )

    def subscribed(self, said: Subscribed) -> LetterPage:
        say = self._words.say
        title = clean(said.publication, self._slots.all)
        return self._page(
            title=self._words.isolate(title),
            preheader=say("There is nothing to confirm."),
            why=say("You receive this mail because this address was entered for %(publication)s.", publication=title),
            publication=self._words.isolate(title),
            cadence=self._cadence(said.cadence),
            paused=said.paused,
        )

    def _cadence(self, name: str) -> str:
        return self._words.say(f"every {name}") if name in _CADENCES else ""

    def address(self, said: Moving) -> LetterPage:
        title = clean(said.publication, self._slots.all)
        found = letter_address.told(self._words, said, title)
        return self._page(
            title=found.heading,
            preheader=bidi.closed(shorten(" ".join(found.sentences), 140)),
            why=found.why,
            publication=self._words.isolate(title),
            told=found.sentences,
            days=said.days,
            mailbox=said.mailbox,
        )

    def notice(self, notice: Notice) -> LetterPage:
        heading, told, labels = _TOLD[notice.kind](self._words, notice)
        local = notice.at.astimezone(self._words.zone)
        return self._page(
            title=heading,
            date=f"{self._words.full(local.date())}{self._words.comma}{self._words.clock(local)}",
            preheader=bidi.closed(shorten(" ".join(told), 140)),
            why=self._words.say("You receive this because you run this digest (mail.operator in its settings)."),
            told=tuple(told),
            quoted=self._words.isolate(shorten(clean(notice.why, self._slots.all), _LONGEST_REASON)),
            actions=tuple(map(Action, labels, notice.commands)),
            preview=self._preview(notice),
        )

    def _preview(self, notice: Notice) -> Preview | None:
        asked = notice.approval
        return letter_approval.preview(self._words, asked.glimpse, self._slots.all) if asked else None

    def _page(self, *, title: str, preheader: str, why: str, date: str = "", **own: Any) -> LetterPage:
        rtl = self._words.dir == "rtl"
        return LetterPage(
            lang=self._words.language.replace("_", "-"),
            dir=self._words.dir,
            start="right" if rtl else "left",
            end="left" if rtl else "right",
            title=title,
            date=date,
            preheader=preheader,
            why=why,
            sender=self._outside(self._sender),
            imprint=tuple(filter(None, map(self._outside, self._imprint.splitlines()))),
            slots=self._slots,
            **own,
        )

    def _outside(self, text: str) -> str:
        return self._words.isolate(clean(text, self._slots.all))


_Told = tuple[str, list[str], Sequence[str]]


def _stopped(words: Words, notice: Notice) -> _Told:
    say = words.say
    told = [
        words.count("%(n)s mail waits.", "%(n)s mails wait.", notice.waiting),
        say("Too many in a row could not be sent. The next run tries again by itself. What was said last:"),
    ]
    return say("Sending has stopped"), told, (say("To try at once:"), say("To see what waits:"))


def _uncertain(words: Words, notice: Notice) -> _Told:
    say = words.say
    told = [
        words.count(
            "No answer came to %(n)s mail, so nobody knows whether it arrived.",
            "No answer came to %(n)s mails, so nobody knows whether they arrived.",
            notice.waiting,
        ),
        say("Until you decide, they count as received."),
    ]
    labels = (
        say("To see them:"),
        say("To send one again, byte for byte:"),
        say("To give one up, so that its news goes into the next edition:"),
    )
    return say("Mails wait for your decision"), told, labels


def _hour(words: Words, notice: Notice) -> _Told:
    say = words.say
    told = [
        words.count("%(n)s mail waits.", "%(n)s mails wait.", notice.waiting),
        say(
            "%(gone)s mails left within an hour, and deliver.max_per_hour is %(cap)s.",
            gone=words.number(notice.gone),
            cap=words.number(notice.cap),
        ),
        say("A flood is often a mistake, so no edition goes on before you allow it."),
    ]
    labels = (say("To see what waits:"), say("To let as many more go as the cap says:"), say("To let all go:"))
    return say("The cap of an hour is reached"), told, labels


def _edition(words: Words, notice: Notice) -> _Told:
    say = words.say
    told = [
        say(
            "%(edition)s has %(mails)s mails, and deliver.max_per_edition is %(cap)s.",
            edition=line.edition,
            mails=words.number(line.mails),
            cap=words.number(line.cap),
        )
        for line in notice.editions
    ]
    told.append(say("A flood is often a mistake, so no edition goes on before you allow it."))
    labels = [say("To see what waits:")]
    for line in notice.editions:
        labels += [
            say("To let %(edition)s go:", edition=line.edition),
            say("To stop %(edition)s for good:", edition=line.edition),
        ]
    return say("An edition is larger than its cap"), told, labels


def _approval(words: Words, notice: Notice) -> _Told:
    assert notice.approval is not None
    return letter_approval.told(words, notice.approval, notice.at)


_TOLD = {
    "stopped": _stopped,
    "uncertain": _uncertain,
    "hour": _hour,
    "edition": _edition,
    "approval": _approval,
}
