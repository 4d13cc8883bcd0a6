"""A server of made-up feeds for measuring: RSS of so many entries each, with validators, as slow to answer as asked.

    python benchmarks/feed_server.py FEEDS ENTRIES [LATENCY_MS]

Prints its port. Every feed has its own path, `/feed/7.xml`; an ETag that is asked for again is answered with 304.
"""

from __future__ import annotations

import asyncio
import random
import sys
from email.utils import format_datetime
from html import escape
from itertools import islice
from pathlib import Path

import sets
from synthetic import World

from digest.model.article import Article

CHECKOUT = Path(__file__).resolve().parents[1]
#: Characters of an entry's HTML, so that thirty entries make about 55 KB.
_BODY = 1080


def feeds(count: int, entries: int) -> list[bytes]:
    """Each in one language, its entries told from our own samples."""
    samples = [sets.read_seed(path) for path in sorted((CHECKOUT / "seeds").glob("*.txt"))]
    by_language: dict[str, list[Article]] = {}
    for article in islice(World(samples).stream(count * entries * 2), count * entries * 2):
        by_language.setdefault(article.language, []).append(article)
    return [_feed(number, _taken(by_language, entries)) for number in range(count)]


def _taken(by_language: dict[str, list[Article]], entries: int) -> list[Article]:
    language = max(by_language, key=lambda name: len(by_language[name]))
    taken, by_language[language] = by_language[language][:entries], by_language[language][entries:]
    return taken


def _feed(number: int, articles: list[Article]) -> bytes:
    items = "".join(_item(number, place, article) for place, article in enumerate(articles))
    head = f"<title>Paper {number}</title><link>http://paper{number}.example/</link><description>News</description>"
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/">'
        f"<channel>{head}<language>{articles[0].language}</language>{items}</channel></rss>"
    ).encode()


def _item(feed: int, place: int, article: Article) -> str:
    chance = random.Random(f"{feed} {place}")
    text, paragraphs = article.text[:_BODY], []
    while text:
        cut = text.find(". ", chance.randint(120, 320)) + 1 or len(text)
        paragraphs.append(text[:cut].strip())
        text = text[cut:]
    link = f"http://paper{feed}.example/news/{place}-{article.id}"
    html = "".join(f"<p>{escape(paragraph)}</p>\n" for paragraph in paragraphs)
    html += f'<p><img src="{link}.jpg" alt=""/> <a href="{link}?utm_source=rss">{escape(article.title[:30])}</a></p>'
    return (
        f"<item><title>{escape(article.title)}</title><link>{link}</link><guid>{link}</guid>"
        f"<pubDate>{format_datetime(article.published.start)}</pubDate><category>news</category>"
        f"<description>{escape(paragraphs[0][:200])}</description>"
        f"<content:encoded><![CDATA[{html}]]></content:encoded></item>\n"
    )


class Server:
    """HTTP/1.1, enough of it: GET of one feed, conditional or not."""

    def __init__(self, bodies: list[bytes], latency: float) -> None:
        self._bodies = bodies
        self._latency = latency

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while request := await reader.readuntil(b"\r\n\r\n"):
                await asyncio.sleep(self._latency)
                writer.write(self._response(request))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def _response(self, request: bytes) -> bytes:
        path = request.split(b" ", 2)[1]
        number = path.removeprefix(b"/feed/").removesuffix(b".xml")
        if not number.isdigit() or int(number) >= len(self._bodies):
            return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
        tag = b'"' + number + b'-1"'
        if b"if-none-match: " + tag in request.lower():
            return b"HTTP/1.1 304 Not Modified\r\nETag: " + tag + b"\r\n\r\n"
        body = self._bodies[int(number)]
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml; charset=utf-8\r\nETag: " + tag
        return head + b"\r\nContent-Length: " + str(len(body)).encode() + b"\r\n\r\n" + body


async def serve(count: int, entries: int, latency: float) -> None:
    bodies = feeds(count, entries)
    server = await asyncio.start_server(Server(bodies, latency).answer, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], sum(map(len, bodies)) // len(bodies), flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    given = sys.argv[1:]
    asyncio.run(serve(int(given[0]), int(given[1]), float(given[2]) / 1000 if len(given) > 2 else 0.0))
