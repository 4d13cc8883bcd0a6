"""What the sign-up page shows, and the form for other sites."""

from __future__ import annotations

from dataclasses import dataclass

from digest.compose.consent import consent
from digest.compose.words import Words
from digest.pipeline.imprint import imprint
from digest.pipeline.offer import Offer
from digest.pipeline.signing_up import Filled
from digest.settings import MailSettings
from digest.web import fields
from digest.web.fields import Choice

#: A field that no person sees: who fills it in is a program.
TRAP = "subject"
#: Says that the form has boxes for topics.
CHOSEN = "topics"


@dataclass(frozen=True, slots=True)
class SignUpForm:
    """`wrong`: field -> what is wrong with it; `agreed` says which words were shown."""

    name: str
    title: str
    about: tuple[str, ...]
    email: str
    topics: tuple[Choice, ...]
    cadences: tuple[Choice, ...]
    languages: tuple[Choice, ...]
    zones: tuple[Choice, ...]
    zone: str
    consent: tuple[str, ...]
    agreed: str
    sender: str
    imprint: tuple[str, ...]
    wrong: dict[str, str]


def form(
    mail: MailSettings, offered: Offer, words: Words, filled: Filled | None = None, wrong: tuple[str, ...] = ()
) -> SignUpForm:
    """With `filled`, as somebody filled it in; else as the publication is."""
    publication = offered.publication
    filled = filled or _empty(offered, words)
    agreed, by = consent(words, publication), imprint(mail, publication)
    return SignUpForm(
        name=publication.name,
        title=publication.title,
        about=tuple(publication.about.splitlines()),
        email=filled.email,
        topics=tuple(fields.topics(offered.topics, filled.topics, words)),
        cadences=tuple(fields.cadences(publication.cadences, filled.cadence, words)),
        languages=tuple(fields.languages(offered.languages, filled.language)),
        zones=fields.zones(words.language),
        zone=filled.zone,
        consent=agreed.lines,
        agreed=agreed.mark,
        sender=by.sender,
        imprint=tuple(by.footer.splitlines()),
        wrong={field: _why(field, filled, words) for field in wrong},
    )


def _empty(offered: Offer, words: Words) -> Filled:
    """All topics, the first cadence, and the language of the page."""
    publication = offered.publication
    language = words.language.partition("_")[0]
    return Filled(
        email="",
        topics=tuple(topic.name for topic in offered.topics),
        cadence=publication.cadences[0].name,
        language=language if language in offered.languages else publication.language,
        zone=publication.zone,
    )


def _why(field: str, filled: Filled, words: Words) -> str:
    say = words.say
    if field == "email":
        if not filled.email:
            return say("Write your e-mail address.")
        return say("“%(address)s” is not an e-mail address. Write it like name@example.org.", address=filled.email)
    if field == "topics":
        return say("Choose at least one topic.")
    if field == "agreed":
        return say("What you agree to has changed meanwhile. Read it again, and send the form once more.")
    return fields.why(field, filled.zone, words)
