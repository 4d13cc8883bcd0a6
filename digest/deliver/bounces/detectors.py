"""What Mailman's detectors recognise (flufl.bounce): formats of which we know no grammar."""

from __future__ import annotations

import logging
import re
from email.message import Message

from flufl.bounce import all_failures

from digest.deliver.bounces.mail import Mail
from digest.deliver.bounces.words import cleaned

#: It logs each detector, and a trace with what a stranger wrote where one breaks.
logging.getLogger("flufl.bounce").disabled = True
_MOST_LINES, _LONGEST_LINE = 300, 500


def find(mail: Mail, text: str) -> list[str]:
    """The addresses that failed for good, in a text cut before the copy of the original."""
    message = Message()
    for name in ("from", "to", "subject"):
        message[name] = re.sub(r"[\r\n()]+", " ", mail.first(name))[:_LONGEST_LINE]
    lines = [line[:_LONGEST_LINE] for line in text.split("\n")[:_MOST_LINES]]
    message.set_payload("\n".join(lines))
    try:
        _, failed = all_failures(message)
    except Exception:  # noqa: BLE001 - eighteen heuristics that trust what they read; a mail without To: breaks one
        return []
    found = (cleaned(address.decode("ascii", "replace")) for address in sorted(failed))
    return [address for address in found if address]
