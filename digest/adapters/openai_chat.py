"""Any endpoint that speaks the OpenAI protocol: one POST to `/chat/completions`, whoever runs the model.

The protocol is one request, so urllib3 does; the vendor's own package would bring 13 others. The key
stands in one header and nowhere else: no error and no log repeats it, and redirects, which would carry
it elsewhere, are not followed.
"""

from __future__ import annotations

import contextlib
import json
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.response import BaseHTTPResponse

from digest.deadline import connected, left
from digest.errors import EndpointError
from digest.model.drafting import Answer, Question

_MAX_BYTES = 1_000_000
_CHUNK = 65_536
_TRIES = 3
_AGAIN = frozenset({429, 500, 502, 503, 504, 529})
_PAUSE = 0.5  # seconds before the second try, doubled before the third
#: What not every endpoint knows, and we can do without: plain text is read too.
_OPTIONAL = ("response_format", "temperature", "max_tokens")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass
class OpenAiChat:
    """One endpoint and model. Threads may share it; each request has a connection of its own."""

    url: str
    model: str
    key: str = field(default="", repr=False)
    connect_seconds: float = 5.0
    user_agent: str = "digest"
    sleep: Callable[[float], None] = time.sleep
    _refuses: set[str] = field(default_factory=set, init=False)  # of `_OPTIONAL`, what it does not know

    @property
    def name(self) -> str:
        """What its answers are remembered under."""
        return f"{self.url} {self.model}"

    def complete(self, question: Question, seconds: float) -> Answer:
        """Ask, within `seconds` in all, further tries included. Raises EndpointError."""
        deadline = time.monotonic() + seconds
        attempt = 1
        while True:
            status, retry_after, body = self._post(question, deadline)
            if status == 200:
                return _answer(body, self._where)
            if status in (400, 422) and (unknown := self._unknown(body)):
                self._refuses.add(unknown)
                continue
            pause = retry_after if retry_after is not None else _PAUSE * 2 ** (attempt - 1)
            if status not in _AGAIN or attempt == _TRIES or left(deadline) <= pause:
                raise self._refused(status, body)
            attempt += 1
            self.sleep(pause)

    def _unknown(self, body: bytes) -> str:
        """The optional part of the request that a refusal complains about, the first time that it does."""
        return next((name for name in _OPTIONAL if name.encode() in body and name not in self._refuses), "")

    @property
    def _where(self) -> str:
        """The endpoint without what an address may hide: a password, a query."""
        parts = urlsplit(self.url)
        return f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)

    def _refused(self, status: int, body: bytes) -> EndpointError:
        if status in (401, 403):
            return EndpointError("does not accept the key", where=self._where, mend="see llm.key_file, DIGEST_LLM_KEY")
        if status == 429:
            return EndpointError("has too much to do, or no credit is left (429)", where=self._where)
        said = f": {self._message(body)}" if status in (400, 404, 422) and self._message(body) else ""
        return EndpointError(f"answered {status}{said}", where=self._where)

    def _message(self, body: bytes) -> str:
        """What the endpoint has to say, short, in one line, and without the key."""
        try:
            found = json.loads(body)["error"]["message"]
        except (ValueError, LookupError, TypeError, RecursionError):
            return ""
        plain = "".join(c if c.isprintable() else " " for c in str(found))
        if self.key:
            plain = plain.replace(self.key, "…")
        return " ".join(plain.split())[:120]

    def _body(self, question: Question) -> bytes:
        wanted: dict[str, Any] = {
            "model": self.model,
            "messages": [
                {"role": "system", "content": question.system},
                {"role": "user", "content": question.user},
            ],
        }
        limit = "max_completion_tokens" if "max_tokens" in self._refuses else "max_tokens"
        optional = {"temperature": 0, "response_format": {"type": "json_object"}}
        wanted |= {limit: question.tokens} | {k: v for k, v in optional.items() if k not in self._refuses}
        return json.dumps(wanted, ensure_ascii=False).encode()

    def _post(self, question: Question, deadline: float) -> tuple[int, float | None, bytes]:
        """Status, seconds to wait where it says so, and body."""
        headers = {"Content-Type": "application/json", "Accept": "application/json", "User-Agent": self.user_agent}
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        sent = False
        try:
            with connected(self._connection(deadline), deadline) as connection:
                target = urlsplit(self.url).path.rstrip("/") + "/chat/completions"
                sent = True
                connection.request("POST", target, body=self._body(question), headers=headers, preload_content=False)
                response = connection.getresponse()
                with contextlib.closing(response):
                    body = _read(response, self._where)
                if left(deadline) <= 0:  # hanging up looks like the end of a complete answer
                    raise TimeoutError
                return response.status, _seconds(response.headers.get("Retry-After")), body
        except (HTTPError, HTTPException, OSError, ValueError) as error:
            late = left(deadline) <= 0 or isinstance(error, TimeoutError)
            what = "took too long" if late else f"cannot be reached ({type(error).__name__})"
            # `from None`: what a library says may hold the request, and with it the key.
            raise EndpointError(what, where=self._where, spent=sent) from None

    def _connection(self, deadline: float) -> HTTPConnection:
        """Not open yet."""
        parts = urlsplit(self.url)
        host = parts.hostname or ""
        patience = min(left(deadline), self.connect_seconds)
        if patience <= 0:
            raise TimeoutError
        if parts.scheme == "https":
            return HTTPSConnection(host, parts.port or 443, timeout=patience, ssl_context=_tls())
        return HTTPConnection(host, parts.port or 80, timeout=patience)


def trouble(url: str, *, keyed: bool) -> str:
    """What is wrong with an endpoint's address; empty if nothing is. `keyed`: a key will be sent there."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
        _ = parts.port
    except ValueError:
        return "is not a web address"
    if parts.scheme not in ("http", "https") or not host:
        return "is not a web address"
    if parts.username or parts.password or parts.query or parts.fragment:
        return "must be an address alone, without a password or a query"
    if keyed and parts.scheme == "http" and host not in _LOOPBACK:
        return "would send the key unencrypted; it must be https"
    return ""


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def _read(response: BaseHTTPResponse, where: str) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while chunk := response.read1(_CHUNK, decode_content=True):
        size += len(chunk)
        if size > _MAX_BYTES:
            raise EndpointError(f"answered more than {_MAX_BYTES:,} bytes", where=where, spent=True)
        chunks.append(chunk)
    return b"".join(chunks)


def _answer(body: bytes, where: str) -> Answer:
    try:
        found = json.loads(body)
        content = found["choices"][0]["message"]["content"]
    except (ValueError, LookupError, TypeError, RecursionError):
        raise EndpointError("answered in another protocol", where=where, mend="see llm.url", spent=True) from None
    if isinstance(content, list):  # parts, as some have it
        content = "".join(p.get("text", "") for p in content if isinstance(p, dict) and isinstance(p.get("text"), str))
    if not isinstance(content, str) or not content.strip():
        raise EndpointError("answered nothing", where=where, spent=True)
    usage = found.get("usage")
    return Answer(content, _count(usage, "prompt_tokens"), _count(usage, "completion_tokens"))


def _count(usage: Any, key: str) -> int:
    """What it says that it counted, 0 where that is no number. Whether it can be true is for who pays to judge."""
    value = usage.get(key) if isinstance(usage, dict) else 0
    if isinstance(value, float) and value.is_integer():  # neither infinite nor no number at all
        value = int(value)
    return max(0, value) if isinstance(value, int) and not isinstance(value, bool) else 0


def _seconds(value: str | None) -> float | None:
    """Retry-After as RFC 9110 has it, seconds or a date; None where it is neither."""
    if not value:
        return None
    text = value.strip()
    try:
        if text.isdigit():
            return float(min(int(text), 86_400))
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
