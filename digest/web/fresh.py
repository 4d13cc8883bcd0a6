"""What a reader only looks at: sent once, and asked for again by its tag."""

from __future__ import annotations

import hashlib

from starlette.requests import Request
from starlette.responses import Response


def fresh(request: Request, made: Response, cache: str) -> Response:
    """As it is, or in a word that it is what they have (RFC 9110, 13.1.2). What was made may be kept and used again."""
    headers = dict(made.headers)
    if made.status_code != 200:
        return Response(made.body, made.status_code, headers)
    tag = f'"{hashlib.blake2b(made.body, digest_size=12).hexdigest()}"'
    headers |= {"etag": tag, "cache-control": cache}
    known = [one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")]
    if tag not in known and "*" not in known:
        return Response(made.body, headers=headers)
    kept = {name: value for name, value in headers.items() if name not in ("content-length", "content-type")}
    return Response(status_code=304, headers=kept)
