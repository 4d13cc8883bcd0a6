"""What is taken of an answer: a body up to a cap, and how long the server wants us to stay away."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from urllib3.response import BaseHTTPResponse

from digest.errors import FetchError

_CHUNK = 65_536
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
    chunks: list[bytes] = []
    size = 0
    while chunk := response.read1(_CHUNK, decode_content=True):
        size += len(chunk)
        chunks.append(chunk)
        if size > max_bytes or response.tell() > max_bytes:
            if cut:
                return b"".join(chunks)[:max_bytes]
            raise _too_large(url, max_bytes)
    return b"".join(chunks)


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
