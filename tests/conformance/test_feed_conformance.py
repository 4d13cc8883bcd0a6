"""feedparser's own test files: what each says of titles, links, ids and dates is what we get of it."""

from __future__ import annotations

import ast
import contextlib
import io
import re
import warnings
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import feedparser
import pytest

from digest.errors import BadInput
from digest.ingest.canonical import canonical_url
from digest.ingest.feeds import fast, read
from digest.ingest.feeds.entry import Feed, to_article
from digest.ingest.feeds.read import parse
from digest.ingest.markup import to_line

SERVER = "http://127.0.0.1:8097/"
DATES = {"published", "updated", "created", "date", "modified", "issued"}
FIELDS = {"title", "link", "id", "guid", *DATES, *(f"{name}_parsed" for name in DATES)}
FEED = -1
Statement = tuple[int, str, Any]


@pytest.fixture(scope="module")
def corpus(shared: Path) -> list[Path]:
    folder = shared / "corpora" / "feedparser"
    kinds = ("wellformed", "illformed", "encoding", "entities", "json")
    return [file for kind in kinds for file in sorted((folder / kind).rglob("*.*")) if file.is_file()]


def head(data: bytes) -> str:
    for encoding in ("utf-8", "utf-16", "utf-32", "utf-16-be", "utf-16-le", "utf-32-be", "utf-32-le", "cp037"):
        text = data.decode(encoding, "ignore")
        if "Expect:" in text:
            return text
    return ""


def statements(data: bytes) -> Iterator[Statement]:
    """`entries[0].title == "…"` in a file's expectation: entry (or the feed itself), field, value."""
    found = re.search(r"Expect:\s*(.+?)\s*(?:-->|\n)", head(data))
    try:
        tree = ast.parse(found[1].strip(), mode="eval") if found else None
    except SyntaxError:
        return
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.Compare) and all(isinstance(sign, ast.Eq) for sign in node.ops):
            *subjects, value = (node.left, *node.comparators)
            for subject in subjects:
                path = re.sub(r"\['(\w+)'\]", r".\1", ast.unparse(subject))
                match = re.fullmatch(r"(?:entries\[(\d)\]|feed)\.(\w+?)(?:_detail\.value)?", path)
                if match and match[2] in FIELDS and (match[1] or match[2] in ("title", "link")):
                    with contextlib.suppress(ValueError):  # one that compares with another field
                        yield int(match[1] or FEED), match[2], ast.literal_eval(value)


def location(data: bytes) -> str:
    found = re.search(r"Header:\s*Content-Location:\s*(\S+)", head(data))
    return urljoin(SERVER, found[1]) if found else ""


def feedparser_gets(data: bytes, wanted: list[Statement]) -> list[bool]:
    headers = dict(re.findall(r"Header:\s*([\w-]+):\s*(.*?)\s*\n", head(data)))
    headers = {key.lower(): value for key, value in headers.items()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        parsed = feedparser.parse(io.BytesIO(data), response_headers=headers)
        return [_holds(parsed, *statement) for statement in wanted]


def _holds(parsed: Any, number: int, field: str, value: Any) -> bool:
    if number >= len(parsed.entries):
        return False
    found = (parsed.feed if number == FEED else parsed.entries[number]).get(field)
    return (tuple(found) if field.endswith("_parsed") and found else found) == value


def we_get(feed: Feed | None, statement: Statement, base: str) -> bool:
    number, field, value = statement
    if feed is None or number >= len(feed.entries):
        return False
    if number == FEED:
        found = {"title": feed.title, "link": feed.link}[field]
        return to_line(found) == to_line(value) if field == "title" else urljoin(base, found) == value
    entry = feed.entries[number]
    article = to_article(entry, feed, "", base, None, frozenset())
    if field == "title":
        return (article.title or "") == to_line(value)
    if field == "link":
        return article.url == canonical_url(value, base or feed.link)
    if field in ("id", "guid"):
        return (article.external_id or "") == value.strip()
    return _moment(value) in [date.start.replace(second=0, microsecond=0) for date in entry.dates]


def _moment(value: Any) -> datetime | None:
    read = value if isinstance(value, tuple) else feedparser.datetimes._parse_date(value)
    return datetime(*read[:5], tzinfo=UTC) if read else None


def test_what_the_files_say_is_what_we_get(corpus: list[Path]) -> None:
    theirs: Counter[str] = Counter()
    ours: Counter[str] = Counter()
    missed: list[str] = []
    for file in corpus:
        data = file.read_bytes()
        wanted = list(statements(data))
        if not wanted:
            continue
        feed = _parsed(data)
        for statement, reached in zip(wanted, feedparser_gets(data, wanted), strict=True):
            kind = "date" if statement[1] not in ("title", "link", "id", "guid") else statement[1]
            theirs[kind] += reached
            if we_get(feed, statement, location(data)):
                ours[kind] += reached
            elif reached:
                missed.append(f"{file.parent.name}/{file.name}: {statement}")
    total, got = sum(theirs.values()), sum(ours.values())
    print(f"\n{got} of {total} statements that feedparser meets ({got / total:.1%}): {dict(ours)} of {dict(theirs)}")
    print(*missed, sep="\n")
    assert total > 200, "the corpus, or the reading of its expectations, has shrunk"
    assert got >= 0.98 * total, missed


def _parsed(data: bytes) -> Feed | None:
    try:
        return parse(data)
    except BadInput:
        return None


def test_no_file_raises_and_both_ways_agree_on_all(corpus: list[Path]) -> None:
    quick = 0
    for file in corpus:
        data = file.read_bytes()
        ways = [
            [str(found) if isinstance(found, BadInput) else found for found in read(data, file.name, gated=gated)]
            for gated in (True, False)
        ]
        assert ways[0] == ways[1], file
        quick += fast.read(data) is not None
    print(f"\n{len(corpus)} files agree, {quick} of them read the fast way")
    assert len(corpus) > 2000
    assert quick > 700
