"""A web that is a dictionary."""

from __future__ import annotations

from typing import Any

import pytest

from digest.errors import FetchError
from digest.ingest import fetch
from digest.ingest.fetch import Fetched

TEXT = (
    "The ferry line across the harbour opened on Saturday morning, two years late and over its budget. "
    "Hundreds of people stood in line for the first crossing, among them the mayor and her predecessor. "
)


class Web:
    """Addresses with what stands there: a body, or a status. Notes what it was asked, a robots.txt apart."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.there: dict[str, bytes | int] = {}
        self.asked: list[str] = []
        self.etags: dict[str, str] = {}
        monkeypatch.setattr(fetch, "get", self.get)

    def get(self, url: str, *, etag: str | None = None, **_: Any) -> Fetched:
        if not url.endswith("/robots.txt"):
            self.asked.append(url)
        found = self.there.get(url, 404)
        if found == 0:
            raise FetchError("took too long", where=url)
        if etag and self.etags.get(url) == etag:
            return Fetched(304, b"", etag, None, url, url)
        if isinstance(found, int):
            return Fetched(found, b"", None, None, url, url)
        return Fetched(200, found, self.etags.get(url), None, url, url)

    def since(self) -> list[str]:
        """What was asked since the last look."""
        asked, self.asked[:] = list(self.asked), []
        return asked


def article_page(title: str, text: str = "", extra: str = "") -> bytes:
    body = "".join(f"<p>{paragraph}</p>" for paragraph in (text or f"{title}. {TEXT}").split("\n"))
    return (
        f'<!DOCTYPE html><html lang="en"><head><title>{title}</title>{extra}</head><body><nav>Home | News</nav>'
        f"<article><h1>{title}</h1>{body}</article><footer>All rights</footer></body></html>"
    ).encode()
