"""Hard or soft: what a failure means for the address. A soft one that comes again and again adds up elsewhere."""

from __future__ import annotations

import re
from functools import lru_cache

from digest.deliver.bounces import phrases, words
from digest.model.report import ReportKind

_HARD, _SOFT = ReportKind.HARD, ReportKind.SOFT
_ASKED = 1200  # characters: the words of one server about one recipient

#: RFC 3463 details that say of themselves that the address, or its domain, is no more.
_HARD_STATUS = re.compile(r"5\.1\.(?:[0-6]|10|11|351)|5\.2\.1|5\.4\.(?:4|310)")
_SOFT_STATUS = re.compile(r"4\..*|5\.1\.(?:[789]|90)|5\.2\.[2-9]|5\.[3567]\..*|5\.4\..*")
#: A parenthesis of the relay, an address and a link's path may hold any word, and mean nothing by it.
_ASIDE = re.compile(r"\(in reply to [^)]{1,60}\)|\bafter (?:MAIL FROM|RCPT TO|EHLO|HELO)[^\n:]{0,200}:")
_LINK = re.compile(r"https?://([\w.-]{1,200})\S{0,500}", re.I)
_ADDRESS = re.compile(words.ADDRESS)


@lru_cache(maxsize=256)  # a report says the same of many
def of_words(text: str, *, guess: bool = True) -> ReportKind | None:
    """What the words say; None where they say nothing that is known. No guess from what relays say of any failure."""
    text = _ADDRESS.sub("@", _LINK.sub(r"\1", _ASIDE.sub(" ", text[:_ASKED])))
    text = " ".join(text.replace("’", "'").split())
    code = words.reply_code(text)
    if phrases.FULL.search(text) or phrases.SENDER.search(text):
        return _SOFT
    if phrases.GONE.search(text):
        return _SOFT if code.startswith("4") or phrases.FOR_NOW.search(text) else _HARD
    if phrases.POLICY.search(text) or phrases.AWAY.search(text):
        return _SOFT
    if guess and phrases.PERHAPS_GONE.search(text):
        return _SOFT if code.startswith("4") else _HARD
    return None


def of_status(status: str) -> ReportKind | None:
    """What the status says; None for those that say nothing but "permanent"."""
    if _HARD_STATUS.fullmatch(status):
        return _HARD
    return _SOFT if _SOFT_STATUS.fullmatch(status) else None


def decide(status: str, said: str, around: str = "") -> ReportKind:
    """From the server's words, then its code, then the relay's words around them.

    Words come first: relays write 5.1.1 over a full mailbox, and 5.7.1 over a user that is unknown. What nobody
    explains is soft: the address may be fine.
    """
    said, around = said[: 2 * _ASKED], around[: 2 * _ASKED]
    own = words.specific(said) or status
    if phrases.BEFORE_RECIPIENT.search(said) or phrases.BEFORE_RECIPIENT.search(around):
        return of_words(words.from_code(said)) or _SOFT
    return of_words(words.from_code(said)) or of_words(said) or of_status(own) or of_words(around, guess=False) or _SOFT
