"""Bodies made to do harm: each ends in articles or in a line, and what passes reaches nothing but the text."""

from __future__ import annotations

import email
import email.policy
import gzip
import re
import tracemalloc
import zlib
from collections.abc import Iterator
from concurrent.futures import Future
from email.message import EmailMessage

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Response

from digest.errors import BadInput, FetchError
from digest.ingest import feeds, fetch
from digest.ingest.workers import Limits, Workers, wire
from digest.pipeline import group, ingest
from tests.support import home, hostile, tasks
from tests.support.home import House

READER = "reader@example.org"


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    with Workers(2) as pool:
        yield pool


@pytest.mark.slow
def test_each_takes_little_and_hurts_no_other(workers: Workers) -> None:
    """Within the default limits: 2 seconds of computing, 256 MB."""
    assert Limits() == Limits(cpu_seconds=2.0, memory_megabytes=256)
    good = hostile.rss(*[hostile.item(n=n) for n in range(30)])
    given_up = []
    waiting: list[tuple[str, Future[list[wire.Item]], Future[list[wire.Item]]]] = []
    for name, make in hostile.BODIES.items():
        bad = workers.submit(tasks.measured, make(), name, where=name)
        waiting.append((name, bad, workers.submit(tasks.parse_and_normalise, good, "good")))
        if len(waiting) > 4:  # the bodies are large: only some of them at a time
            given_up += [_judge(*waiting.pop(0))]
    given_up += [_judge(*one) for one in waiting]
    print(f"\n{len(hostile.BODIES)} hostile bodies; given up: {sum(given_up)}")
    assert len(hostile.BODIES) >= 30
    assert 0 < sum(given_up) < len(hostile.BODIES) / 2


def _judge(name: str, bad: Future[list[wire.Item]], good: Future[list[wire.Item]]) -> bool:
    """Whether the child had to be killed over it."""
    found = bad.result(120)
    lines = [str(one) for one in found if isinstance(one, BadInput) and one.where != tasks.MEASURED]
    assert len(lines) <= 3, name
    assert all(len(line) < 300 and line.isprintable() for line in lines), lines
    assert len(found) <= feeds.MOST_ENTRIES + 3, name
    measures = [one.what for one in found if isinstance(one, BadInput) and one.where == tasks.MEASURED]
    for measure in measures:
        seconds, megabytes = map(float, measure.split())
        assert seconds <= 2.2, name
        assert megabytes <= 256, name
    assert measures or len(lines) == len(found) == 1, name
    assert sum(not isinstance(one, BadInput) for one in good.result(120)) == 30, f"beside {name}"
    return not measures


def _bombs() -> dict[str, tuple[str, bytes]]:
    zeros = bytes(100_000_000)
    once = gzip.compress(zeros)
    return {
        "gzip": ("gzip", once),
        "twice": ("gzip, gzip", gzip.compress(once)),
        "deflate": ("deflate", zlib.compress(zeros)),
        "raw deflate": ("deflate", zlib.compress(zeros)[2:-4]),
        "members": ("gzip", gzip.compress(bytes(1_000_000)) * 100),
    }


def test_a_bomb_stops_at_the_cap_and_takes_no_memory(httpserver: HTTPServer) -> None:
    for name, (encoding, body) in _bombs().items():
        path = f"/{name.replace(' ', '-')}"
        answer = Response(body, headers={"Content-Encoding": encoding})
        httpserver.expect_request(path).respond_with_response(answer)
        tracemalloc.start()
        try:
            told = "which nobody asked for" if name == "twice" else "larger than 10,000,000"
            with pytest.raises(FetchError, match=told):
                fetch.get(httpserver.url_for(path), allow_private=True, timeout=20)
            assert tracemalloc.get_traced_memory()[1] < 60_000_000, name
        finally:
            tracemalloc.stop()


PASSES = [
    hostile.item(title, n, f"<category>{title}</category><description>{text}</description>")
    for n, (title, text) in enumerate(
        [
            ("Ferry&#13;&#10;Bcc: evil@evil.example&#10;&#10;body", "The ferry of Marlow sails on Monday."),
            ("=?utf-8?b?RmVycnkNCkJjYzogZXZpbEBldmlsLmV4YW1wbGU=?=", "The bridge at Stowe was opened by Ann Bell."),
            ("{{ 7*7 }} {% include '/etc/passwd' %} {{ page }}", "The {{ 6*7 }} market of Brill shut {% raw %} today."),
            ("\u202eferry\u2066 \u200b\u2028x&#x9b;31m", "The council of Dunmore \u202evoted\u202c for a new quay."),
            (
                "&lt;script&gt;alert(1)&lt;/script&gt;Port",
                "&lt;script&gt;alert(1)&lt;/script&gt;The port of Kell grew.",
            ),
            (
                "A &amp;lt;img src=x onerror=alert(1)&amp;gt;",
                "&lt;img src=x onerror=alert(1)&gt;Lorne has a new mayor.",
            ),
            (
                "Slots @@ \ue000 %(to)s {0}",
                "&lt;a href='javascript:alert(1)'&gt;The mill at Orme burned down.&lt;/a&gt;",
            ),
        ],
        start=1,
    )
]
LINKS = ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "vbscript:x", " \tjava&#10;script:alert(1)"]


def test_what_passes_is_nothing_but_text(house: House) -> None:
    """From the feed's bytes to the bytes of the mail, through every room between them."""
    evil = [
        f"<item><title>{name} sees a flood at {name}by</title><link>{link}</link><guid>{link}</guid></item>"
        for name, link in zip(["Arden", "Belmont", "Corby", "Dorset", "Elgin"], LINKS, strict=True)
    ]
    head = "<language>en&#13;&#10;X-Evil: 1</language>"
    body = hostile.rss(*PASSES, *evil, head=head).replace(
        b"<title>Quay</title>", b"<title>Quay&#13;&#10;Bcc: evil@evil.example {{ 7*7 }}</title>"
    )
    found = list(feeds.read(body, "feed.xml", base="https://quay.example/feed.xml", now=house.clock()))
    home.publication(house)
    home.subscribe(house, READER)
    house.clock.go(hours=2)
    report = ingest.ingest(house.services, found, source="quay")
    assert (report.new, report.failed) == (len(PASSES) + len(LINKS), 0)
    group.group(house.services)
    home.publish_now(house)
    assert home.deliver_all(house).sent == 1
    (mail,) = house.mails(READER)
    _nothing_but_text(email.message_from_bytes(mail, policy=email.policy.default))


def _nothing_but_text(mail: EmailMessage) -> None:
    assert {"X-Evil", "Bcc"}.isdisjoint(mail.keys())
    assert [name for name in mail.keys() if name.startswith("Bcc")] == []  # noqa: SIM118
    text, html = (_body(mail, kind) for kind in ("plain", "html"))
    for shown in (text, html):
        assert "7*7" in shown, "the titles are in the mail"
        assert "49" not in re.sub(r"[^\s\"'<>]*://[^\s\"'<>]*", "", re.sub(r"#[0-9a-f]{3,6}|\d+px", "", shown))
        assert "root:" not in shown
        assert not re.search("[\u202a-\u202e\u2066-\u2069\x80-\x9f\u2028\ue000]", shown)
    assert not any(line.startswith("Bcc:") for line in text.splitlines())
    assert "<script" not in html.lower()
    assert not re.search(r"<[^>]*\sonerror", html, re.IGNORECASE)
    targets = re.findall(r"""(?:href|src|action|background)\s*=\s*["']?([^"'\s>]*)""", html, re.IGNORECASE)
    assert targets
    schemes = {target.partition(":")[0].lower() for target in targets}
    assert schemes <= {"http", "https", "mailto"}, schemes
    assert not re.search(r"(?:javascript|vbscript|data|file):", text, re.IGNORECASE)


def _body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    content = part.get_content()
    assert isinstance(content, str)
    return content
