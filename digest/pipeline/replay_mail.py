"""A mail as a replay compares it: what it says, and how large it is, without what is one reader's own."""

from __future__ import annotations

from dataclasses import dataclass

from digest.compose.check.finished import parts
from digest.compose.difference import Item
from digest.deliver.message import Template
from digest.model.splice import ADDRESS

_NOBODYS = "https://example.invalid/"  # no reader's own (RFC 2606)
_NOBODY = "reader@example.invalid"


class _Nobodys(dict[str, str]):
    """A value for each slot, whatever slots there are: the same in every mail."""

    def __missing__(self, name: str) -> str:
        return _NOBODYS


@dataclass(frozen=True, slots=True)
class Mail:
    """All empty where there is none. `more`: entries beyond its limits."""

    subject: str = ""
    items: tuple[Item, ...] = ()
    more: int = 0
    text: str = ""
    html: str = ""

    @property
    def bytes(self) -> int:
        """Of its HTML."""
        return len(self.html.encode())


NOTHING = Mail()


def mail_of(subject: str, more: int, items: tuple[Item, ...], message: bytes) -> Mail:
    """`message`: as it is stored; empty of a mail that was withdrawn."""
    text, html = parts(Template(message).splice(_Nobodys({ADDRESS: _NOBODY}))) if message else ("", "")
    return Mail(subject, items, more, text, html)
