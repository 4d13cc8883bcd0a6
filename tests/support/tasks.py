"""What children are told to do in tests: well-behaved and otherwise."""

from __future__ import annotations

import contextlib
import ctypes
import os
import re
import stat
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from digest.errors import BadInput
from digest.ingest import arriving, feeds
from digest.ingest.arriving import Mishap, Wanted
from digest.ingest.language import LANGUAGES
from digest.ingest.signature import signatures
from digest.model.article import Article, RawArticle
from digest.model.publication import Source

NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)


def parse(data: bytes, origin: str, gated: bool = True) -> Iterable[RawArticle | BadInput]:
    return feeds.read(data, origin, base="https://quay.example/feed", now=NOW, gated=gated)


def parse_and_normalise(data: bytes, origin: str) -> Iterable[Article | BadInput]:
    wanted = Wanted(Source("s", "feed", origin), LANGUAGES, NOW)
    for found in arriving.read(parse, (data, origin), wanted):
        assert not isinstance(found, Mishap), found
        yield found


def nothing(data: bytes) -> list[RawArticle]:
    return []


def one_odd(data: bytes) -> list[RawArticle]:
    """The first is what no reader gives: its text is none."""
    odd = RawArticle(text=None, origin="odd entry")  # type: ignore[arg-type]
    return [odd, RawArticle(text="The harbour of Marlow is open again.", origin="fine entry")]


def own_pid() -> list[BadInput]:
    return [BadInput(str(os.getpid()))]


def spin(seconds: float) -> list[RawArticle]:
    """In the middle of a library's loop, which no signal handler of Python's would interrupt."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        re.match(r"(a+)+$", "a" * 26 + "b")
    return []


def hoard(megabytes: int) -> list[BadInput]:
    held = [os.urandom(1024) * 1024 for _ in range(megabytes)]
    return [BadInput(f"held {len(held)}")]


_KEPT: list[bytes] = []


def keep(megabytes: int) -> list[BadInput]:
    """As a library that remembers, or memory in pieces too small to be given back."""
    _KEPT.extend(os.urandom(1024) * 1024 for _ in range(megabytes))
    return own_pid()


def sleep(seconds: float) -> list[RawArticle]:
    time.sleep(seconds)
    return []


def fail() -> list[RawArticle]:
    raise KeyError("x\ud800")


def refuse() -> list[RawArticle]:
    raise BadInput("is not wanted", where="there", mend="leave it")


def mistaken() -> Article:
    """Another record than it says."""
    return RawArticle(text="The ferry sails.", origin="there")  # type: ignore[return-value]


def crash(_: int = 0) -> list[RawArticle]:
    ctypes.string_at(0)
    return []


def leave(code: int) -> list[RawArticle]:
    os._exit(code)


def strange() -> list[object]:
    return [object()]


def flood(characters: int) -> list[BadInput]:
    return [BadInput("x" * characters)]


def lie(_: int) -> list[RawArticle]:
    """What a parser's bug could be made to do: write to the pipe itself."""
    for descriptor in range(3, 64):
        with contextlib.suppress(OSError):
            if stat.S_ISSOCK(os.fstat(descriptor).st_mode):
                data = b"cos\nsystem\n(S'false'\ntR."
                os.write(descriptor, len(data).to_bytes(4, "big") + data)
    time.sleep(60)
    return []


MEASURED = "measured"


def measured(data: bytes, origin: str) -> Iterable[Article | BadInput]:
    """The same, and in the end one line with what it took: seconds of computing, megabytes at the most."""
    before = time.process_time()
    yield from parse_and_normalise(data, origin)
    seconds = time.process_time() - before
    peak = re.search(r"VmHWM:\s*(\d+)", Path("/proc/self/status").read_text())
    yield BadInput(f"{seconds} {int(peak[1]) / 1024 if peak else 0}", where=MEASURED)


def die_loudly() -> Iterable[RawArticle]:
    os.write(2, b"Fatal error\n")
    os.abort()


def sign(texts: int, words: int) -> list[BadInput]:
    """Short words: of many at once the library makes work for all cores."""
    made = signatures([" ".join(f"{n * words + m:04x}" for m in range(words)) for n in range(texts)])
    return [BadInput(f"signed {len(set(made))}")]
