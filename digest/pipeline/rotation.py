"""The keys under links and Message-IDs: a new one, and which old ones still count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from digest.errors import DigestError, UsageError
from digest.home import Home
from digest.keys import Key, new_key, replace_private
from digest.pipeline.services import Services
from digest.store import deliveries, leader

_ROLE = "keys"  # one process at a time writes the file


@dataclass(frozen=True, slots=True)
class Listed:
    """A key as it may be shown. `until`: when a newer one took its place."""

    number: int
    since: datetime | None
    until: datetime | None
    retired: bool


def listed(home: Home) -> list[Listed]:
    """The newest first; nothing of the keys themselves."""
    found = home.keys()
    ends = [None, *(key.since for key in found)]
    return [Listed(n, key.since, end, key.retired) for n, (key, end) in enumerate(zip(found, ends, strict=False), 1)]


def rotate(services: Services) -> list[Listed]:
    """Sign with a new key from now on; what the older ones signed goes on working."""
    now = services.clock()
    path = _file(services.home)
    with leader.lead(services.database, services.home.folder, _ROLE, now, wait_seconds=10):
        _write(path, [new_key(now), *services.home.keys()])
    return listed(services.home)


def retire(services: Services, number: int) -> Listed:
    """A key counts no more for links, bounces and confirmations. Raises UsageError for the one that signs, and while
    mails wait that have its links.

    It stays in the file for one thing: who was forgotten under it is still known by it.
    """
    path = _file(services.home)
    with leader.lead(services.database, services.home.folder, _ROLE, services.clock(), wait_seconds=10):
        keys = list(services.home.keys())
        chosen = check(services.home, number)
        _refuse_waiting(services, chosen)
        old = keys[number - 1]
        # A line without its date is that of a key from before dates were kept: it is at least as old as this.
        keys[number - 1] = Key(old.secret, old.since or chosen.until or services.clock(), retired=True)
        _write(path, keys)
    return listed(services.home)[number - 1]


def check(home: Home, number: int) -> Listed:
    """The key of this number. Raises UsageError where it cannot be retired."""
    found = {key.number: key for key in listed(home)}
    if number not in found:
        what = f"there is no key {number}"
        raise UsageError(what, mend=f"there are {len(found)}: digest secret list")
    if number == 1:
        raise UsageError("key 1 signs what is sent", mend="make a new one first: digest secret rotate")
    if found[number].retired:
        raise UsageError(f"key {number} is retired already")
    return found[number]


def _refuse_waiting(services: Services, chosen: Listed) -> None:
    """No mail is to leave with links that are dead already."""
    with services.database.read() as connection:
        waiting = deliveries.count_open(connection, planned_before=chosen.until)
    if waiting:
        wait = "mail waits" if waiting == 1 else "mails wait"
        what = f"{waiting:,} {wait} that may have links of key {chosen.number}"
        raise UsageError(what, mend="let them go (digest deliver), or cancel them (digest delivery cancel)")


def _file(home: Home) -> Path:
    """Raises UsageError where the keys are not in a file."""
    if home.environ.get("DIGEST_MAIL_SECRET"):
        mend = "put a new key (openssl rand -hex 32) on a line of its own above the present ones there"
        raise UsageError("the keys come from the environment", where="DIGEST_MAIL_SECRET", mend=mend)
    return home.path(home.settings.mail.secret_file)


def _write(path: Path, keys: Sequence[Key]) -> None:
    try:
        replace_private(path, "".join(f"{key.line}\n" for key in keys).encode())
    except OSError as error:
        mend = "nothing was changed; run this as the user that the file belongs to"
        raise DigestError(f"cannot be written: {error.strerror or error}", where=str(path), mend=mend) from None
