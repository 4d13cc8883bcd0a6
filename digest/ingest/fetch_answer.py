"""What is taken of an answer: a body up to a cap, and how long the server wants us to stay away."""

from __future__ import annotations

import re
import zlib
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from urllib3.response import BaseHTTPResponse

from digest.errors import FetchError

_CHUNK = 65_536
_GZIP, _DEFLATE = 31, 15  # as zlib calls them
_MOST_PATIENCE = timedelta(days=7)  # a Retry-After beyond this is a mistake
_MAX_AGE = re.compile(r"(?:^|[,\s])max-age\s*=\s*\"?(\d{1,10})", re.IGNORECASE)
_NEVER = re.compile(r"\bno-(?:store|cache)\b", re.IGNORECASE)


def body(response: BaseHTTPResponse, url: str, max_bytes: int, *, cut: bool) -> bytes:
    """The decompressed body; a small answer that unpacks into a large one stops at the cap.

    The cap holds for what comes over the wire too. `cut`: what is beyond it is left out, not refused.
    """
    told = response.headers.get("Content-Length", "")
    if not cut and told.isascii() and told.isdigit() and int(told) > max_bytes:
        raise _too_large(url, max_bytes)
    unpacker = _unpacker(response.headers.get("Content-Encoding", ""), url)
    pieces: list[bytes] = []
    wire = size = 0
    while raw := response.read1(_CHUNK, decode_content=False):
        wire += len(raw)
        try:
            pieces.append(unpacker.unpack(raw, max_bytes - size + 1) if unpacker else raw)
        except zlib.error:
            raise FetchError("cannot be unpacked", where=url, mend="it will be tried again") from None
        size += len(pieces[-1])
        if max(size, wire) > max_bytes:
            if cut:
                return b"".join(pieces)[:max_bytes]
            raise _too_large(url, max_bytes)
    return b"".join(pieces)


class _Unpacker:
    """gzip or deflate, a piece at a time and never more than was asked for.

    urllib3's own reads on until something comes out: a server can send for ever what unpacks to nothing.
    """

    def __init__(self, bits: int) -> None:
        self._bits, self._begun = bits, False
        self._inner = zlib.decompressobj(bits)

    def unpack(self, raw: bytes, most: int) -> bytes:
        out = b""
        while raw and len(out) < most:
            if self._inner.eof:
                if self._bits != _GZIP or not raw.startswith(b"\x1f"):
                    return out  # padding behind the end
                self._inner = zlib.decompressobj(_GZIP)  # a file of several parts
            try:
                out += self._inner.decompress(raw, most - len(out))
            except zlib.error:
                if self._begun or self._bits != _DEFLATE:
                    raise
                self._bits = -_DEFLATE  # some send deflate without its coat
                self._inner = zlib.decompressobj(self._bits)
                out += self._inner.decompress(raw, most - len(out))
            self._begun = True
            raw = self._inner.unused_data if self._inner.eof else self._inner.unconsumed_tail
        return out


def _unpacker(coding: str, url: str) -> _Unpacker | None:
    """None for what comes as it is."""
    match coding.strip().lower():
        case "" | "identity":
            return None
        case "gzip" | "x-gzip":
            return _Unpacker(_GZIP)
        case "deflate":
            return _Unpacker(_DEFLATE)
    told = "".join(c for c in coding if c.isprintable())[:40]
    raise FetchError(f"is packed as {told!r}, which nobody asked for", where=url, mend="tell who runs the server")


def _too_large(url: str, max_bytes: int) -> FetchError:
    return FetchError(f"is larger than {max_bytes:,} bytes", where=url, mend="raise the limit in the settings")


def retry_after(value: str | None, now: datetime) -> datetime | None:
    """Seconds or an HTTP date, as RFC 9110 has it; None where it is neither or out of reason."""
    if not value:
        return None
    try:
        if value.strip().isdigit():
            until = now + timedelta(seconds=int(value))
        else:
            moment = parsedate_to_datetime(value)
            until = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    except OverflowError:
        return now + _MOST_PATIENCE
    except (ValueError, TypeError, IndexError):
        return None
    return min(until, now + _MOST_PATIENCE) if until > now else None


def max_age(cache_control: str | None) -> timedelta | None:
    """How long the answer stays good, as Cache-Control says; None where it says nothing of the kind."""
    found = _MAX_AGE.search(cache_control or "")
    if not found or _NEVER.search(cache_control or ""):
        return None
    return timedelta(seconds=int(found.group(1)))
