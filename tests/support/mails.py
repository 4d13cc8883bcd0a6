"""Finished mails, taken apart."""

from __future__ import annotations

import email
import email.policy
from email.message import EmailMessage


def parsed(message: bytes) -> EmailMessage:
    """The message, with no defect in any of its parts or headers."""
    mail = email.message_from_bytes(message, policy=email.policy.default)
    assert isinstance(mail, EmailMessage)
    for part in mail.walk():
        assert part.defects == []
        assert [h.defects for h in part.values() if getattr(h, "defects", ())] == []
    return mail


def content(mail: EmailMessage, kind: str) -> str:
    body = mail.get_body((kind,))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")
