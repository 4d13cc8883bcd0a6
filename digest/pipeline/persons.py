"""Who is meant by a name, and who asked not to be known any more."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from digest.audience import tokens
from digest.audience.address import address_key, known_by, normalise
from digest.errors import BadInput, UsageError
from digest.home import Home
from digest.model.subscription import Subscriber
from digest.store import forgotten, subscribers
from digest.store.stories import Connection


def find(connection: Connection, home: Home, name: str) -> Subscriber:
    """By address, or by the pseudonym of one who was forgotten. Raises NotFound, or UsageError for the latter's
    address: nobody knows any more which pseudonym is theirs.
    """
    known = known_by(name)
    found = subscribers.by_key(connection, address_key(known))
    since = forgotten_since(connection, home, known) if found is None else None
    if since is not None:
        mend = "what was sent is on record under a pseudonym: digest subscriber list"
        raise UsageError(f"this person asked to be forgotten ({since:%Y-%m-%d})", where=known, mend=mend)
    return found or subscribers.get(connection, known, address_key(known))


def mac_of(home: Home, email: str) -> str:
    """What is kept of an address from now on."""
    return tokens.forgotten(home.secret(), address_key(email))


def _macs(home: Home, email: str) -> list[str]:
    return [tokens.forgotten(secret, address_key(email)) for secret in home.kept_secrets()]


def forgotten_since(connection: Connection, home: Home, email: str) -> datetime | None:
    """When the person with this address was forgotten; None where nobody was."""
    return forgotten.since(connection, _macs(home, email))


def is_forgotten(connection: Connection, home: Home, text: str) -> bool:
    """The same of what a stranger wrote, which need be no address."""
    try:
        return forgotten_since(connection, home, normalise(text)) is not None
    except BadInput:
        return False


def forgotten_among(connection: Connection, home: Home, emails: Collection[str]) -> set[str]:
    """Those of many addresses whose people were forgotten, and have not confirmed since that they are back."""
    macs = {mac: email for email in emails for mac in _macs(home, email)}
    return {macs[mac] for mac in forgotten.known(connection, list(macs))}


def may_come(connection: Connection, home: Home, email: str, *, asks: bool) -> None:
    """Raises UsageError for who was forgotten, unless the person `asks` and will confirm it."""
    if not asks and forgotten_since(connection, home, email) is not None:
        mend = "they alone can come back: by signing up, or by the mail that subscriber add --again REASON sends them"
        raise UsageError("this person asked to be forgotten", where=email, mend=mend)


def has_come_back(connection: Connection, home: Home, email: str) -> None:
    """The person has confirmed it: nothing bars the address any more."""
    forgotten.remove(connection, _macs(home, email))
