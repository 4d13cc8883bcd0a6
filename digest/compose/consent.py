"""What somebody agrees to who signs up, in words that are kept with the subscription. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from digest.compose.clean import clean
from digest.compose.words import Words
from digest.model.publication import Publication


@dataclass(frozen=True, slots=True)
class Consent:
    """`lines` are as a page shows them."""

    language: str
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """As it is kept: without the signs that only tell which way a text runs."""
        return "\n".join(map(clean, self.lines))

    @property
    def mark(self) -> str:
        """What a form sends back of it, so that it is known which words somebody saw: `nl.5f0c…`."""
        return f"{self.language}.{hashlib.sha256(self.text.encode()).hexdigest()[:16]}"


def consent(words: Words, publication: Publication, cadence: str = "") -> Consent:
    """`cadence`: the one that was chosen already; else where there is only one, that."""
    if not cadence and len(publication.cadences) == 1:
        cadence = publication.cadences[0].name
    if cadence:
        how_often = words.say(f"every {cadence}")
        mails = words.say(
            "You agree to get the mails of %(publication)s at this address (%(cadence)s).",
            publication=publication.title,
            cadence=how_often,
        )
    else:
        mails = words.say(
            "You agree to get the mails of %(publication)s at this address, as often as you choose.",
            publication=publication.title,
        )
    end = words.say("You can end that at any time: each mail has a link for it.")
    return Consent(words.language, (mails, end, *map(words.isolate, publication.consent.splitlines())))
