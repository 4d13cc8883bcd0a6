"""One web page that is an article: its text, and each change of it as an update."""

from __future__ import annotations

from datetime import datetime

from digest.errors import UsageError
from digest.ingest import dates, pages
from digest.ingest.canonical import canonical_url
from digest.ingest.kinds import web
from digest.ingest.kinds.base import Batch, FetchOptions
from digest.model.article import RawArticle
from digest.model.publication import Source


class PageSource:
    """Polled: others write it."""

    kind = "page"
    polled = True

    def check(self, location: str) -> str:
        if not pages.available():
            raise UsageError("to read pages takes trafilatura, which is not installed", where=location, mend=pages.MEND)
        return web.check_address(location)

    def read(self, source: Source, memory: dict[str, str], *, now: datetime, options: FetchOptions) -> Batch:
        pages.require(source.location)
        allowed = web.Pages(source, memory, options, now)
        allowed.check(source.location)
        got = web.ask(source, memory, options)
        if isinstance(got, Batch):
            return got
        page = options.run(pages.extract, got.body, source.location, where=source.location)
        found = _article(page, source.location, now)
        return Batch(
            articles=[found],
            memory=web.remembered(got) | allowed.remembered,
            location=got.permanent_redirect_to,
            retry_after=got.retry_after,
        )


def _article(page: pages.Page, location: str, now: datetime) -> RawArticle:
    url = canonical_url(location)
    date = page.date if page.date and not dates.too_far_ahead(page.date, now, dates.FEED_AHEAD) else None
    return RawArticle(
        text=page.text,
        origin=location,
        identity=f"url:{url}" if url else "",
        title=page.title or None,
        language=page.language or None,
        date=date,
        url=url,
        publisher=page.publisher or None,
        image_url=page.image_url,
        image_alt=page.image_alt,
    )
