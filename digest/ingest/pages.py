"""[pure] A web page to the text of its article, through trafilatura (the extra `pages`)."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from digest.errors import BadInput, DigestError
from digest.ingest import dates, discover, markup, picture, plain
from digest.ingest.fetch import Fetched
from digest.ingest.kinds.base import Run
from digest.ingest.kinds.web import refusal
from digest.model.dates import PartialDate

# Long articles with all their comments stay well below; beyond, it takes seconds and hundreds of megabytes.
MAX_BYTES = 3_000_000
_MOST_TAGS = 40_000
MEND = "pip install 'storyline-digest[pages]'"


@dataclass(frozen=True, slots=True)
class Page:
    """What a page says, and what it says of itself."""

    text: str  # paragraphs with blank lines between them
    title: str = ""
    date: PartialDate | None = None
    language: str = ""
    publisher: str = ""
    image_url: str | None = None  # what it names as its picture
    image_alt: str = ""


def available() -> bool:
    return importlib.util.find_spec("trafilatura") is not None


def require(where: str) -> None:
    """Raises DigestError where the extra is not installed."""
    if not available():
        raise DigestError("to read pages takes trafilatura, which is not installed", where=where, mend=MEND)


def fetch(url: str, get: Callable[[str], Fetched], run: Run) -> Page:
    """One page, read by `run`. Raises FetchError; BadInput where there is no text in it."""
    got = get(url)
    if got.status != 200:
        raise refusal(url, got)
    return run(extract, got.body, url, where=url)


def extract(body: bytes, where: str) -> Page:
    """Raises BadInput where there is no article in it, DigestError without the extra."""
    require(where)
    try:
        import trafilatura
    except ImportError as error:
        what = f"to read pages takes trafilatura, which lacks something ({error})"
        raise DigestError(what, where=where, mend=MEND) from None
    if len(body) > MAX_BYTES:
        raise BadInput(f"is larger than {MAX_BYTES:,} bytes", where=where, mend="it is passed over")
    html = markup.flattened(plain.tidy(discover.text_of(body)))
    if html.count("<") > _MOST_TAGS:
        raise BadInput(f"has more than {_MOST_TAGS:,} tags", where=where, mend="it is passed over")
    try:
        found: Any = trafilatura.bare_extraction(html, fast=True, with_metadata=True, include_comments=False)
    except Exception as error:  # noqa: BLE001 - a page of a stranger in the hands of a library that guesses
        raise BadInput(f"cannot be read as a page ({type(error).__name__})", where=where) from None
    text = (
        "\n\n".join(line for part in (found.text or "").split("\n") if (line := plain.one_line(part))) if found else ""
    )
    if not text:
        raise BadInput("has no text that could be read", where=where, mend="give a page with an article")
    shown = picture.of_page(html, where)
    return Page(
        text=text,
        title=plain.one_line(found.title or ""),
        date=_date(found.date),
        language=plain.one_line(found.language or "")[:10],
        publisher=plain.one_line(found.sitename or ""),
        image_url=shown.url if shown else None,
        image_alt=shown.alt if shown else "",
    )


def _date(written: str | None) -> PartialDate | None:
    try:
        return dates.parse(written or "")
    except BadInput:
        return None
