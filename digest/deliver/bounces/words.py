"""Addresses, codes and one-line reasons in what servers write."""

from __future__ import annotations

import re
import unicodedata

#: One `@` between two names; wide, since a report may name what no registry knows. Bounded, so that it is fast.
ADDRESS = r"(?:\"[^\"\r\n<>]{1,64}\"|[^\s<>()\[\],;:\"@|]{1,64})@[\w-]{1,63}(?:\.{1,2}[\w-]{1,63}){0,10}"
_ADDRESS = re.compile(ADDRESS)
_ENHANCED = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.]\d)")
_REPLY = re.compile(
    r"(?<![\w.:/#-])([45]\d\d)(?=[ \t:,]|-(?:\D|\d\.)|$)"
    r"(?! (?:second|minute|hour|day|attempt|[KMG]?B\b|byte|message|recipient))"
)
_IN_REPLY = re.compile(r"\(in reply to [^)]{1,60}\)", re.I)
_RULED = re.compile(r"[-=*]{3,}[^-=*\n]{0,60}[-=*]{3,}|[-=*]{3,}|\(reason: \)")
_LONGEST_REASON = 300


def address_in(value: str) -> str:
    """The first address in a field, without brackets, quotes and comments around it; empty if there is none."""
    value = value[:1000].replace("mailto:", " ")
    inner = re.search(r"<([^<>]{3,320})>", value)
    for text in (inner[1].strip(), value) if inner else (value,):
        found = _ADDRESS.search(text)
        if found:
            return cleaned(found[0])
    return ""


def cleaned(address: str) -> str:
    """Without the marks that stand around an address in a sentence; empty where it is none."""
    address = "".join(c for c in address.strip().strip("'`*=.,") if unicodedata.category(c)[0] != "C")
    address = re.sub(r"^(?:SMTP|RFC-?822)[=:]", "", address, flags=re.I)
    local, _, domain = address.rpartition("@")
    return address if local and domain and len(address) <= 320 else ""


def addresses_in(value: str) -> list[str]:
    return list(dict.fromkeys(filter(None, (cleaned(found[0]) for found in _ADDRESS.finditer(value[:20_000])))))


def enhanced(text: str) -> str:
    """The first status code of RFC 3463 in a text."""
    found = _ENHANCED.search(text[:4000])
    return found[1] if found else ""


def specific(text: str) -> str:
    """The first of them that says more than its class."""
    return next((code for code in _ENHANCED.findall(text[:4000]) if not code.endswith(".0.0")), "")


def reply_code(text: str) -> str:
    """The SMTP reply code in a text."""
    found = _REPLY.search(text[:4000])
    return found[1] if found else ""


def from_code(text: str) -> str:
    """The remote server's own words in what a relay writes: from the reply code on; all, if there is none."""
    found = _REPLY.search(text[:4000])
    return text[found.start() :] if found else text


def reason(text: str) -> str:
    """One line of a server's words: from the code on where somebody else quotes them."""
    line = one_line(_RULED.sub(" ", _IN_REPLY.sub("", text[:4000])))
    line = from_code(line)
    code = re.match(r"([45]\d\d)[ -](?:\s?([45]\.\d{1,3}\.\d{1,3}))?", line)
    if code:  # every line of a long reply repeats its codes
        again = rf"\s{code[1]}[- ](?:\s?{re.escape(code[2] or '')}(?=\s))?"
        line = line[: code.end()] + re.sub(again, " ", line[code.end() :])
    line = " ".join(line.split()).strip(" -:;,\"'>.")
    return line if len(line) <= _LONGEST_REASON else line[: _LONGEST_REASON - 1].rstrip() + "…"


def telling(text: str) -> bool:
    """Whether there is a word in it."""
    return re.search(r"[^\W\d_]{2}", text) is not None


def one_line(text: str) -> str:
    """Without line ends and without the characters that move a cursor or turn the writing round."""
    spaced = "".join(c if unicodedata.category(c)[0] != "C" else " " if c.isspace() else "" for c in text)
    return " ".join(spaced.split())
