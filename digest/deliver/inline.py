"""Pictures inside a message: parts beside the HTML that names them, so that nothing is fetched when it is read."""

from __future__ import annotations

import base64
import hashlib
import re
from binascii import b2a_base64
from dataclasses import dataclass
from email.message import EmailMessage
from functools import cached_property

_CRLF = "\r\n"
_BYTES_A_LINE = 57  # 76 signs of base64 (RFC 2045, 6.8)
_KINDS = re.compile(r"image/(?:jpeg|png|gif)")
_ID = re.compile(r"[a-z0-9]+@[A-Za-z0-9.-]+")


@dataclass(frozen=True)
class Inline:
    """A picture, and by what the HTML names it: the same file has the same name."""

    mime: str
    data: bytes
    domain: str

    @cached_property
    def cid(self) -> str:
        return f"{hashlib.blake2b(self.data, digest_size=12).hexdigest()}@{self.domain}"

    @property
    def src(self) -> str:
        """As the HTML has it (RFC 2392)."""
        return f"cid:{self.cid}"

    def part(self) -> list[str]:
        """Its lines in a message. It has no file name: there is nothing to save."""
        assert _KINDS.fullmatch(self.mime)
        assert _ID.fullmatch(self.cid)
        lines = [
            b2a_base64(self.data[at : at + _BYTES_A_LINE], newline=False).decode("ascii")
            for at in range(0, len(self.data), _BYTES_A_LINE)
        ]
        return [
            f"Content-Type: {self.mime}",
            "Content-Transfer-Encoding: base64",
            f"Content-ID: <{self.cid}>",
            "Content-Disposition: inline",
            "",
            *lines,
            "",
        ]


def in_a_browser(message: EmailMessage) -> str:
    """The HTML of a message with its pictures in it: only mail programs know what `cid:` is."""
    body = message.get_body(("html",))
    assert body is not None
    html = str(body.get_content())
    for part in message.walk():
        name = str(part.get("Content-ID", "")).strip("<>")
        if name and part.get_content_maintype() == "image":
            data = part.get_payload(decode=True)
            assert isinstance(data, bytes)
            url = f"data:{part.get_content_type()};base64,{base64.b64encode(data).decode('ascii')}"
            html = html.replace(f"cid:{name}", url)
    return html
