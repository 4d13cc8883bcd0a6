"""[pure] Small pieces of what providers write: times, status codes, a line of a server's words."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import msgspec

from digest.errors import BadInput

_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")  # RFC 3463
_LONGEST = 500
#: A token of an envelope sender (digest.audience.tokens.bounce_token), with nothing else beside it.
_TOKEN = re.compile(r"(?<![0-9a-z])[0-9a-v]{18,29}(?![0-9a-z])", re.IGNORECASE)


def record(body: bytes | str, what: str) -> dict[str, Any]:
    """A JSON object. Raises BadInput."""
    try:
        found = msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        raise BadInput(f"{what} is not JSON", mend="see docs/web.md") from None
    return table(found)


def table(value: object) -> dict[str, Any]:
    """The object that is there, or an empty one: providers leave out what they do not know."""
    return value if isinstance(value, dict) else {}


def rows(value: object) -> list[dict[str, Any]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def text(value: object) -> str:
    return value if isinstance(value, str) else ""


def line(*parts: object) -> str:
    """One line of what somebody else wrote."""
    said = " ".join(" ".join(text(part) for part in parts).split())
    return "".join(c if c.isprintable() else " " for c in said)[:_LONGEST].strip()


def when(value: object) -> datetime | None:
    """An ISO 8601 time with its zone."""
    try:
        found = datetime.fromisoformat(text(value))
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def status(*parts: object) -> str:
    """The first RFC 3463 code in what a server said."""
    found = _STATUS.search(" ".join(text(part) for part in parts))
    return found[1] if found else ""


def message_id(value: object) -> str:
    """A Message-ID with its angle brackets, which some leave out; empty for what is none."""
    said = text(value).strip()
    inner = said[1:-1] if said[:1] == "<" and said[-1:] == ">" else said
    fine = inner.isascii() and inner.isprintable() and inner.count("@") == 1 and not set(inner) & set(" <>")
    return f"<{inner}>" if fine and len(inner) < _LONGEST else ""


def token(envelope_sender: object) -> str:
    """The token in the address that the mail was sent from, if there is one."""
    found = _TOKEN.findall(text(envelope_sender).rpartition("@")[0])
    return found[-1].lower() if found else ""
