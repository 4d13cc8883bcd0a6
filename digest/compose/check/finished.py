"""A finished message, taken apart once for all checks. Pure."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser, LexborNode

from digest.compose.check.css import Sheet, read_sheet

_SHOWN = 60  # characters of a text or an address in a finding


@dataclass(frozen=True, slots=True)
class Asked:
    """What the publication wants of its mails, and what the checks cannot know by themselves."""

    imprint: str = ""  # what the footer must hold, lines kept: postal address and imprint
    private: Callable[[str], bool] = lambda _host: False  # whether a host says of itself that it is no public one


@dataclass(frozen=True, slots=True)
class Finished:
    """`source` is the message as it leaves; the parts are decoded, with plain line ends."""

    source: bytes
    subject: str
    headers: tuple[tuple[str, str], ...]
    text: str
    html: str
    tree: LexborHTMLParser = field(repr=False)
    sheet: Sheet = field(repr=False)

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    def elements(self) -> Iterator[LexborNode]:
        """Those of the HTML, in their order."""
        if self.html and self.tree.root is not None:
            yield from (n for n in self.tree.root.traverse() if n.tag and n.tag[0] not in "-!")


def parts(source: bytes) -> tuple[str, str]:
    """Text and HTML as a mail program would show them; empty where there is no such part."""
    message = email.message_from_bytes(source, policy=email.policy.default)
    found = [message.get_body((kind,)) for kind in ("plain", "html")]
    text, html = ("" if part is None else str(part.get_content()).replace("\r\n", "\n") for part in found)
    return text, html


def read(source: bytes) -> Finished:
    message = email.message_from_bytes(source, policy=email.policy.default)
    headers = tuple((name, " ".join(str(value).split())) for name, value in message.items())
    return of_parts(source, str(message["Subject"] or ""), headers, *parts(source))


def of_parts(source: bytes, subject: str, headers: tuple[tuple[str, str], ...], text: str, html: str) -> Finished:
    tree = LexborHTMLParser(html)
    sheet = read_sheet("\n".join(style.text() for style in tree.css("style")))
    return Finished(source, subject, headers, text, html, tree, sheet)


def name_of(node: LexborNode) -> str:
    """An element as people look for it in a template: `td.quiet`."""
    names = (node.attributes.get("class") or "").split()
    return f"<{node.tag}{''.join('.' + n for n in names[:2])}>"


def short(text: str) -> str:
    """In quotation marks, cut where it is long."""
    text = " ".join(text.split())
    return f'"{text}"' if len(text) <= _SHOWN else f'"{text[: _SHOWN - 1]}…"'
