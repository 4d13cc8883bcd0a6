"""[pure] One address for one page: what does not change the page is taken off."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, quote, urljoin, urlsplit, urlunsplit

import idna

_MAX_LENGTH = 2000
_DEFAULT_PORT = {"http": 80, "https": 443}

# Campaign tags, click ids and mail-tool tags. Plain `ref` and `source` stay: some sites need them.
_TRACKING = re.compile(
    r"(?:utm_|at_|mtm_|matomo_|pk_|hsa_|_hs|wt_|ns_|oly_|vero_|trk_)\w*"
    r"|fbclid|gclid|gclsrc|dclid|gbraid|wbraid|msclkid|twclid|yclid|ysclid|ttclid|li_fat_id|igshid|igsh"
    r"|mc_cid|mc_eid|mkt_tok|cmpid|ito|xtor|wtmc|ref_src|ref_url|_ga|_gl|smid|s_cid|spm|__twitter_impression"
    r"|traffic_source|__s|ck_subscriber_id|bxid|cndid|sc_cid|share_id",
    re.IGNORECASE,
)
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]")
# What all that follows would leave as it is.
_CANONICAL = re.compile(r"https?://[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?/(?:[A-Za-z0-9_~./-]*[A-Za-z0-9_~/-])?", re.ASCII)
_PATH_SAFE = "/%:@!$&'()*+,;=~-._"


def canonical_url(url: str | None, base: str = "") -> str | None:
    """The canonical http(s) address, or None where there is no usable one."""
    if not url:
        return None
    if len(url) <= _MAX_LENGTH and _CANONICAL.fullmatch(url):
        return url
    try:
        parts = urlsplit(_trim(urljoin(base, url.strip()) if base else url))
        host, port = parts.hostname, parts.port
    except ValueError:  # an unclosed IPv6 bracket, a port beyond 65535
        return None
    scheme = parts.scheme.lower()
    if scheme not in _DEFAULT_PORT or not host:
        return None
    ascii_host = _ascii_host(host)
    if ascii_host is None:
        return None
    netloc = ascii_host if port in {None, _DEFAULT_PORT[scheme]} else f"{ascii_host}:{port}"
    path = quote(parts.path, safe=_PATH_SAFE) or "/"
    result = urlunsplit((scheme, netloc, path, _query(parts.query), _fragment(parts)))
    return result if len(result) <= _MAX_LENGTH else None


def names_a_page(canonical: str) -> bool:
    """Whether the address points below a site's front page."""
    parts = urlsplit(canonical)
    return bool(parts.path.strip("/") or parts.query or parts.fragment)


def _trim(url: str) -> str:
    """Without what sticks to an address copied out of running text."""
    text = _UNSEEN.sub("", url).strip().strip("<>\"'“”‘’")
    while text and (text[-1] in ",;.!" or (text[-1] == ")" and text.count("(") < text.count(")"))):
        text = text[:-1]
    return text


def _ascii_host(host: str) -> str | None:
    if ":" in host:  # urlsplit has taken the brackets of an IPv6 address off and checked it
        return f"[{host.lower()}]"
    try:
        name = host.rstrip(".")
        ascii_name = name.lower() if name.isascii() else idna.encode(name, uts46=True).decode("ascii")
    except idna.IDNAError:
        return None
    return ascii_name if re.fullmatch(r"[a-z0-9_]([a-z0-9._-]*[a-z0-9_])?", ascii_name) else None


def _query(query: str) -> str:
    """The order is kept: servers may read it, and sorting would not find more equal pages."""
    pairs = [pair for pair in query.split("&") if pair]
    kept = [pair for pair in pairs if not _TRACKING.fullmatch(pair.partition("=")[0])]
    return quote("&".join(kept), safe=_PATH_SAFE + "?")


def _fragment(parts: SplitResult) -> str:
    """Only `#!…` addresses another page (an old convention of script-driven sites)."""
    return quote(parts.fragment, safe=_PATH_SAFE + "?") if parts.fragment.startswith("!") else ""
