"""What robots.txt allows (RFC 9309), and what is remembered of it."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import FetchError
from digest.ingest import robots
from digest.ingest.kinds.base import FetchOptions

NOW = datetime(2026, 3, 2, 7, tzinfo=UTC)
AGENT = "storyline-digest/0.1 (+mailto:desk@example.org)"
SITE = "https://example.org"
OPTIONS = FetchOptions(user_agent=AGENT)

RULES = {
    "the longest rule wins": ("User-agent: *\nDisallow: /a\nAllow: /a/b\n", "/a/b/c", True),
    "whatever their order": ("User-agent: *\nAllow: /a/b\nDisallow: /a\n", "/a/c", False),
    "of two alike, allow": ("User-agent: *\nDisallow: /p\nAllow: /p\n", "/p", True),
    "a star": ("User-agent: *\nDisallow: /*.pdf$\n", "/x.pdf", False),
    "an end": ("User-agent: *\nDisallow: /*.pdf$\n", "/x.pdf?p=1", True),
    "our own group": ("User-agent: *\nDisallow: /\n\nUser-agent: Storyline-Digest\nAllow: /\n", "/z", True),
    "our own, in two parts": (
        ("User-agent: storyline-digest\nDisallow: /a\nUser-agent: x\nAllow: /\n"
        "User-agent: storyline-digest\nDisallow: /b\n"),
        "/b", False,
    ),
    "a part of our name is another's": ("User-agent: digest\nDisallow: /\n", "/z", True),
    "two names over one group": ("User-agent: a\nUser-agent: storyline-digest\nDisallow: /\n", "/z", False),
    "nothing is forbidden": ("User-agent: *\nDisallow:\n", "/z", True),
    "comments, blank lines": ("# hello\nUser-agent: * # all\n\nDisallow: / # no\n", "/z", False),
    "a byte order mark": ("\ufeffUser-agent: *\nDisallow: /\n", "/z", False),
    "letters that are written in percent": ("User-agent: *\nDisallow: /caf%C3%A9\n", "/café", False),
    "questions": ("User-agent: *\nDisallow: /*?s=\n", "/find?s=1", False),
    "old line ends": ("User-agent: *\rDisallow: /\r", "/z", False),
    "empty": ("", "/z", True),
    "a page instead": ("<!doctype html><title>Not found</title>", "/z", True),
}  # fmt: skip


@pytest.mark.parametrize(("text", "path", "may"), RULES.values(), ids=RULES.keys())
def test_rules(text: str, path: str, may: bool) -> None:
    assert robots.allowed(SITE + path, AGENT, text.encode()) is may


@pytest.mark.parametrize(
    ("status", "may"),
    [
        (404, True),
        (401, True),
        (403, True),
        (410, True),
        (204, True),
        (429, False),
        (500, False),
        (503, False),
        (0, False),
    ],
)
def test_a_status_instead_of_rules(status: int, may: bool) -> None:
    assert robots.allowed(f"{SITE}/a", AGENT, status) is may


def test_rules_beyond_the_limit_are_not_read() -> None:
    text = b"User-agent: *\nDisallow: /a\n" + b"#" * robots.MAX_BYTES + b"\nDisallow: /b\n"
    assert not robots.allowed(f"{SITE}/a", AGENT, text)
    assert robots.allowed(f"{SITE}/b", AGENT, text)


def test_hostile_rules_take_no_time() -> None:
    text = b"User-agent: *\n" + b"Disallow: /*a*a*a*a*a*a*a*a*b$\n" * 16_000
    begun = time.process_time()
    assert robots.allowed(f"{SITE}/{'a' * 2000}", AGENT, text)
    assert time.process_time() - begun < 5


@given(st.binary(max_size=300), st.text(max_size=50))
def test_no_rules_break_it(text: bytes, path: str) -> None:
    assert robots.allowed(f"{SITE}/{path}", AGENT, text) in (True, False)


class Server:
    """Counts who asks."""

    def __init__(self, answer: bytes | int) -> None:
        self.answer, self.asked = answer, list[str]()

    def __call__(self, url: str) -> bytes | int:
        self.asked.append(url)
        return self.answer


def consult(memory: dict[str, str], server: Server, *, days: float = 0, url: str = f"{SITE}/news") -> robots.Robots:
    return robots.consult(url, memory, now=NOW + timedelta(days=days), options=OPTIONS, get=server)


@pytest.mark.parametrize("answer", [b"User-agent: *\nDisallow: /news\n", 404])
def test_it_is_asked_for_once_a_day(answer: bytes | int) -> None:
    server = Server(answer)
    first = consult({}, server)
    again = consult(dict(first.remembered), server, days=0.9)
    assert (server.asked, again.said) == ([f"{SITE}/robots.txt"], answer)
    assert again.allow(f"{SITE}/news") == first.allow(f"{SITE}/news") == (answer == 404)
    consult(dict(again.remembered), server, days=1.1)
    assert len(server.asked) == 2, "what is kept must not live for ever by being used"


def test_a_server_that_cannot_say_goes_by_what_it_said_last_for_a_month() -> None:
    memory = dict(consult({}, Server(b"User-agent: *\nDisallow: /secret\n")).remembered)
    down = consult(memory, Server(503), days=2)
    assert down.allow(f"{SITE}/news")
    assert not down.allow(f"{SITE}/secret")
    assert down.remembered == memory
    with pytest.raises(FetchError, match="no answer"):
        consult(memory, Server(503), days=31).check(f"{SITE}/news")


def test_no_answer_is_not_remembered() -> None:
    for status in (0, 429, 500):
        found = consult({}, Server(status))
        assert not found.allow(f"{SITE}/news")
        assert found.remembered == {}


def test_every_site_has_its_own() -> None:
    memory = dict(consult({}, Server(404)).remembered)
    server = Server(b"User-agent: *\nDisallow: /\n")
    other = consult(memory, server, url="http://Example.org:8080/x")
    assert server.asked == ["http://example.org:8080/robots.txt"]
    with pytest.raises(FetchError, match="asks not to read it"):
        other.check("http://example.org:8080/x")
    assert not consult({}, Server(404)).allow("https://elsewhere.example/news"), "nobody asked that site"


@pytest.mark.parametrize("kept", ["", "{}", "[]", "null", '{"site": "https://example.org", "at": "x", "said": "%"}'])
def test_a_memory_that_cannot_be_read_is_no_memory(kept: str) -> None:
    server = Server(404)
    consult({"robots": kept}, server)
    assert server.asked
