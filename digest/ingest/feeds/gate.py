"""[pure] What a body must be before the fast way may read it; and in which forms a declaration can hide.

The fast way reads the same XML parser's events as feedparser. What it must not meet is what feedparser mends or
bends before and after: encodings, document types, prefixes bound to something unusual. Then feedparser reads it.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable

from digest.ingest.feeds import names

_BOM = b"\xef\xbb\xbf"
_EBCDIC = b"\x4c\x6f\xa7\x94"
_DECLARED = re.compile(
    rb"""<\?xml[ \t]+version=["']1\.0["'](?:[ \t]+encoding=["']([\w.:-]+)["'])?"""
    rb"""(?:[ \t]+standalone=["'](?:yes|no)["'])?[ \t]*\?>"""
)
_ENCODINGS = re.compile(rb"""encoding=["']([\w.:-]{1,40})["']""")
# Encodings in which the bytes of ASCII mean ASCII. What is none of these may hide "<!ENTITY" (UTF-7 does).
_ASCII_BASED = re.compile(
    r"utf-?_?(?:8|16|32)|(?:us-)?ascii|iso[-_]8859|latin|windows-|cp125|koi8|gb|big5|euc|shift", re.I
)
_BEFORE = re.compile(rb"[ \t\r\n]*(<!--|<\?|<[A-Za-z])")
_CLOSES = {b"<!--": b"-->", b"<?": b"?>"}
_BASE = re.compile(rb"base[ \t\r\n]*=")  # of lower case: a pattern that ignores case takes far longer
_HEAD = 1024
_UTF8 = {"", "utf-8", "utf8"}


def as_utf8(data: bytes) -> bytes | None:
    """The document in UTF-8 and without its declaration; None where its encoding, or a DOCTYPE, needs judgement."""
    start = len(_BOM) if data.startswith(_BOM) else 0
    declared = _DECLARED.match(data, start)
    name = (declared[1] or b"").decode().lower() if declared else ""
    root = declared.end() if declared else start
    if _says_more(data, root) or (start and name not in _UTF8) or not _starts_plainly(data, root):
        return None
    if name in _UTF8:
        return data[root:]
    try:
        # The same superset that feedparser takes.
        return data[root:].decode("gb18030" if name == "gb2312" else name).encode()
    except (LookupError, UnicodeError):
        return None


def _says_more(data: bytes, start: int) -> bool:
    """Whether the first line names another encoding further on: feedparser would go by that one."""
    end = data.find(b"\n", start)
    return data.find(b"encoding=", start, end if end >= 0 else len(data)) >= 0


def _starts_plainly(data: bytes, at: int) -> bool:
    """Comments and instructions may stand before the first element, but no DOCTYPE."""
    while found := _BEFORE.match(data, at):
        opened = found[1]
        if opened not in _CLOSES:
            return True
        at = data.find(_CLOSES[opened], found.end()) + len(_CLOSES[opened])
        if at < len(_CLOSES[opened]):
            return False
    return False


def may_have_base(document: bytes) -> bool:
    """Whether something in it may be an address to which others are relative."""
    return _BASE.search(document.lower()) is not None


def usual(bindings: Iterable[tuple[str, str]]) -> bool:
    """Whether every prefix means one thing, and those that feedparser goes by mean what they usually do."""
    bound: dict[str, str] = {}
    for prefix, uri in bindings:
        space = names.space_of(uri)
        if bound.setdefault(prefix, uri) != uri or (prefix in names.RESERVED and space != prefix):
            return False
        if not prefix and space:  # elements without a prefix that are not the feed's own
            return False
    return True


def readings(data: bytes) -> list[bytes]:
    """The forms in which somebody may read these bytes: UTF-16 and stranger encodings must not hide a declaration."""
    bare = data.replace(b"\0", b"") if b"\0" in data else data
    forms = [bare]
    encodings = {name.decode().lower() for name in _ENCODINGS.findall(bare[:_HEAD])}
    if data.startswith(_EBCDIC):
        encodings.add("cp037")
    for name in encodings:
        if not _ASCII_BASED.match(name):
            with contextlib.suppress(LookupError, ValueError):
                forms.append(data.decode(name, "replace").encode("utf-8", "replace"))
    return forms
