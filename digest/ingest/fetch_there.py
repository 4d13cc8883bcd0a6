"""Whether addresses answer: each asked once, a few at a time, within one deadline. Nothing of an answer is kept."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Sequence

from digest.errors import FetchError, NotNow
from digest.ingest import fetch
from digest.ingest.hosts import Hosts, host_of, spread
from digest.ingest.kinds.base import FetchOptions

AT_ONCE = 6
_GAP = 0.2  # seconds between two questions to one host
_ONE = 10.0  # seconds for one address
_LITTLE = 2_000  # bytes of a page, where only a GET is answered
#: What servers say to HEAD that do not like it; they are asked again as a browser would.
_NO_HEAD = frozenset((400, 403, 404, 405, 406, 410, 429, 500, 501, 502, 503))
UNASKED = "not asked: there was no time left"


def ask(addresses: Sequence[str], options: FetchOptions, *, seconds: float) -> dict[str, str]:
    """What is wrong with each address; empty where it answers. Comes back within `seconds`.

    A look-up of a name that hangs is left behind in its thread, which ends with the program.
    """
    waiting: queue.SimpleQueue[str] = queue.SimpleQueue()
    for address in spread([(host_of(a), a) for a in addresses]):
        waiting.put(address)
    deadline = time.monotonic() + seconds
    hosts = Hosts(at_once=2, gap=_GAP)
    found: dict[str, str] = {}

    def work() -> None:
        while time.monotonic() < deadline:
            try:
                address = waiting.get_nowait()
            except queue.Empty:
                return
            found[address] = _one(address, options, hosts, min(_ONE, deadline - time.monotonic()))

    threads = [threading.Thread(target=work, daemon=True) for _ in range(min(AT_ONCE, len(addresses)))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    had = dict(found)
    return {address: had.get(address, UNASKED) for address in addresses}


def _one(address: str, options: FetchOptions, hosts: Hosts, seconds: float) -> str:
    until = time.monotonic() + seconds
    said = ""
    for method in ("HEAD", "GET"):
        try:
            got = fetch.get(
                address,
                method=method,
                timeout=max(0.1, until - time.monotonic()),
                max_bytes=_LITTLE,
                allow_private=options.allow_private,
                user_agent=options.user_agent,
                proxy=options.proxy,
                hosts=hosts,
                cut=True,
            )
        except NotNow:
            return UNASKED
        except FetchError as error:
            said = error.what
            continue
        if got.status < 400:
            return ""
        said = f"answers {got.status}"
        if got.status not in _NO_HEAD:
            return said
    return said
