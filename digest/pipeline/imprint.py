"""What the mails of a publication say of whom they are from: decided here for mails of every kind."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import getaddresses, parseaddr

from digest.audience.address import normalise
from digest.compose.clean import clean
from digest.deliver.headers import own_address
from digest.errors import BadInput, UsageError
from digest.model.publication import Publication
from digest.settings import MailSettings

_MOST_LINES = 12
_LONGEST_LINE = 200
_LONGEST_ADDRESS = 320  # of a display name and an address


@dataclass(frozen=True, slots=True)
class Imprint:
    """`sender` and `reply_to` are a display name and an address each; `footer` has its lines kept."""

    sender: str
    reply_to: str
    footer: str

    @property
    def address(self) -> str:
        return parseaddr(self.sender)[1]

    @property
    def answers(self) -> str:
        """The mailbox that answers go to."""
        return parseaddr(self.reply_to)[1] or self.address


def imprint(mail: MailSettings, publication: Publication | None = None) -> Imprint:
    """The publication's own, else what the settings say; without a publication, the settings'."""
    if publication is None:
        return Imprint(mail.from_, mail.reply_to, _joined(mail.postal, mail.imprint))
    return Imprint(
        publication.sender or mail.from_,
        publication.reply_to or mail.reply_to,
        _joined(publication.postal or mail.postal, publication.imprint or mail.imprint),
    )


def _joined(postal: str, rest: str) -> str:
    """The postal address first: that is what laws ask for, and what mail programs look for."""
    return "\n".join(part for part in (postal.strip(), rest.strip()) if part)


def check_reply_to(text: str) -> str:
    """The same, where every reader's server takes it in a header; empty stays empty. Raises UsageError."""
    if not text.strip():
        return ""
    mend = 'like "Readers\' desk <desk@example.org>"'
    found = getaddresses([text])
    if len(found) != 1 or not found[0][1] or not text.isprintable() or clean(text) != text.strip():
        raise UsageError(f"{clean(text)[:80]!r} is not an address to answer to", mend=mend)
    if len(text) > _LONGEST_ADDRESS:
        what = f"an address to answer to of {len(text)} signs is too long"
        raise UsageError(what, mend=f"at most {_LONGEST_ADDRESS}, with the name before it")
    try:
        own_address(normalise(found[0][1]))
    except BadInput as error:
        raise UsageError(error.what, mend=error.mend or mend) from None
    return text.strip()


def check_lines(what: str, given: Sequence[str]) -> str:
    """Lines of a footer: each one given, and those that it has of its own. Raises UsageError; `what` names them."""
    lines = [line.strip() for text in given for line in text.replace("\r\n", "\n").split("\n")]
    lines = [line for line in lines if line]
    for line in lines:
        if any(unicodedata.category(sign) == "Cc" and sign != "\t" for sign in line):
            raise UsageError(f"{what} has a control sign in it", where=repr(clean(line)[:60]), mend="write it anew")
        if len(line) > _LONGEST_LINE:
            mend = f"at most {_LONGEST_LINE}: break it into several"
            raise UsageError(f"{what} has a line of {len(line)} signs", where=repr(line[:40] + "…"), mend=mend)
    if len(lines) > _MOST_LINES:
        raise UsageError(f"{what} has {len(lines)} lines", mend=f"at most {_MOST_LINES}: it stands in every mail")
    return "\n".join(map(clean, lines))
