"""DKIM's names: selectors, domains, and where in the DNS their keys stand. Imports no cryptography."""

from __future__ import annotations

import re

from digest.deliver import headers
from digest.errors import BadInput

RSA, ED25519 = "rsa-sha256", "ed25519-sha256"
ALGORITHMS = (RSA, ED25519)

_SELECTOR = re.compile(r"[a-z0-9]([a-z0-9-]{0,60}[a-z0-9])?")  # a letter is added, and 63 is the most of a label


def check_selector(selector: str) -> str:
    """The selector, if it can stand in the DNS and name a file. Raises BadInput."""
    if not _SELECTOR.fullmatch(selector):
        mend = "small letters, digits and hyphens inside, like s202611"
        raise BadInput(f"{selector!r} cannot be a selector", mend=mend)
    return selector


def key_name(selector: str, algorithm: str) -> str:
    """The selector in the DNS of one of the two keys: there a selector has one key."""
    return selector + ("r" if algorithm == RSA else "e")


def record_name(domain: str, selector: str, algorithm: str) -> str:
    return f"{key_name(selector, algorithm)}._domainkey.{domain}"


def signing_domain(setting: str, address: str) -> str:
    """The domain that signs mails from this address: the one set, where it aligns; else the address's own.

    A signature of a domain that does not align counts for nothing with DMARC (RFC 7489, 3.1.1).
    """
    own = headers.ascii_domain(address.rpartition("@")[2].lower())
    wanted = headers.ascii_domain(setting.lower()) if setting else own
    return wanted if aligns(wanted, own) else own


def aligns(domain: str, own: str) -> bool:
    """Whether one is the other or stands below it. (Which domains are registered ones is not known here.)"""
    return ("." in domain and f".{own}".endswith(f".{domain}")) or f".{domain}".endswith(f".{own}")


def check_domain(setting: str, address: str) -> str:
    """The setting `dkim.domain`, if it is for mails from this address. Raises BadInput."""
    if signing_domain(setting, address) != headers.ascii_domain(setting.lower()):
        raise BadInput(f"{setting!r} does not align", mend="the domain of mail.from, or one above it")
    return setting
