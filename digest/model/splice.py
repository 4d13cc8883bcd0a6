"""The slots of a mail: where a recipient's own values are spliced into the one message of a variant."""

from __future__ import annotations

import re
from dataclasses import dataclass

TO = "to"
MESSAGE_ID = "message_id"
DATE = "date"
UNSUBSCRIBE = "unsubscribe"  # the link in the body, and the first one in the header
MAILTO = "mailto"  # the second one in the header; absent where the first is a mailto: already
PREFERENCES = "preferences"  # the link in the body to where the subscription is changed
ADDRESS = "address"
CONFIRM = "confirm"  # the link that confirms a subscription
PHRASE = "phrase"  # the subject of a mail that does
NAMES = (TO, MESSAGE_ID, DATE, UNSUBSCRIBE, PREFERENCES, ADDRESS, CONFIRM, PHRASE)

#: Beside the slots' values: the address that a mail to one person is from, for its envelope.
SENDER = "sender"

_PREFIX = re.compile(r"[A-Za-z0-9]{8,32}")
_NAME = re.compile(r"[a-z][a-z_]{0,19}(\.[a-z])?")  # with the place where it stands, if that is known


@dataclass(frozen=True, slots=True)
class SlotNames:
    """The markers of one variant.

    `prefix` must be unguessable (an HMAC of the variant's key): no article and no feed can then write
    a marker of its own and have a reader's address put in its place.
    """

    prefix: str

    def __post_init__(self) -> None:
        if not _PREFIX.fullmatch(self.prefix):
            raise ValueError("a slot prefix is 8 to 32 ASCII letters and digits")

    def marker(self, name: str) -> str:
        """ASCII, without `=` and white space: the same bytes in a header, in text and in quoted-printable."""
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} cannot be the name of a slot")
        return f"@@{self.prefix}:{name}@@"
