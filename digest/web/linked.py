"""What the pages behind a link with a token in it have in common."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request

_LONGEST = 200
#: Within the site, so that a browser names our page as where a form comes from; to nobody else, since the address has a
#: token in it.
HEADERS = {"Referrer-Policy": "same-origin"}


def token(request: Request) -> str:
    """What may be one of ours. Raises HTTPException for what is too long to look at."""
    found: str = request.path_params["token"]
    if len(found) > _LONGEST:
        raise HTTPException(404)
    return found
