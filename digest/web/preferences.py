"""The page where readers change their own subscription, behind the link in each mail.

The token in the address is all that is asked for: it is the reader's. GET changes nothing, since mail scanners
follow every link; a form that another site sends is refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digest.audience import tokens
from digest.pipeline import moves, preferences
from digest.pipeline.envelope import PREFERENCES_PATH, UNSUBSCRIBE, UNSUBSCRIBE_PATH
from digest.pipeline.preferences import Asked, Closed, Done
from digest.web import bodies, client, linked
from digest.web.evenly import evenly
from digest.web.form import form
from digest.web.origin import from_here
from digest.web.parts import Web
from digest.web.sign_up import SECONDS

_LONGEST_BODY = 16 * 1024


def routes(web: Web) -> list[Route]:
    async def answer(request: Request) -> Response:
        token = linked.token(request)
        if request.method == "POST":
            return await _post(web, request, token)
        found = await web.turns.read(lambda: preferences.shown(web.services, token))
        if found is None:
            raise HTTPException(404)
        return _closed(web, request, found) if isinstance(found, Closed) else await _page(web, Done(found))

    return [Route(f"{PREFERENCES_PATH}{{token}}", answer, methods=["GET", "POST"])]


async def _post(web: Web, request: Request, token: str) -> Response:
    if not from_here(request.headers, web.services.settings.web.url):
        raise HTTPException(403)
    fields = await bodies.form(request, _LONGEST_BODY)
    if not preferences.is_link(web.services, token):  # what anybody makes up takes no turn among those who write
        raise HTTPException(404)
    if "move" in fields:
        return await _move(web, request, token, fields.get("address", [""])[0].strip())
    asked = _asked(fields)
    cause = replace(preferences.BY_PAGE, origin=client.address(web, request))
    done = await web.turns.write(lambda: preferences.change(web.services, token, asked, cause))
    if done is None:
        raise HTTPException(404)
    return _closed(web, request, done) if isinstance(done, Closed) else await _page(web, done, asked)


async def _move(web: Web, request: Request, token: str, address: str) -> Response:
    """Whoever has the new address, the answer is the same, and comes at the same time."""
    cause = replace(preferences.BY_PAGE, origin=client.address(web, request))
    async with evenly(SECONDS):
        done = await web.turns.write(lambda: moves.ask_by_page(web.services, token, address, cause))
    if done is None:
        raise HTTPException(404)
    if isinstance(done, Closed):
        return _closed(web, request, done)
    if done.trouble is not None:
        web.say(f"{PREFERENCES_PATH}: {done.trouble}")
    return await _page(web, done, address=address)


def _asked(fields: Mapping[str, Sequence[str]]) -> Asked:
    def one(name: str) -> str:
        return fields.get(name, [""])[0].strip()

    mails = one("mails")
    paused = {"pause": True, "until": True, "send": False}.get(mails)
    until = one("until") if mails == "until" else None
    return Asked(tuple(fields.get("topic", [])), one("cadence"), one("language"), one("zone"), paused, until)


async def _page(web: Web, done: Done, asked: Asked | None = None, address: str | None = None) -> Response:
    """The form; after a change with what is new, and in the language that was chosen. `address`: a new one that was
    asked for.
    """
    subscription = done.preferences.subscription
    kept = asked if done.wrong else None
    unsubscribe = tokens.sign(web.services.home.secret(), UNSUBSCRIBE, str(subscription.id))
    return await web.turns.compute(
        lambda: web.pages.page(
            "preferences",
            subscription.language,
            style="preferences",
            status=422 if done.wrong else 200,
            broken=0 if (asked or address is not None) and not done.wrong else 500,
            headers=linked.HEADERS,
            make=lambda words: {"form": form(done, words, kept)},
            saved=asked is not None and not done.wrong,
            asked=address is not None and not done.wrong,
            address=address if done.wrong and address else "",
            unsubscribe=f"..{UNSUBSCRIBE_PATH}{unsubscribe}",
        )
    )


def _closed(web: Web, request: Request, found: Closed) -> Response:
    language = found.language or web.pages.language(request)
    return web.pages.page("ended", language, status=410, broken=410, returned=found.returned)
