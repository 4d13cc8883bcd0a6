"""Delivery status notifications (RFC 3464): fields in a part of their own, or in the text of a sloppy gateway."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from digest.deliver.bounces.words import address_in

_FIELD = re.compile(r"^([A-Za-z][A-Za-z0-9-]{2,40})[ \t]?:[ \t]*(.*)$")
_RECIPIENT = ("original-recipient", "final-recipient", "x-actual-recipient")
_OF_RECIPIENT = frozenset(
    {*_RECIPIENT, "action", "status", "diagnostic-code", "remote-mta", "last-attempt-date", "final-log-id"}
    | {"will-retry-until", "x-powermta-bouncecategory", "x-display-name", "x-notes", "x-supplementary-info"}
)
_KNOWN = _OF_RECIPIENT | {"reporting-mta", "x-original-message-id", "arrival-date", "received-from-mta", "dsn-gateway"}
_MOST = 50

Block = dict[str, str]


@dataclass(frozen=True, slots=True)
class Status:
    """What a notification says: about all, and about each recipient."""

    message: Block = field(default_factory=dict)
    recipients: list[Block] = field(default_factory=list)

    @property
    def by(self) -> str:
        return host(self.message.get("reporting-mta", ""))


def read(text: str) -> Status:
    """The fields of a delivery-status part, or those that stand at the start of a text's lines."""
    status, last = Status(), ""
    block: Block = {}
    for line in text.split("\n"):
        found = _FIELD.match(line)
        name = found[1].lower() if found else ""
        if found and name in _OF_RECIPIENT:
            if name in block:
                _close(status, block)
                block = {}
            block[name], last = found[2].strip(), name
        elif found and (name in _KNOWN or name.startswith("x-")):
            last = ""
            status.message.setdefault(name, found[2].strip())
        elif last and line[:1] in " \t" and line.strip():
            block[last] = f"{block[last]} {line.strip()}"[:2000]
        elif not line.strip() and _whole(block):
            _close(status, block)
            block, last = {}, ""
        else:
            last = ""
    _close(status, block)
    return status


def _whole(block: Block) -> bool:
    return any(name in block for name in _RECIPIENT) and ("action" in block or "status" in block)


def _close(status: Status, block: Block) -> None:
    if len(status.recipients) < _MOST and any(name in block for name in _RECIPIENT):
        status.recipients.append(block)


def failed(block: Block) -> bool:
    """Whether this is the end of it: not delayed, relayed or the like. No action at all: then the status has to say."""
    action = re.match(r"[a-z]*", block.get("action", "").strip().lower())
    verb = action[0] if action else ""
    if not verb:
        return block.get("status", "")[:1] in ("4", "5") or "diagnostic-code" in block
    return verb.startswith(("fail", "error", "bounce", "reject", "undeliver"))


def recipient(block: Block) -> str:
    """As it was written by whoever sent the mail (RFC 3464, 2.3.1), else as it stood at the end."""
    return next(filter(None, (typed(block.get(name, "")) for name in _RECIPIENT)), "")


def typed(value: str) -> str:
    """The address in `type; address`."""
    kind, semicolon, rest = value.partition(";")
    if not semicolon:
        return address_in(value)
    if kind.strip().lower() == "utf-8":  # RFC 6533, 3
        rest = re.sub(r"\\x\{([0-9A-Fa-f]{2,5})\}", lambda found: chr(int(found[1], 16)), rest)
    return address_in(rest)


def diagnostic(block: Block) -> str:
    """The remote server's words, without the name of the protocol before them."""
    return re.sub(r"^\s*[A-Za-z][A-Za-z0-9-]{1,30}\s*;\s*", "", block.get("diagnostic-code", "")).strip()


def host(value: str) -> str:
    """The name in `dns; name (comment)`."""
    name = re.sub(r"^\s*[A-Za-z0-9-]{1,20}\s*;\s*", "", value).strip()
    found = re.match(r"[\w.:\[\]-]{1,253}", name)
    return found[0].strip(".") if found else ""


def together(texts: Iterable[str]) -> Status:
    """All that the parts of one mail say."""
    whole = Status()
    for text in texts:
        status = read(text)
        for name, value in status.message.items():
            whole.message.setdefault(name, value)
        whole.recipients.extend(status.recipients[: _MOST - len(whole.recipients)])
    return whole
