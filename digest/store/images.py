"""Lead images as they go into mails, kept by their address, and those that could not be had."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from digest.model.image import Image, ImageState
from digest.store import tables as t
from digest.store.chunks import chunks

_C = t.image.c
_REMEMBERED = timedelta(days=7)  # what could not be had: then nobody asks for it any more
_USED = timedelta(hours=6)  # what was used since then counts as just used: not every edition need write


@dataclass(frozen=True, slots=True)
class Kept:
    """`image` is None where it could not be had; then `reason` says why."""

    image: Image | None
    reason: str
    fetched_at: datetime


def _hash(url: str) -> str:
    return hashlib.blake2b(url.encode(), digest_size=16).hexdigest()


def known(connection: sa.Connection, urls: Iterable[str]) -> dict[str, Kept]:
    """What is kept of these addresses."""
    found: dict[str, Kept] = {}
    for batch in chunks(sorted(map(_hash, set(urls))), 500):
        for row in connection.execute(sa.select(t.image).where(_C.url_hash.in_(batch))).mappings():
            good = row["state"] == ImageState.OK and row["content"] is not None
            image = Image(row["mime"], row["width"], row["height"], row["content"]) if good else None
            found[row["url"]] = Kept(image, row["reason"], row["fetched_at"])
    return found


def keep(connection: sa.Connection, fetched: Mapping[str, Image | str], now: datetime) -> None:
    """Pictures by their addresses, or why there is none."""
    rows = [
        {
            "url_hash": _hash(url),
            "url": url,
            "state": ImageState.FAILED if isinstance(found, str) else ImageState.OK,
            "reason": found if isinstance(found, str) else "",
            "fetched_at": now,
            "used_at": now,
            "mime": "" if isinstance(found, str) else found.mime,
            "width": 0 if isinstance(found, str) else found.width,
            "height": 0 if isinstance(found, str) else found.height,
            "size": 0 if isinstance(found, str) else len(found.data),
            "content": None if isinstance(found, str) else found.data,
        }
        for url, found in fetched.items()
    ]
    if rows:
        forget(connection, fetched)
        connection.execute(sa.insert(t.image), rows)


def used(connection: sa.Connection, urls: Iterable[str], now: datetime) -> None:
    for batch in chunks(sorted(map(_hash, set(urls))), 500):
        stale = sa.update(t.image).where(_C.url_hash.in_(batch), _C.used_at < now - _USED)
        connection.execute(stale.values(used_at=now))


def prune(connection: sa.Connection, most: int, now: datetime) -> int:
    """Let go of what was used least recently, until no more than `most` bytes are kept. Returns how many went."""
    old = sa.delete(t.image).where(_C.state == ImageState.FAILED, _C.fetched_at < now - _REMEMBERED)
    gone = connection.execute(old).rowcount
    left, over = most, []
    for name, size in connection.execute(sa.select(_C.url_hash, _C.size).order_by(_C.used_at.desc(), _C.url_hash)):
        left -= size
        if left < 0 and size:
            over.append(name)
    for batch in chunks(over, 500):
        gone += connection.execute(sa.delete(t.image).where(_C.url_hash.in_(batch))).rowcount
    return gone


def forget(connection: sa.Connection, urls: Iterable[str]) -> None:
    for batch in chunks(sorted(map(_hash, set(urls))), 500):
        connection.execute(sa.delete(t.image).where(_C.url_hash.in_(batch)))
