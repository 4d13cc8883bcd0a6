"""One click and it ends: the target of List-Unsubscribe (RFC 8058), and the page behind the link in a mail.

The POST asks for nothing but its token: no cookie, no login, no redirect. It ends that subscription only; the page
after it offers to end all others of the same reader. Mail scanners follow every link, so the GET changes nothing.
"""

from __future__ import annotations

import email.message
import email.parser
import email.policy
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digest.model.cause import Via
from digest.pipeline import links
from digest.pipeline.envelope import SIGN_UP_PATH, UNSUBSCRIBE_PATH
from digest.pipeline.subscriptions import BY_LINK
from digest.web import bodies, client, linked
from digest.web.kept import Kept
from digest.web.origin import by_our_page, from_here
from digest.web.parts import Web

LONGEST_BODY = 8 * 1024
_FIELD, _VALUE = "list-unsubscribe", "one-click"
#: How long a page is kept: it names the publication and no reader, and after an edition hundreds ask for the same.
_SECONDS = 2.0
_ALL = ("all", "yes")  # the button that ends all subscriptions of this reader


def routes(web: Web) -> list[Route]:
    pages: Kept[Response] = Kept(_SECONDS)

    async def answer(request: Request) -> Response:
        token, every = linked.token(request), False
        if request.method == "POST":
            found, every = await _post(web, request, token)
        else:
            found = await web.turns.read(lambda: links.linked(web.services, token))
        if found is None:
            raise HTTPException(404)
        language, told = found.language or web.pages.language(request), found

        async def make() -> Response:
            return _page(web, told, language, every)

        return await pages.get((told, language, every), make)

    return [Route(f"{UNSUBSCRIBE_PATH}{{token}}", answer, methods=["GET", "POST"])]


async def _post(web: Web, request: Request, token: str) -> tuple[links.Linked | None, bool]:
    """What was ended, and whether that was every subscription of the reader."""
    fields = _fields(request.headers.get("content-type", ""), await bodies.read(request, LONGEST_BODY))
    every = not _says_one_click(fields) and _ALL in fields
    if not every and not _says_one_click(fields):
        raise HTTPException(400)
    ours = by_our_page(request.headers, web.services.settings.web.url)
    # RFC 8058 asks for no more than the token, whoever sends it; for the rest only our own page does.
    if every and not from_here(request.headers, web.services.settings.web.url):
        raise HTTPException(403)
    if not links.is_link(web.services, token):  # what anybody makes up takes no turn among those who write
        raise HTTPException(404)
    via = Via.PAGE if every or ours else Via.ONE_CLICK
    cause = replace(BY_LINK, via=via, origin=client.address(web, request))
    return await web.turns.write(lambda: links.end(web.services, token, cause, all_of_them=every)), every


def _page(web: Web, found: links.Linked, language: str, every: bool) -> Response:
    return web.pages.page(
        "unsubscribed" if found.ended else "unsubscribe",
        language,
        headers=linked.HEADERS,
        title=found.title,
        others=found.others,
        every=every,
        sign_up=f"..{SIGN_UP_PATH}{found.sign_up}" if found.sign_up else "",
    )


def is_one_click(content_type: str, body: bytes) -> bool:
    """Whether a body says List-Unsubscribe=One-Click: urlencoded or multipart/form-data, both are allowed."""
    return _says_one_click(_fields(content_type, body))


def _says_one_click(fields: Sequence[tuple[str, str]]) -> bool:
    return (_FIELD, _VALUE) in fields


def _fields(content_type: str, body: bytes) -> list[tuple[str, str]]:
    """In small letters; none where it cannot be read."""
    if content_type.strip().lower().startswith("multipart/form-data"):
        pairs = _parts(content_type, body)
    else:  # also where no type is given: not all who send this take care
        try:
            pairs = parse_qsl(body.decode("latin-1"), max_num_fields=20)
        except ValueError:
            return []
    return [(name.strip().lower(), value.strip().lower()) for name, value in pairs]


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
