"""One click and it ends: the target of List-Unsubscribe (RFC 8058), and the page behind the link in a mail.

The POST asks for nothing but its token: no cookie, no login, no redirect. Mail scanners follow every link, so the
GET changes nothing.
"""

from __future__ import annotations

import email.message
import email.parser
import email.policy
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digest.pipeline import links
from digest.pipeline.envelope import UNSUBSCRIBE_PATH
from digest.web import bodies
from digest.web.parts import Web

LONGEST_BODY = 8 * 1024
_LONGEST_TOKEN = 200
_FIELD, _VALUE = "list-unsubscribe", "one-click"


def routes(web: Web) -> list[Route]:
    async def answer(request: Request) -> Response:
        token = request.path_params["token"]
        if len(token) > _LONGEST_TOKEN:
            raise HTTPException(404)
        if request.method == "POST":
            return await _post(web, request, token)
        found = await web.turns.read(lambda: links.linked(web.services, token))
        return _told(web, request, found)

    return [Route(f"{UNSUBSCRIBE_PATH}{{token}}", answer, methods=["GET", "POST"])]


async def _post(web: Web, request: Request, token: str) -> Response:
    body = await bodies.read(request, LONGEST_BODY)
    if not is_one_click(request.headers.get("content-type", ""), body):
        raise HTTPException(400)
    return _told(web, request, await web.turns.write(lambda: links.end(web.services, token)))


def _told(web: Web, request: Request, found: links.Linked | None) -> Response:
    if found is None:
        raise HTTPException(404)
    name = "unsubscribed" if found.ended else "unsubscribe"
    return web.pages.page(name, found.language or web.pages.language(request), title=found.title)


def is_one_click(content_type: str, body: bytes) -> bool:
    """Whether a body says List-Unsubscribe=One-Click: urlencoded or multipart/form-data, both are allowed."""
    if content_type.strip().lower().startswith("multipart/form-data"):
        pairs = _parts(content_type, body)
    else:  # also where no type is given: not all who send this take care
        try:
            pairs = parse_qsl(body.decode("latin-1"), max_num_fields=20)
        except ValueError:
            return False
    return any(name.strip().lower() == _FIELD and value.strip().lower() == _VALUE for name, value in pairs)


def _parts(content_type: str, body: bytes) -> list[tuple[str, str]]:
    """The fields of multipart/form-data (RFC 7578), which has the form of a mail."""
    head = f"Content-Type: {' '.join(content_type.split())}\r\n\r\n".encode("latin-1", "replace")
    parsed = email.parser.BytesParser(policy=email.policy.compat32).parsebytes(head + body)
    found = parsed.get_payload()
    if not isinstance(found, list):
        return []
    pairs = []
    for part in found:
        if isinstance(part, email.message.Message) and not part.is_multipart():
            name = part.get_param("name", header="content-disposition")
            value = part.get_payload(decode=True)
            if isinstance(name, str) and isinstance(value, bytes):
                pairs.append((name, value.decode("latin-1")))
    return pairs
