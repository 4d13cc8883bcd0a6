"""/healthz and /metrics, for monitors. They name nobody and hold no secret, and still are not for the world."""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterator
from functools import lru_cache

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digest.model.network import Network, address_of, network_of
from digest.pipeline import vitals
from digest.pipeline.vitals import Figures, Health
from digest.web.client import address
from digest.web.exposition import MEDIA_TYPE, Metric, gauge, several, written
from digest.web.kept import Kept
from digest.web.parts import Web
from digest.web.watch import Counts

HEALTH, METRICS = "/healthz", "/metrics"
_SECONDS = 5.0
_SHARE = 20  # so that a monitor that asks all the time keeps the database busy for a twentieth of it
_FORWARDED = ("x-forwarded-for", "forwarded")


def routes(web: Web, counts: Counts) -> list[Route]:
    healths: Kept[Health] = Kept(_SECONDS, share=_SHARE)
    figures: Kept[Figures] = Kept(_SECONDS, share=_SHARE)
    tally = vitals.Tally()
    token = web.services.home.monitor_token()

    async def looked() -> Health:
        return await healths.get("health", lambda: web.turns.read(lambda: vitals.health(web.services)))

    async def health(request: Request) -> Response:
        _admit(web, request, token)
        found = await looked()
        body = json.dumps(vitals.facts(found)) + "\n"
        return Response(body, 200 if found.ok else 503, media_type="application/json")

    async def metrics(request: Request) -> Response:
        _admit(web, request, token)
        found = await looked()
        counted = None
        if found.database and found.schema_ok:
            counted = await figures.get("figures", lambda: web.turns.read(lambda: tally.figures(web.services)))
        body = written([*_health(found), *(_figures(counted) if counted else ()), *counts.metrics()])
        return Response(body, headers={"Content-Type": MEDIA_TYPE})

    return [Route(HEALTH, health, methods=["GET"]), Route(METRICS, metrics, methods=["GET"])]


def _admit(web: Web, request: Request, token: str) -> None:
    """Raises HTTPException for who is not named, as if there was nothing; where there is a token, who does not show it.

    What a proxy passed on that is not trusted has the proxy's own address, often loopback: it is not let in by that.
    But a proxy that does not say that it passes something on cannot be told from this machine: for that there is the
    token.
    """
    if token:
        if not _shows(request, token):
            raise HTTPException(404)
        return
    client = address_of(address(web, request))
    passed_on = any(name in request.headers for name in _FORWARDED)
    peer = address_of(request.client.host) if request.client else None
    named = _networks(tuple(web.services.settings.web.monitors))
    known = client is not None and (client.is_loopback or any(client in network for network in named))
    if not known or (passed_on and client == peer):
        raise HTTPException(404)


def _shows(request: Request, token: str) -> bool:
    """As RFC 6750, 2.1 has it. However much of it is right, the answer takes as long."""
    scheme, _, shown = request.headers.get("authorization", "").partition(" ")
    right = hmac.compare_digest(shown.strip().encode("latin-1", "replace"), token.encode())
    return right and scheme.lower() == "bearer"


@lru_cache(maxsize=4)
def _networks(named: tuple[str, ...]) -> tuple[Network, ...]:
    return tuple(network_of(text) for text in named)


def _health(found: Health) -> Iterator[Metric]:
    yield gauge("digest_healthy", "1 where /healthz says that all is well.", found.ok)
    yield gauge("digest_serving", "1 while a process runs the passes (digest serve).", found.serving)
    if found.last_pass is not None and found.age is not None:
        yield gauge("digest_last_pass_age_seconds", "Since the last pass ended.", found.age)
        yield gauge("digest_last_pass_failed_stages", "Stages of the last pass that failed.", found.last_pass.failed)
    if found.overdue is not None:
        yield gauge("digest_deliveries_overdue", "Mails that wait beyond health.late_minutes.", found.overdue)


def _figures(found: Figures) -> Iterator[Metric]:
    subscriptions = [({"publication": name, "state": state}, n) for name, state, n in found.subscriptions]
    yield several("digest_subscriptions", "gauge", "Subscriptions, by publication and state.", subscriptions)
    states = [({"state": state}, n) for state, n in found.deliveries.items()]
    yield several("digest_deliveries", "gauge", "Deliveries on record, by state.", states)
    text = "Mails that a server took, since this process was first asked."
    yield several("digest_mails_sent_total", "counter", text, [({}, found.settled.get("sent", 0))])
    kinds = [({"kind": kind}, n) for kind, n in found.reported.items()]
    text = "Reports of bounces and complaints, since this process was first asked."
    yield several("digest_mails_bounced_total", "counter", text, kinds)
    yield gauge("digest_articles", "Articles on record.", found.articles)
    sources = [({"state": state}, n) for state, n in sorted(found.sources.items())]
    yield several("digest_sources", "gauge", "Sources, by state.", sources)
    yield gauge("digest_sources_failing", "Sources that are fetched and fail.", found.failing)
