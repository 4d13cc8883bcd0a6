"""[pure] Whether a form was sent from one of our own pages, as far as the browser says."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit


def from_here(headers: Mapping[str, str], url: str) -> bool:
    """`url` is `web.url`. What says nothing is let through: the token in the address is what counts."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site.lower() in ("same-origin", "none")
    return headers.get("origin") is None or _is_ours(headers, url)


def by_our_page(headers: Mapping[str, str], url: str) -> bool:
    """Whether the browser says so: mailbox providers, which send the same form for their users, say nothing."""
    return headers.get("sec-fetch-site", "").lower() == "same-origin" or _is_ours(headers, url)


def _is_ours(headers: Mapping[str, str], url: str) -> bool:
    origin = headers.get("origin", "")
    try:
        sent, ours = urlsplit(origin).netloc.lower(), urlsplit(url).netloc.lower()
    except ValueError:
        return False
    # A proxy may give us another Host than the browser sees.
    return bool(sent) and sent in (ours, headers.get("host", "").lower())
