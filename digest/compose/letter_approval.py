"""The notice that an edition waits for the operator's approval, and the glimpse of it below. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from digest.compose.clean import clean, shorten
from digest.compose.words import Words, direction

_MOST_HEADLINES = 20
_LONGEST = 160


@dataclass(frozen=True, slots=True)
class Waits:
    """An edition in one zone."""

    zone: str
    mails: int
    until: datetime


@dataclass(frozen=True, slots=True)
class Glimpse:
    """The variant that most readers get. `entries`: (headline, why it stands there) each, in the order of the mail."""

    subject: str
    language: str
    readers: int
    entries: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Approving:
    """An edition that waits, in all the zones that are told of. `sends`: it goes out where nobody says anything.

    `attached`: the mail itself goes with the notice.
    """

    edition: str
    waits: tuple[Waits, ...]
    variants: int
    languages: tuple[str, ...]
    sends: bool
    glimpse: Glimpse | None = None
    attached: bool = False


@dataclass(frozen=True, slots=True)
class Headline:
    text: str
    reason: str  # why it stands there; may be empty


@dataclass(frozen=True, slots=True)
class Preview:
    """What templates see of it. `lang` and `dir` are empty where they are the page's own."""

    label: str
    subject: str
    entries: tuple[Headline, ...]
    more: str
    lang: str = ""
    dir: str = ""


def told(words: Words, asked: Approving, now: datetime) -> tuple[str, list[str], Sequence[str]]:
    """Heading, sentences, and what stands above each command."""
    say = words.say
    mails = sum(each.mails for each in asked.waits)
    names = words.comma.join(dict.fromkeys(words.language_name(code) or code for code in asked.languages))
    one = "%(edition)s waits with %(n)s mail (variants: %(variants)s; languages: %(languages)s)."
    many = "%(edition)s waits with %(n)s mails (variants: %(variants)s; languages: %(languages)s)."
    said = [
        words.count(one, many, mails, edition=asked.edition, variants=words.number(asked.variants), languages=names)
    ]
    for each in asked.waits:
        zone = ZoneInfo(each.zone)
        when = words.moment(each.until.astimezone(zone), now.astimezone(zone).date())
        said.append(say("It waits until %(when)s (%(zone)s).", when=when, zone=each.zone))
    said.append(
        say("If you say nothing until then, it goes out.")
        if asked.sends
        else say("If you say nothing until then, it is dropped, and the next edition has its news.")
    )
    if asked.attached:
        said.append(say("The mail that most of its readers get is attached; its headlines stand below."))
    labels = (
        say("To let it go:"),
        say("To stop it, so that the next edition has its news:"),
        say("To see all of its variants:"),
    )
    return say("An edition waits for your approval"), said, labels


def preview(words: Words, glimpse: Glimpse | None, markers: Sequence[str]) -> Preview | None:
    if glimpse is None:
        return None
    one, many = "What %(n)s reader gets (%(language)s)", "What %(n)s readers get (%(language)s)"
    name = words.language_name(glimpse.language) or glimpse.language
    shown = glimpse.entries[:_MOST_HEADLINES]
    left = len(glimpse.entries) - len(shown)
    foreign = glimpse.language != words.language
    return Preview(
        label=words.count(one, many, glimpse.readers, language=name),
        subject=words.isolate(clean(glimpse.subject, markers), glimpse.language),
        entries=tuple(
            Headline(
                words.isolate(shorten(clean(text, markers), _LONGEST)),
                words.isolate(shorten(clean(why, markers), _LONGEST)),
            )
            for text, why in shown
        ),
        more=words.count("and %(n)s more", "and %(n)s more", left) if left else "",
        lang=glimpse.language if foreign else "",
        dir=direction(glimpse.language) if foreign else "",
    )
