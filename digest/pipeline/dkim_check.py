"""Whether the world can check what we sign: the records in the DNS, held against our keys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from digest.deliver.dkim_keys import KeyPair, PublicKey, Record, parse_record, raw
from digest.deliver.dkim_names import key_name
from digest.deliver.verify import verify
from digest.errors import BadInput, DigestError

#: The TXT records at a name, the strings of each put together; none where there is no such name. Raises DigestError
#: where nobody answers.
Lookup = Callable[[str], list[str]]

_PUBLISH = "publish the record that this prints: digest dkim show {selector}"


@dataclass(frozen=True, slots=True)
class Checked:
    """One record: what is wrong with it, and how to mend it; both are empty where it is as it should be."""

    record: Record
    trouble: str = ""
    mend: str = ""


def check(pair: KeyPair, records: list[Record], selector: str, lookup: Lookup, now: datetime) -> list[Checked]:
    """Look the records up that `Keyring.records` has made of this pair."""
    return [_check_one(pair, record, selector, lookup, now) for record in records]


def _check_one(pair: KeyPair, record: Record, selector: str, lookup: Lookup, now: datetime) -> Checked:
    publish = _PUBLISH.format(selector=selector)
    try:
        found = lookup(record.name)
    except DigestError as error:
        return Checked(record, error.what, error.mend)
    if not found:
        return Checked(record, "there is no such TXT record", f"{publish}; if you just did, wait until it is out")
    if len(found) > 1:
        return Checked(record, f"there are {len(found)} TXT records, and verifiers take any", "remove all but ours")
    try:
        key, testing = parse_record(found[0], record.algorithm)
    except BadInput as error:
        return Checked(record, error.what, publish)
    if raw(key) != raw(pair.public()[record.algorithm]):
        return Checked(record, "it publishes another key than ours", f"{publish}, in place of what is there")
    if testing:
        return Checked(record, "t=y says that it is only tested, so verifiers ignore it", "take t=y out of the record")
    trouble = _try(pair, record, selector, key, now)
    return Checked(record, trouble, publish if trouble else "")


def _try(pair: KeyPair, record: Record, selector: str, key: PublicKey, now: datetime) -> str:
    """Sign a message, and look at it as a verifier would."""
    domain = record.name.partition("._domainkey.")[2]
    message = f"From: digest@{domain}\r\nTo: reader@{domain}\r\nSubject: Test\r\n\r\nA test.\r\n".encode()
    signed = pair.signer(domain, selector).sign(message, now) + message
    return verify(signed, domain, key_name(selector, record.algorithm), key)
