"""E-mail addresses: one readable form to keep and to write to, one folded key to compare by."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from email_validator import EmailNotValidError, validate_email

from digest.audience.tokens import is_pseudonym
from digest.errors import BadInput

#: What most addresses look like; they need no library but for their domain, of which a file has few.
_PLAIN = re.compile(r"([a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*)@([A-Za-z0-9.-]+)")
_LONGEST_LOCAL, _LONGEST = 64, 254  # characters: RFC 5321, 4.5.3.1


def normalise(text: str) -> str:
    """The address as we keep it: NFC, the domain in lower case and readable (not `xn--…`).

    International addresses are allowed (RFC 6531); nothing is looked up in the DNS. White space
    around it is dropped. Raises BadInput with the reason.
    """
    bare = text.strip()
    plain = _PLAIN.fullmatch(bare)
    if plain and len(plain[1]) <= _LONGEST_LOCAL and len(bare) <= _LONGEST and (domain := _domain(plain[2])):
        return f"{plain[1]}@{domain}"
    try:
        return validate_email(bare, check_deliverability=False).normalized
    except EmailNotValidError as error:
        shown = text if len(text) <= 80 else text[:79] + "…"
        raise BadInput(f"{shown!r} is not an e-mail address: {str(error).rstrip('.')}") from None


@lru_cache(maxsize=10_000)
def _domain(domain: str) -> str:
    """As we keep it; empty where it is none that mail can go to, or is no plain one."""
    try:
        found = validate_email(f"a@{domain}", check_deliverability=False).normalized.removeprefix("a@")
    except EmailNotValidError:
        return ""
    return found if found == domain.lower() else ""


def address_key(email: str) -> str:
    """The form in which two spellings of one address are equal; `email` comes from `normalise`.

    Servers may tell `Ann@` from `ann@` (RFC 5321, 2.4) and hardly one does: for us they are one
    person, who is not to get everything twice. Never write to the key.
    """
    folded = unicodedata.normalize("NFC", email)
    # Lower-casing can take a composed form apart, so compose again, until nothing changes.
    while (again := unicodedata.normalize("NFC", folded.lower())) != folded:
        folded = again
    return folded


def known_by(text: str) -> str:
    """By what a person is looked up: the address as we keep it, or the pseudonym of one who was forgotten.

    Raises BadInput.
    """
    return text.strip() if is_pseudonym(text.strip()) else normalise(text)


def masked(email: str) -> str:
    """So much of an address that its owner knows it, and nobody else: mails are forwarded."""
    local, _, domain = email.rpartition("@")
    return f"{local[:1] if len(local) > 1 else ''}…@{domain}"
