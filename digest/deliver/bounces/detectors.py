"""What Mailman's detectors recognise (flufl.bounce): formats of which we know no grammar."""

from __future__ import annotations

import re
from email.message import Message

from flufl.bounce import all_failures

from digest.deliver.bounces.mail import Mail
from digest.deliver.bounces.words import cleaned

_MOST_LINES, _LONGEST_LINE = 300, 500


def find(mail: Mail, text: str) -> list[str]:
    """The addresses that failed for good, in a text cut before the copy of the original."""
    message = Message()
    for name in ("from", "to", "subject"):
        message[name] = re.sub(r"[\r\n()]+", " ", mail.first(name))[:_LONGEST_LINE]
    lines = [line[:_LONGEST_LINE] for line in text.split("\n")[:_MOST_LINES]]
    message.set_payload("\n".join(lines))
    _, failed = all_failures(message)
    found = (cleaned(address.decode("ascii", "replace")) for address in sorted(failed))
    return [address for address in found if address]
