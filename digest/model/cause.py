"""Why something happened to a subscription: what is kept with each change of its life."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class By(enum.StrEnum):
    """Who wanted it."""

    OPERATOR = "operator"
    READER = "reader"
    SERVER = "server"  # the recipient's mail server, or a provider that speaks for it
    DIGEST = "digest"  # nobody: a limit or a date was reached


class Via(enum.StrEnum):
    """By what means it was told."""

    COMMAND = "command"
    FILE = "file"
    PAGE = "page"
    ONE_CLICK = "one-click"  # RFC 8058
    MAIL = "mail"
    WEBHOOK = "webhook"
    SESSION = "session"  # of SMTP: a server's answer while we spoke to it
    PASS = "pass"  # noqa: S105 - one pass of the program, not a word to log in with


@dataclass(frozen=True, slots=True)
class Cause:
    """`origin` is where it came from: an address of the network, a line of a file, the Message-ID of a mail.

    `basis` is on what ground somebody who did not sign up may be mailed; `consent` is the text that who did sign up
    agreed to, in `language`.
    """

    reason: str
    by: By = By.OPERATOR
    via: Via = Via.COMMAND
    origin: str = ""
    basis: str = ""
    consent: str = ""
    language: str = ""
