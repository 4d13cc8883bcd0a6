"""Bounces that are written as text: who failed, and what was said about each.

Mail servers write few kinds of sentence. Each kind is one pattern here, from the one that can least be mistaken to
the one that can most; the first that finds somebody is believed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from digest.deliver.bounces import phrases
from digest.deliver.bounces.words import ADDRESS, address_in, addresses_in, cleaned

_MOST, _REACH = 50, 40
_AT_START = r"[ \t]{0,40}(?:\[?(?:SMTP|RFC822|mailto):|\S{0,200}(?:SMTP|RFC-?822)=)?"

#: <someone@example.org>: the words follow, to the end of the paragraph. qmail, Postfix, Yahoo and their kin.
_ANGLED = re.compile(
    rf"^{_AT_START}(?:\S{{1,100}}:)?[<\"]({ADDRESS})[>\"](?: \(expanded from[^)]{{0,300}}\))?\s?:[ \t]?(.*)$"
)
#: someone@example.org: the words follow. OpenSMTPD, 1&1.
_BARE = re.compile(rf"^{_AT_START}({ADDRESS})[ \t]?:(?:[ \t]+(.*))?$")
#: A line that is an address, with or without a few words. After a sentence that says that mails failed.
_ALONE = re.compile(
    rf"^{_AT_START}(?:[-*•>]{{1,3}}[ \t]{{0,3}})?[<'\"\[]?({ADDRESS})[>'\"\]]?,?"
    r"(?:[ \t]{0,8}(?:[<(\[;-].*|on .{0,60}|\.{3}.*|delivery failed.*))?[ \t]*\.?$"
)
#: someone@example.org and at once what was wrong, with a code. Zoho.
_LEADING = re.compile(
    rf"^{_AT_START}<?({ADDRESS})>?[ \t,]{{1,8}}((?=.*(?:\b[45]\d\d\b|\b[245]\.\d{{1,3}}\.\d{{1,3}}\b)).*)$"
)
_VALUE = rf"\s{{0,3}}[:=：]?\s{{1,3}}[<'\"\[]{{0,2}}(?:SMTP:)?({ADDRESS})"
_LABEL = re.compile(rf"^[\s>*-]{{0,12}}(?:{phrases.source('label')}){_VALUE}", re.I)
_MERE_LABEL = re.compile(rf"^[\s>*-]{{0,12}}(?:{phrases.source('mere_label')}){_VALUE}", re.I)
_INSIDE = re.compile(rf"\b(?:address|recipient)\s?[:=]\s?<({ADDRESS})>", re.I)
_SENTENCE = re.compile(rf"\b(?:{phrases.source('toward')})\s?:?\s?[<'\"(]{{0,2}}({ADDRESS})", re.I)
_FAILING_SENTENCE = re.compile(rf"({ADDRESS})[>'\")]{{0,2}}\s(?:{phrases.source('onward')})", re.I)
_SMTP = re.compile(rf"RCPT TO:\s?<?({ADDRESS})>?", re.I)
#: What somebody else wrote; MDaemon alone puts such a mark before an address of its own.
_QUOTED = re.compile(rf"[ \t]{{0,3}}>(?!>>)(?![ \t]?{ADDRESS}[ \t]*$)")
#: The mail that a report is about, described in a few lines of which one says To:.
_ABOUT_IT = re.compile(
    r"^[ \t]*your (?:message|mail)[ \t]*:?[ \t]*\n(?:[ \t]*\n)?"
    r"(?:[ \t]+(?:to|cc|bcc|subject|sent|from|date)[ \t]*:.*\n){1,8}",
    re.I | re.M,
)
_ANSWER = re.compile(r"(?:<<<|Received >>>)\s*")
_NEVER = re.compile(
    r"^(?:mailer-daemon|postmaster|abuse|support|help(?:desk)?|no-?reply|webmaster|hostmaster|admin(?:istrator)?)@",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Found:
    """Someone a text says failed, and the words that it says about it."""

    address: str
    said: str


def find(text: str, named: list[str], ours: set[str]) -> list[Found]:
    """Whom a text, cut before the copy of the original, says it could not reach.

    `named`: whom the headers name already. `ours`: addresses that stand in it for another reason, like our own.
    """
    lines = [line for line in _ABOUT_IT.sub("\n", text).split("\n")[:600] if not _QUOTED.match(line[:2000])]
    ways: tuple[Callable[[], Iterator[Found]], ...] = (
        lambda: _named(lines, named),
        lambda: _each(lines, _ANGLED),
        lambda: _each(lines, _BARE),
        lambda: _transcript(lines),
        lambda: _each(lines, _LEADING),
        lambda: _labelled(lines, _LABEL, _INSIDE),
        lambda: _alone(lines),
        lambda: _labelled(lines, _MERE_LABEL),
        lambda: _sentences(lines),
    )
    for way in ways:
        found: dict[str, Found] = {}
        for each in way():
            if each.address and each.address.lower() not in ours and not _NEVER.match(each.address):
                found.setdefault(each.address.lower(), each)
            if len(found) >= _MOST:
                break
        if found:
            return list(found.values())
    return []


def _named(lines: list[str], named: list[str]) -> Iterator[Found]:
    for address in named:
        at = next((n for n, line in enumerate(lines) if address.lower() in line.lower()), None)
        yield Found(
            address, "" if at is None else _paragraph(lines, at, {a.lower() for a in named} - {address.lower()})
        )


def _each(lines: list[str], pattern: re.Pattern[str]) -> Iterator[Found]:
    for n, line in enumerate(lines):
        found = pattern.match(line[:2000])
        if found:
            rest = [found[2] or "", *_following(lines, n, pattern)]
            yield Found(cleaned(found[1]), "\n".join(rest))


def _following(lines: list[str], at: int, stop: re.Pattern[str]) -> Iterator[str]:
    """The rest of a paragraph; one empty line may stand before its first words."""
    said = bool(lines[at].rstrip()) and not lines[at].rstrip().endswith(":")
    depth = _depth(lines[at])
    for line in lines[at + 1 : at + 1 + _REACH]:
        if (stop.match(line[:2000]) and _depth(line) <= depth) or (said and not line.strip()):
            return
        said = said or bool(line.strip())
        yield line


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())


def _transcript(lines: list[str]) -> Iterator[Found]:
    """`>>> RCPT TO:<…>` and what the server answered; only those that it refused."""
    for n, line in enumerate(lines):
        found = _SMTP.search(line[:2000]) if re.match(r"[\s<>]*(?:Sent <<<\s*)?RCPT", line, re.I) else None
        if found:
            after = [each.strip() for each in lines[n + 1 : n + 12] if each.strip()]
            answer = [_ANSWER.sub("", each) for each in after if _ANSWER.match(each)] or after
            if answer and re.match(r"[45]\d\d\b", answer[0]):
                yield Found(cleaned(found[1]), "\n".join(answer))


def _alone(lines: list[str]) -> Iterator[Found]:
    """Lines that are an address, near a sentence that says that something failed."""
    near = -_REACH
    for n, line in enumerate(lines):
        found = _ALONE.match(line[:2000])
        if found and n - near <= _REACH:
            yield Found(cleaned(found[1]), _paragraph(lines, n, set()))
        elif phrases.FAILED.search(" ".join(lines[n : n + 2])[:1000]):
            near = n


def _paragraph(lines: list[str], at: int, others: set[str]) -> str:
    """What stands about an address: the rest of its line, and the lines after it to the end of a paragraph.

    Other addresses that stand alone may follow before that: then the words are for all of them.
    """
    first = _ALONE.match(lines[at][:2000])
    said = [lines[at][first.end(1) :] if first else lines[at]]
    for line in lines[at + 1 : at + 1 + _REACH]:
        if any(other in line.lower() for other in others):
            break
        if _ALONE.match(line[:2000]):
            if _told(said):
                break
            continue
        if not line.strip() and _told(said):
            break
        said.append(line)
    return "\n".join(said)


def _told(lines: list[str]) -> bool:
    return any(re.search(r"\w{2}[^\w\n]+\w{2}", line) for line in lines)


def _labelled(lines: list[str], *patterns: re.Pattern[str]) -> Iterator[Found]:
    """Recipient: …"""
    for n, line in enumerate(lines):
        match = next(filter(None, (pattern.search(line[:2000]) for pattern in patterns)), None)
        if match:
            yield Found(cleaned(match[1]), "\n".join([line[match.end(1) :], *lines[n + 1 : n + 12]]))


def _sentences(lines: list[str]) -> Iterator[Found]:
    text = " ".join(" ".join(lines).split())[:8000]
    for pattern in (_SENTENCE, _FAILING_SENTENCE):
        for found in pattern.finditer(text):
            near = text[max(0, found.start() - 200) : found.end() + 200]
            if phrases.FAILED.search(near):
                yield Found(cleaned(found[1]), text[found.end(1) :][:1500])


def named_in_headers(values: list[str]) -> list[str]:
    """X-Failed-Recipients: an address list, cut by Exim at some length."""
    return list(dict.fromkeys(address for value in values for address in addresses_in(value)))[:_MOST]


def own(values: list[str]) -> set[str]:
    """Addresses that a report comes from or goes to: it is not about them."""
    return {address_in(value).lower() for value in values} - {""}
