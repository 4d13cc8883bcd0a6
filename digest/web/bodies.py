"""Bodies of requests: only so large, and only so slow."""

from __future__ import annotations

from urllib.parse import parse_qs

import anyio
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

SECONDS = 10.0
_MOST_FIELDS = 500


async def read(request: Request, limit: int, seconds: float = SECONDS) -> bytes:
    """The whole body. Raises HTTPException: 413 beyond `limit` bytes, 408 where it takes
    longer than `seconds`, 400 where it breaks off."""
    told = request.headers.get("content-length", "")
    if told.isascii() and told.isdecimal() and (len(told) > 18 or int(told) > limit):
        raise HTTPException(413)
    pieces: list[bytes] = []
    size = 0
    try:
        with anyio.fail_after(seconds):
            async for piece in request.stream():
                size += len(piece)
                if size > limit:
                    raise HTTPException(413)
                pieces.append(piece)
    except TimeoutError:
        raise HTTPException(408, headers={"Connection": "close"}) from None
    except ClientDisconnect:
        raise HTTPException(400) from None
    return b"".join(pieces)


async def form(request: Request, limit: int) -> dict[str, list[str]]:
    """The fields of a form. Raises HTTPException as `read` does, and 400 for what is no urlencoded UTF-8."""
    body = await read(request, limit)
    try:
        return parse_qs(body.decode("ascii"), errors="strict", max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise HTTPException(400) from None
