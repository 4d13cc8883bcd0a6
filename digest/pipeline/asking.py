"""Asking a language model on behalf of an edition: answers are remembered, time and money are limited.

Whatever goes wrong ends in a reply that says why there is none; summaries are quoted then. What is spent
is booked before a request leaves, in the database, so that neither threads nor a restart outspend a limit.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import timedelta
from typing import Protocol

from digest.errors import EndpointError
from digest.model.drafting import Answer, Question, Reply
from digest.pipeline.services import Services
from digest.store import asked
from digest.store.asked import Use
from digest.store.variants import make_key

#: After so many failures in a row an endpoint is left alone for a while: a pass must not wait for it each time.
_FAILURES = 3
_REST = timedelta(minutes=5)
_TROUBLE = "endpoint trouble"
_BYTES_PER_TOKEN = 3  # a cautious guess, and the count where the endpoint tells none
_OVERHEAD = 20  # tokens around a question
#: Bytes. What an endpoint counts is believed down to this: in no language are tokens longer on the average.
_LONGEST_TOKEN = 8
#: And up to so many more tokens than the text has bytes: a preamble of its own, or thoughts that it does not show.
_HIDDEN = 8192


class Endpoint(Protocol):
    """A language model. Threads share it."""

    @property
    def name(self) -> str: ...

    def complete(self, question: Question, seconds: float) -> Answer:
        """Within `seconds` in all. Raises EndpointError."""
        ...


class Remembered:
    """What `digest.model.drafting.Ask` promises, from earlier answers alone: nobody is asked."""

    def __init__(self, services: Services, why: str) -> None:
        """`why` there is no answer where none is remembered."""
        self._services, self._why = services, why

    def __call__(self, questions: Sequence[Question]) -> Sequence[Reply]:
        endpoint: Endpoint | None = self._services.endpoint()
        keys = [_key(endpoint, q) for q in questions] if endpoint else []
        with self._services.database.read() as connection:
            known = asked.answers(connection, keys)
        return [Reply(known[key]) if key in known else Reply(why=self._why) for key in keys or [""] * len(questions)]


class Asking:
    """What `digest.model.drafting.Ask` promises, for one occasion: its time and its spending are counted."""

    def __init__(self, services: Services, occasion: str, *, again: bool = False) -> None:
        """`again`: ask anew what was answered before."""
        self._services, self._occasion, self._again = services, occasion[:120], again
        self._llm = services.settings.llm
        self._left = self._llm.edition_seconds
        self._lock = threading.Lock()

    def __call__(self, questions: Sequence[Question]) -> Sequence[Reply]:
        endpoint: Endpoint | None = self._services.endpoint()
        if endpoint is None:
            return [Reply(why="no endpoint is set (llm.url, llm.model)")] * len(questions)
        keys = [_key(endpoint, q) for q in questions]
        known = self._remembered(keys)
        # The same question twice in one view is asked once.
        wanted = {key: q for key, q in zip(keys, questions, strict=True) if key not in known}
        replies = {key: Reply(text) for key, text in known.items()} | self._side_by_side(endpoint, wanted)
        return [replies[key] for key in keys]

    def _remembered(self, keys: Sequence[str]) -> dict[str, str]:
        if self._again:
            return {}
        with self._services.database.read() as connection:
            return asked.answers(connection, keys)

    def _side_by_side(self, endpoint: Endpoint, wanted: dict[str, Question]) -> dict[str, Reply]:
        if not wanted:
            return {}
        started = time.monotonic()
        deadline = started + self._left
        pool = ThreadPoolExecutor(min(len(wanted), self._llm.connections), thread_name_prefix="ask")
        futures: dict[str, Future[Reply]] = {
            key: pool.submit(self._one, endpoint, question, key, deadline) for key, question in wanted.items()
        }
        wait(futures.values(), timeout=max(0.0, deadline - time.monotonic()) + 1.0)
        # Who is still stuck (a look-up of a name cannot be interrupted) is not waited for.
        pool.shutdown(wait=False, cancel_futures=True)
        self._left = max(0.0, self._left - (time.monotonic() - started))
        late = Reply(why=self._late())
        return {key: f.result() if f.done() and not f.cancelled() else late for key, f in futures.items()}

    def _late(self) -> str:
        return f"the model took longer than the {self._llm.edition_seconds:g} seconds that an edition waits"

    def _one(self, endpoint: Endpoint, question: Question, key: str, deadline: float) -> Reply:
        left = deadline - time.monotonic()
        if left <= 0:
            return Reply(why=self._late())
        if why := self._resting():
            return Reply(why=why)
        day = self._services.clock().strftime("%Y-%m-%d")
        most = self._most(question)
        if why := self._book(day, most):
            return Reply(why=why)
        try:
            answer = endpoint.complete(question, min(left, self._llm.timeout_seconds))
        except EndpointError as error:
            if not error.spent:
                self._correct(day, Use(0, -most.tokens_in, -most.tokens_out, -most.cost))
            self._failed(str(error))
            return Reply(why=f"the model's endpoint {error}" if not error.where else f"the model at {error}")
        self._settle(day, most, question, answer, key)
        return Reply(answer.text)

    # What it costs

    def _most(self, question: Question) -> Use:
        return self._use(1, _tokens(question.system) + _tokens(question.user) + _OVERHEAD, question.tokens)

    def _use(self, requests: int, tokens_in: int, tokens_out: int) -> Use:
        cost = (tokens_in * self._llm.price_in + tokens_out * self._llm.price_out) / 1000
        return Use(requests, tokens_in, tokens_out, cost)

    def _book(self, day: str, most: Use) -> str:
        """Book the most that a request can cost; or say which limit it would go beyond."""
        llm = self._llm
        with self._services.database.write() as connection:
            here = asked.spent(connection, occasion=self._occasion)
            today = asked.spent(connection, day=day)
            if here.tokens + most.tokens > llm.edition_tokens:
                return f"this edition's limit of {llm.edition_tokens:,} tokens is reached"
            if today.tokens + most.tokens > llm.day_tokens:
                return f"the day's limit of {llm.day_tokens:,} tokens is reached"
            if llm.edition_cost and here.cost + most.cost > llm.edition_cost:
                return f"this edition's limit of {llm.edition_cost:g} in money is reached"
            if llm.day_cost and today.cost + most.cost > llm.day_cost:
                return f"the day's limit of {llm.day_cost:g} in money is reached"
            asked.book(connection, day, self._occasion, most)
        return ""

    def _settle(self, day: str, most: Use, question: Question, answer: Answer, key: str) -> None:
        """Book what it was instead of the most that it could be."""
        size = len(question.system.encode()) + len(question.user.encode())
        asked_in = _plausible(answer.tokens_in, size, most.tokens_in)
        said_out = _plausible(answer.tokens_out, len(answer.text.encode()), _tokens(answer.text))
        real = self._use(1, asked_in, said_out)
        less = Use(0, real.tokens_in - most.tokens_in, real.tokens_out - most.tokens_out, real.cost - most.cost)
        with self._services.database.write() as connection:
            asked.book(connection, day, self._occasion, less)
            asked.remember(connection, key, answer.text, self._services.clock())
        with self._lock:
            self._services.memory.pop(_TROUBLE, None)

    def _correct(self, day: str, use: Use) -> None:
        with self._services.database.write() as connection:
            asked.book(connection, day, self._occasion, use)

    # An endpoint that fails

    def _resting(self) -> str:
        failures, until, why = self._services.memory.get(_TROUBLE, (0, None, ""))
        if failures >= _FAILURES and until is not None and self._services.clock() < until:
            return f"the model is not asked until {until:%H:%M} UTC, since it failed {_FAILURES} times: {why}"
        return ""

    def _failed(self, why: str) -> None:
        with self._lock:
            failures, _, _ = self._services.memory.get(_TROUBLE, (0, None, ""))
            self._services.memory[_TROUBLE] = (failures + 1, self._services.clock() + _REST, why)


def _key(endpoint: Endpoint, question: Question) -> str:
    return make_key("answer", endpoint.name, question.system, question.user, question.tokens)


def _tokens(text: str) -> int:
    return len(text.encode()) // _BYTES_PER_TOKEN + 1


def _plausible(said: object, size: int, guess: int) -> int:
    """The tokens that an endpoint counted in a text of so many bytes; our own guess where that cannot be.

    Neither may a wrong count let us spend beyond a limit, nor use a limit up at one stroke.
    """
    if not isinstance(said, int) or isinstance(said, bool) or said < size // _LONGEST_TOKEN or said <= 0:
        return guess
    return min(said, size + _HIDDEN)
