"""A finished message as the reader's mail program would open it."""

from __future__ import annotations

import email
import email.policy


def parts(message: bytes) -> tuple[str, str]:
    """Its text and its HTML."""
    found = email.message_from_bytes(message, policy=email.policy.default)
    text, html = found.get_body(("plain",)), found.get_body(("html",))
    assert text is not None
    assert html is not None
    return text.get_content().replace("\r\n", "\n"), html.get_content().replace("\r\n", "\n")
