"""Bodies that somebody might send to do harm, each made when it is asked for."""

from __future__ import annotations

import json
from collections.abc import Callable

MEGABYTE = 1_000_000
_ITEM = "<item><title>{title}</title><link>https://quay.example/{n}</link><guid>{n}</guid>{more}</item>"


def rss(*items: str, head: str = "", prolog: str = "") -> bytes:
    return f'{prolog}<rss version="2.0"><channel><title>Quay</title>{head}{"".join(items)}</channel></rss>'.encode(
        "utf-8", "surrogatepass"
    )


def item(title: str = "The ferry sails", n: int = 1, more: str = "") -> str:
    return _ITEM.format(title=title, n=n, more=more)


def _laughs() -> bytes:
    lines = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    return rss(item("&l11;"), prolog=f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY l0 "ha">{lines}]>')


def _quadratic() -> bytes:
    return rss(item("&a;" * 50_000), prolog=f'<!DOCTYPE rss [<!ENTITY a "{"a" * 50_000}">]>')


def _json(**more: object) -> bytes:
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "Quay"} | more).encode()


def _description(text: str) -> bytes:
    return rss(item(more=f"<description><![CDATA[{text}]]></description>"))


BODIES: dict[str, Callable[[], bytes]] = {
    # entities
    "billion laughs": _laughs,
    "quadratic blow-up": _quadratic,
    "external entity": lambda: rss(item("&x;"), prolog='<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>'),
    "external DTD": lambda: rss(item(), prolog='<!DOCTYPE rss SYSTEM "http://127.0.0.1:9/x.dtd">'),
    "parameter entity": lambda: rss(item(), prolog='<!DOCTYPE rss [<!ENTITY % p SYSTEM "http://127.0.0.1:9/">%p;]>'),
    "laughs in UTF-16": lambda: _laughs().decode().replace('"1.0"', '"1.0" encoding="utf-16"').encode("utf-16"),
    "laughs in UTF-7": lambda: _laughs().decode().replace('"1.0"', '"1.0" encoding="utf-7"').encode("utf-7"),
    "laughs in EBCDIC": lambda: _laughs().decode().replace('"1.0"', '"1.0" encoding="cp037"').encode("cp037"),
    "a million DOCTYPEs": lambda: b"<!DOCTYPE " * (MEGABYTE // 2),
    "comments never closed": lambda: b"<!-- <!ENTITY " * (MEGABYTE // 2),
    # size and depth
    "deep elements": lambda: rss("<a>" * 300_000),
    "deep and closed": lambda: rss(item(more="<x>" * 200_000 + "</x>" * 200_000)),
    "deep HTML": lambda: _description("<div>" * 300_000),
    "deep mixed HTML": lambda: _description("<b><i><a href=x>" * 200_000),
    "deep tables": lambda: _description("<table><tr><td>" * 100_000),
    "20 MB title": lambda: rss(item("a" * 20 * MEGABYTE)),
    "20 MB title of markup": lambda: rss(item("&lt;b&gt;" * (20 * MEGABYTE // 9))),
    "20 MB word in the text": lambda: _description("a" * 20 * MEGABYTE),
    "20 MB of ampersands": lambda: _description("&" * 20 * MEGABYTE),
    "20 MB of less-than": lambda: _description("<" * 20 * MEGABYTE),
    "a million entries": lambda: rss(*[item(n=n) for n in range(100_000)], "<item/>" * 900_000),
    "a million small entries": lambda: rss("<item><title>t</title></item>" * MEGABYTE),
    "entries the slow way": lambda: rss("<item><title>a <b>b</b></title></item>" * 200_000),
    "a million attributes": lambda: rss("<item" + "".join(f' a{n}="1"' for n in range(MEGABYTE)) + "/>"),
    "a million namespaces": lambda: rss("<item" + "".join(f' xmlns:a{n}="u:{n}"' for n in range(300_000)) + "/>"),
    "a million categories": lambda: rss(item(more="".join(f"<category>{n}</category>" for n in range(500_000)))),
    "a million links": lambda: rss(item(more="<link>https://quay.example/</link>" * 300_000)),
    "huge attribute": lambda: rss(item(more=f'<enclosure url="{"a" * 10 * MEGABYTE}"/>')),
    "huge tag name": lambda: rss(item(more=f"<{'a' * 5 * MEGABYTE}/>")),
    "huge link": lambda: rss(f"<item><title>t</title><link>https://quay.example/{'a/../' * MEGABYTE}</link></item>"),
    "huge guid": lambda: rss(f"<item><title>t</title><guid>{'g' * 10 * MEGABYTE}</guid></item>"),
    "huge comment": lambda: rss(f"<!--{'-a' * 5 * MEGABYTE}-->", item()),
    "paragraphs without number": lambda: _description("<p>a sentence.</p>" * 500_000),
    "line ends without number": lambda: _description("a\n\n" * 3 * MEGABYTE),
    # encodings
    "NULs": lambda: rss(item()).replace(b"ferry", b"fe\0rry"),
    "only NULs": lambda: b"\0" * 10 * MEGABYTE,
    "noise": lambda: bytes(range(256)) * 40_000,
    "lying UTF-16": lambda: rss(item(), prolog='<?xml version="1.0" encoding="utf-16"?>'),
    "lying UTF-8": lambda: (
        rss(item("Z\u00fcrich"), prolog='<?xml version="1.0" encoding="utf-8"?>').decode().encode("latin-1")
    ),
    "half of UTF-16": lambda: rss(item()).decode().encode("utf-16")[:-1],
    "unknown charset": lambda: rss(item(), prolog='<?xml version="1.0" encoding="x-\u00fc"?>'),
    "charset that is none": lambda: rss(item(), prolog='<?xml version="1.0" encoding="zlib"?>'),
    "idna for a charset": lambda: rss(item("a." * 200_000), prolog='<?xml version="1.0" encoding="idna"?>'),
    "punycode for a charset": lambda: rss(item("a" * MEGABYTE), prolog='<?xml version="1.0" encoding="punycode"?>'),
    "surrogates in UTF-8": lambda: rss(item("a\ud800b")),
    "surrogate by number": lambda: rss(item("a&#xD800;b &#xDFFF;")),
    "character beyond Unicode": lambda: rss(item("a&#x110000;b&#99999999999999999999;")),
    "unclosed CDATA": lambda: rss(item(more="<description><![CDATA[")),
    "CDATA without number": lambda: rss(item(more=f"<description>{'<![CDATA[' * 500_000}")),
    "cut in a tag": lambda: rss(*[item(n=n) for n in range(1000)])[:-30],
    # values
    "huge year": lambda: rss(item(more="<pubDate>Sat, 24 May 99999999 17:00:00 GMT</pubDate>")),
    "year nought": lambda: rss(item(more="<dc:date xmlns:dc='http://purl.org/dc/elements/1.1/'>0000-00-00</dc:date>")),
    "endless date": lambda: rss(item(more=f"<pubDate>{'Sat, ' * MEGABYTE}</pubDate>")),
    "date of digits": lambda: rss(item(more=f"<pubDate>{'1' * 5 * MEGABYTE}</pubDate>")),
    "date of blanks": lambda: rss(item(more=f"<pubDate>1{' ' * 5 * MEGABYTE}1</pubDate>")),
    "language of a megabyte": lambda: rss(item(), head=f"<language>{'e' * MEGABYTE}</language>"),
    "template syntax": lambda: rss(item("{{ 7*7 }} {% include '/etc/passwd' %} {# x #} ${7*7} %(x)s {0}")),
    "header in a title": lambda: rss(item("Ferry&#13;&#10;Bcc: evil@evil.example&#10;&#10;body")),
    "encoded words": lambda: rss(item("=?utf-8?b?RmVycnkNCkJjYzogZXZpbEBldmlsLmV4YW1wbGU=?=")),
    "bidi and controls": lambda: rss(item("\u202eferry\u2066 \u200b\u0085\u2028\u2029\ufeff\u00ad&#x9b;31m")),
    "script in a title": lambda: rss(item("&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;")),
    "scripts in the text": lambda: _description(
        "<script>alert(1)</script><p onclick='x()'>a text to read</p><svg/onload=x>"
    ),
    "javascript link": lambda: rss("<item><title>t</title><link>javascript:alert(1)</link></item>"),
    "data link": lambda: rss("<item><title>t</title><link>data:text/html,%3Cscript%3E</link></item>"),
    "file link": lambda: rss("<item><title>t</title><link>file:///etc/passwd</link></item>"),
    "hidden javascript link": lambda: rss("<item><title>t</title><link>\n java&#10;script:alert(1)</link></item>"),
    "link with markup": lambda: rss('<item><title>t</title><link>https://a.example/"&gt;&lt;b&gt;</link></item>'),
    "guid for a link": lambda: rss("<item><title>t</title><guid>javascript:alert(1)</guid></item>"),
    # what is no XML
    "JSON deep": lambda: b'{"version":"https://jsonfeed.org/version/1.1","items":' + b"[" * 5 * MEGABYTE,
    "JSON deep value": lambda: _json(items=[]).replace(b"[]", b'[{"id":' + b"[" * MEGABYTE + b"]" * MEGABYTE + b"}]"),
    "JSON huge number": lambda: _json(items=[{"id": 0, "title": "t"}]).replace(b"0,", b"9" * 5 * MEGABYTE + b","),
    "JSON huge exponent": lambda: _json(items=[{"id": 0, "title": "t"}]).replace(b"0,", b"1e999999999,"),
    "JSON surrogates": lambda: _json(items=[{"id": "\ud800", "title": "\udfff"}]),
    "JSON wrong types": lambda: _json(items=[{"id": [], "title": {}, "url": 1, "tags": "x"}, 5, None]),
    "JSON million items": lambda: _json(items=[{"title": "t"}] * 700_000),
    "JSON million keys": lambda: _json(**{f"k{n}": n for n in range(700_000)}),
    "JSON header in a title": lambda: _json(items=[{"id": "1", "title": "Ferry\r\nBcc: evil@evil.example"}]),
    "JSON javascript link": lambda: _json(items=[{"id": "1", "title": "t", "url": "javascript:alert(1)"}]),
    "HTML page": lambda: b"<!DOCTYPE html><html>" + b"<p>a" * MEGABYTE,
    "gzip inside": lambda: b"\x1f\x8b\x08" + bytes(1000),
    "nothing": lambda: b"",
    "blanks": lambda: b" " * 20 * MEGABYTE,
    "less-than signs": lambda: b"<" * 10 * MEGABYTE,
    "quotes": lambda: rss("<item a='" + "\"'" * 3 * MEGABYTE),
    "ampersands": lambda: rss(item("&" * 5 * MEGABYTE)),
    "instructions": lambda: b"<?x " * 2 * MEGABYTE,
    "encodings": lambda: b'<?xml version="1.0"?>' + b"<?x encoding='a'" * 600_000,
}
