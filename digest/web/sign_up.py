"""Where anybody signs up: a form of ours, and whatever form on another site posts to the same address.

A POST may come from anywhere, so that a form can stand on the operator's own site. That costs nothing: there is no
login to borrow, what is sent is a mail that asks, and how often is limited. The answer never tells whether an address
is a reader's: the same for all, after the same time.
"""

from __future__ import annotations

import math
import re
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from digest.compose.consent import consent
from digest.model.cause import By, Cause, Via
from digest.pipeline import signing_up
from digest.pipeline.envelope import SIGN_UP_PATH, archive_url
from digest.pipeline.offer import Offer
from digest.pipeline.signing_up import Filled
from digest.web import bodies, linked
from digest.web.client import address
from digest.web.evenly import evenly
from digest.web.origin import from_here
from digest.web.parts import Web
from digest.web.sign_up_form import CHOSEN, TRAP, form

#: How long each answer to a form takes: longer than planning a mail does on a slow machine.
SECONDS = 1.0
_LONGEST_BODY = 16 * 1024
_LONGEST_NAME = 60
_SITE = re.compile(r"https?://[a-z0-9.:\[\]-]{1,100}", re.IGNORECASE)


def routes(web: Web) -> list[Route]:
    async def answer(request: Request) -> Response:
        offered = await _offered(web, request)
        if request.method == "POST":
            return await _post(web, request, offered)
        return await _page(web, offered, _language(web, request, offered))

    async def thanks(request: Request) -> Response:
        offered = await _offered(web, request)
        language = _language(web, request, offered)
        return web.pages.page("thanks", language, broken=500, title=offered.publication.title)

    return [
        Route(f"{SIGN_UP_PATH}{{name}}", answer, methods=["GET", "POST"]),
        Route(f"{SIGN_UP_PATH}{{name}}/thanks", thanks, methods=["GET"]),
    ]


async def _offered(web: Web, request: Request) -> Offer:
    name = request.path_params["name"]
    if len(name) > _LONGEST_NAME:
        raise HTTPException(404)
    offered = await web.turns.read(lambda: signing_up.open_offer(web.services, name))
    if offered is None:
        raise HTTPException(404)
    return offered


def _language(web: Web, request: Request, offered: Offer) -> str:
    """As the link says, else as the browser does, else the publication's."""
    asked = request.query_params.get("language", "")
    return asked if asked in web.pages.spoken() else web.pages.language(request) or offered.publication.language


async def _post(web: Web, request: Request, offered: Offer) -> Response:
    fields = await bodies.form(request, _LONGEST_BODY)
    filled = _filled(fields, offered)
    seen = fields.get("agreed", [""])[0]
    language = seen.partition(".")[0]
    if language not in web.pages.spoken():
        language = _language(web, request, offered)
    agreed = consent(web.pages.words(language), offered.publication)
    wrong = signing_up.wrong(offered, filled)
    if seen and seen != agreed.mark:
        wrong = (*wrong, "agreed")
    if wrong:
        return await _page(web, offered, language, filled, wrong)
    client = address(web, request)
    check_limit(web, "sign up", client)
    cause = Cause(
        reason=_reason(web, request),
        by=By.READER,
        via=Via.PAGE,
        origin=client,
        consent=agreed.text if seen else "",  # a form that does not say what it showed may have shown anything
        language=agreed.language if seen else "",
    )
    async with evenly(SECONDS):
        if not fields.get(TRAP):
            await web.turns.compute(lambda: signing_up.check(web.services, offered, filled))
            trouble = await web.turns.write(lambda: signing_up.ask(web.services, offered, filled, cause))
            if trouble is not None:
                web.say(f"{SIGN_UP_PATH}{offered.publication.name}: {trouble}")
    # Relative, so that it is right below a path of another site too.
    ours = f"{offered.publication.name}/thanks?language={filled.language}"
    return RedirectResponse(offered.publication.thanks or ours, 303, headers=linked.HEADERS)


def _reason(web: Web, request: Request) -> str:
    """With the site that the form stood on, where the browser tells."""
    origin = request.headers.get("origin", "")
    if from_here(request.headers, web.services.settings.web.url) or not _SITE.fullmatch(origin):
        return "by the sign-up page"
    return f"by a form of {origin.lower()}"


def _filled(fields: dict[str, list[str]], offered: Offer) -> Filled:
    """What a form does not ask is the publication's. Boxes of which none is ticked send nothing, so a form with boxes
    says that it has some.
    """

    def one(name: str, default: str) -> str:
        return fields.get(name, [default])[0].strip()

    publication, every = offered.publication, [topic.name for topic in offered.topics]
    topics = fields.get("topic", [] if CHOSEN in fields else every)
    return Filled(
        email=one("email", ""),
        topics=tuple(topics),
        cadence=one("cadence", publication.cadences[0].name),
        language=one("language", publication.language),
        zone=one("zone", publication.zone),
    )


async def _page(
    web: Web, offered: Offer, language: str, filled: Filled | None = None, wrong: tuple[str, ...] = ()
) -> Response:
    return await web.turns.compute(
        lambda: web.pages.page(
            "sign_up",
            language,
            style="preferences",
            status=422 if wrong else 200,
            broken=500,
            headers=linked.HEADERS,
            form_to=_origin(offered.publication.thanks),
            archive=archive_url(web.services.settings.web, offered.publication),
            make=lambda words: {"form": form(web.services.settings.mail, offered, words, filled, wrong)},
        )
    )


def _origin(url: str) -> str:
    """Browsers hold where a form is redirected to against the policy, too."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


def check_limit(web: Web, act: str, client: str) -> None:
    """Raises HTTPException (429) where there was too much of it."""
    wait = web.limits.wait(act, client)
    if wait:
        raise HTTPException(429, headers={"Retry-After": str(math.ceil(wait))})
