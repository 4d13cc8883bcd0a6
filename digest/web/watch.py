"""Around everything: what was asked and how it was answered, counted, and told to the log."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from digest.web.exposition import Metric, several

_METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS", "PUT", "DELETE", "PATCH"})
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)  # seconds
NOWHERE = "-"


@dataclass(frozen=True, slots=True)
class Seen:
    """One request. `route` is the pattern of its address: never a token, nor whatever strangers make up."""

    method: str
    route: str
    status: int  # 0: the client left before there was an answer
    seconds: float
    size: int  # bytes of the answer's body
    scope: Scope


Listener = Callable[[Seen], None]


def nobody(_seen: Seen) -> None:
    """Whom nothing is told."""


class Watch:
    """Tells the listeners of each request once it is answered."""

    def __init__(self, app: ASGIApp, *listeners: Listener) -> None:
        self._app, self._listeners = app, listeners

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        status = size = 0

        async def seen(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
            elif message["type"] == "http.response.body":
                size += len(message.get("body", b""))
            await send(message)

        began = time.perf_counter()
        try:
            await self._app(scope, receive, seen)
        finally:
            if scope["type"] == "http":
                took = time.perf_counter() - began
                method = scope["method"] if scope["method"] in _METHODS else "other"
                told = Seen(method, _route(scope), status, took, size, scope)
                for listener in self._listeners:
                    listener(told)


def _route(scope: Scope) -> str:
    route = scope.get("route")
    return str(getattr(route, "path", NOWHERE))


class Counts:
    """Requests since this process began, by route."""

    def __init__(self) -> None:
        self._answers: Counter[tuple[str, str]] = Counter()
        self._buckets: dict[str, list[int]] = {}
        self._seconds: dict[str, float] = {}

    def add(self, seen: Seen) -> None:
        self._answers[seen.route, f"{seen.status // 100}xx" if seen.status else "none"] += 1
        place = next((n for n, most in enumerate(_BUCKETS) if seen.seconds <= most), len(_BUCKETS))
        self._buckets.setdefault(seen.route, [0] * (len(_BUCKETS) + 1))[place] += 1
        self._seconds[seen.route] = self._seconds.get(seen.route, 0.0) + seen.seconds

    def metrics(self) -> Iterator[Metric]:
        answers = [({"route": route, "status": status}, n) for (route, status), n in sorted(self._answers.items())]
        yield several("digest_web_requests_total", "counter", "Requests, by route and class of the answer.", answers)
        yield Metric(
            "digest_web_request_duration_seconds",
            "histogram",
            "How long answers took, by route.",
            [sample for route in sorted(self._buckets) for sample in self._histogram(route)],
        )

    def _histogram(self, route: str) -> Iterator[tuple[str, dict[str, str], float]]:
        total = 0
        for most, number in zip((*map(str, _BUCKETS), "+Inf"), self._buckets[route], strict=True):
            total += number
            yield "_bucket", {"route": route, "le": most}, total
        yield "_sum", {"route": route}, self._seconds[route]
        yield "_count", {"route": route}, total
