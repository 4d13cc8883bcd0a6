"""Where the mail's links lead, as far as that can be told without following them. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from digest.compose.check.finished import Asked, Finished, short
from digest.model.finding import Finding, fail, ok, warn

CHECK = "links"
_TOLD = 5  # links of a kind
_ONE = {"lead": "leads", "have": "has", "are": "is", "stand": "stands"}  # what one link does
_OTHERS = ("mailto", "tel")
#: For documentation and tests (RFC 2606, 6761), and names that no public name server knows.
_RESERVED = re.compile(
    r"(?:.*\.)?(?:test|example|invalid|local|internal|lan|home\.arpa|onion)|(?:.*\.)?example\.(?:com|net|org)"
)
_MARKER = re.compile(r"@@[A-Za-z0-9]{8,32}:[a-z_]+(?:\.[a-z])?@@")


@dataclass(frozen=True, slots=True)
class Link:
    url: str
    text: str
    told: bool  # whether it has a name: text, the alt of a picture, or a label


def links(mail: Finished) -> list[Link]:
    """Those of the HTML, each address once with its first text."""
    found: dict[str, Link] = {}
    for node in mail.tree.css("a[href]") if mail.html else []:
        url = "".join((node.attributes.get("href") or "").split())
        text = " ".join(node.text().split())
        named = text or node.attributes.get("aria-label") or any(i.attributes.get("alt") for i in node.css("img"))
        before = found.get(url)
        found[url] = Link(url, before.text if before else text, bool(named) and (before is None or before.told))
    return list(found.values())


def to_ask(mail: Finished) -> list[str]:
    """Web addresses of both parts that are worth asking whether they are there."""
    in_text = re.findall(r"https?://[^\s<>\"]+", mail.text)
    ours = set(re.findall(r"<([^<>\s]+)>", mail.header("List-Unsubscribe")))  # a token that nobody shall use up
    return [u for u in dict.fromkeys([*(link.url for link in links(mail)), *in_text]) if _is_web(u) and u not in ours]


def findings(mail: Finished, asked: Asked) -> list[Finding]:
    wrong = _markers(mail)
    found = links(mail)
    wrong += _grouped(
        [f"{short(link.text) if link.text else 'a link'}: {link.url[:80]}" for link in found if _relative(link.url)],
        fail, "lead nowhere from a mail", "whole addresses: https://…",
    )  # fmt: skip
    wrong += _grouped(
        [link.url for link in found if not link.told],
        fail, "have no text", "say where it leads, or put an alt on the picture inside",
    )  # fmt: skip
    hosts = {link.url: _host(link.url) for link in found}
    wrong += _grouped(
        [url for url, host in hosts.items() if host and (asked.private(host) or "." not in host.strip("."))],
        fail, "lead to this machine or a private network", "set web.url to what readers reach; look at the source",
    )  # fmt: skip
    wrong += _grouped(
        [url for url, host in hosts.items() if host and _RESERVED.fullmatch(host)],
        warn, "lead to names that are reserved for examples", "look at where the articles come from",
    )  # fmt: skip
    wrong += _grouped(
        [u for u in hosts if u.startswith("http:") and not (hosts[u] and asked.private(hosts[u]))],
        warn, "are not https", "ask the publisher, or take another feed of it",
    )  # fmt: skip
    wrong += _grouped(
        [url for url in hosts if _is_web(url) and url not in mail.text],
        warn, "stand in the HTML and not in the plain text", "{{ source.url }} in body.txt",
    )  # fmt: skip
    return wrong or [ok(CHECK, f"every link is whole, has a text, and leads out into the world ({len(found)} there)")]


def _markers(mail: Finished) -> list[Finding]:
    left = [name for name, part in (("body.html", mail.html), ("body.txt", mail.text)) if _MARKER.search(part)]
    left += ["header"] if _MARKER.search("\n".join(value for _, value in mail.headers)) else []
    mend = "this is a fault of ours: report it"
    return [fail(CHECK, "a place for the recipient's own values was not filled", name, mend) for name in left]


def _grouped(where: list[str], make: Callable[..., Finding], what: str, mend: str) -> list[Finding]:
    if not where:
        return []
    number = len(where)
    verb, _, rest = what.partition(" ")
    counted = f"{number} links {what}" if number > 1 else f"1 link {_ONE[verb]} {rest}"
    shown = ", ".join(u if len(u) <= 90 else u[:89] + "…" for u in where[:_TOLD])
    return [make(CHECK, counted, shown + (f", and {number - _TOLD} more" if number > _TOLD else ""), mend)]


def _relative(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return True
    if parts.scheme in _OTHERS:
        return not parts.path
    return parts.scheme not in ("http", "https") or not _host(url)


def _is_web(url: str) -> bool:
    return url.startswith(("http://", "https://")) and bool(_host(url))


def _host(url: str) -> str:
    try:
        parts = urlsplit(url)
        return (parts.hostname or "") if parts.scheme in ("http", "https") else ""
    except ValueError:
        return ""
