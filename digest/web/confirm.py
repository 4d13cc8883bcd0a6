"""The page behind the link of a confirmation mail. Mail scanners follow every link, so GET shows a button, and the
button subscribes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digest.audience import tokens
from digest.audience.address import masked
from digest.compose.consent import Consent, consent
from digest.compose.words import Words
from digest.model.cause import By, Cause, Via
from digest.model.publication import NothingNew
from digest.pipeline import confirming
from digest.pipeline.confirming import Link, Standing
from digest.pipeline.envelope import CONFIRM_PATH, PREFERENCES, PREFERENCES_PATH, SIGN_UP_PATH
from digest.web import bodies, linked
from digest.web.client import address
from digest.web.origin import from_here
from digest.web.parts import Web
from digest.web.sign_up import check_limit

_LONGEST_BODY = 8 * 1024
_REASON = "by the link in a confirmation mail"


def routes(web: Web) -> list[Route]:
    async def answer(request: Request) -> Response:
        token = linked.token(request)
        if request.method == "POST":
            return await _post(web, request, token)
        return await _page(web, request, await _look(web, token))

    return [Route(f"{CONFIRM_PATH}{{token}}", answer, methods=["GET", "POST"])]


async def _look(web: Web, token: str) -> Link:
    found = await web.turns.read(lambda: confirming.shown(web.services, token))
    if found is None:
        raise HTTPException(404)
    return found


async def _post(web: Web, request: Request, token: str) -> Response:
    if not from_here(request.headers, web.services.settings.web.url):
        raise HTTPException(403)
    fields = await bodies.form(request, _LONGEST_BODY)
    client = address(web, request)
    try:
        found = await _look(web, token)
    except HTTPException:
        # Only what is none of ours counts: many readers may have their links confirmed from one network.
        check_limit(web, "confirm", client)
        raise
    wanted = fields.get("do", [""])[0]
    if wanted == "renew":
        return await _renew(web, request, token, client, found)
    if wanted != "confirm":
        raise HTTPException(400)
    # The words that stood above the button, if they are still the same.
    shown = _consent(web, found)
    agreed = shown if shown and fields.get("agreed", [""])[0] == shown.mark else None
    if found.standing is Standing.OPEN and agreed is None:
        return await _page(web, request, found, changed=True)
    cause = Cause(
        reason=_REASON,
        by=By.READER,
        via=Via.PAGE,
        origin=client,
        consent=agreed.text if agreed else "",
        language=agreed.language if agreed else "",
    )
    after = await web.turns.write(lambda: confirming.confirm(web.services, token, cause))
    if after is None:
        raise HTTPException(404)
    return await _page(web, request, after, done=True)


async def _renew(web: Web, request: Request, token: str, client: str, found: Link) -> Response:
    if found.standing is not Standing.EXPIRED:
        return await _page(web, request, found)
    check_limit(web, "renew", client)
    sent = await web.turns.write(lambda: confirming.renew(web.services, token))
    if sent is None:
        return await _page(web, request, await _look(web, token))
    return web.pages.page("renewed", found.language, headers=linked.HEADERS, title=_title(found), sent=sent)


def _consent(web: Web, link: Link) -> Consent | None:
    if link.subscription is None or link.publication is None:
        return None
    return consent(web.pages.words(link.language), link.publication, link.subscription.cadence)


async def _page(web: Web, request: Request, link: Link, *, done: bool = False, changed: bool = False) -> Response:
    """`done`: it was asked for just now. `changed`: what is agreed to is not what the reader had seen."""
    name = _NAMES[link.standing]
    language = link.language or web.pages.language(request)
    status = 422 if changed else 200 if link.standing in (Standing.OPEN, Standing.CONFIRMED) else 410
    values: dict[str, Any] = {
        "title": _title(link),
        "standing": str(link.standing),
        "done": done,
        "changed": changed,
        "sign_up": f"..{SIGN_UP_PATH}{link.sign_up}" if link.sign_up else "",
        "returned": link.standing is Standing.RETURNED,
    }
    return await web.turns.compute(
        lambda: web.pages.page(
            name, language, status=status, broken=status if done else 500, headers=linked.HEADERS,
            make=_make(web, link), **values,
        )
    )  # fmt: skip


_NAMES = {
    Standing.OPEN: "confirm",
    Standing.EXPIRED: "confirm_later",
    Standing.OLD: "confirm_later",
    Standing.GONE: "confirm_later",
    Standing.CONFIRMED: "confirmed",
    Standing.ENDED: "ended",
    Standing.RETURNED: "ended",
}


def _make(web: Web, link: Link) -> Callable[[Words], dict[str, Any]]:
    """What the page says of a subscription that is there."""
    held, publication = link.subscription, link.publication
    if held is None or publication is None:
        return lambda _words: {}
    token = tokens.sign(web.services.home.secret(), PREFERENCES, str(held.id))

    def values(words: Words) -> dict[str, Any]:
        agreed = consent(words, publication, held.cadence)
        first = f"{words.full(link.first.date())}{words.comma}{words.clock(link.first)}" if link.first else ""
        return {
            "address": masked(held.subscriber.email),
            "consent": agreed.lines,
            "agreed": agreed.mark,
            "first": first,
            "always": publication.nothing_new is NothingNew.SAY,
            "preferences": f"..{PREFERENCES_PATH}{token}",
        }

    return values


def _title(link: Link) -> str:
    return link.publication.title if link.publication else ""
