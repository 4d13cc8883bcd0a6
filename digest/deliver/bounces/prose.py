"""Bounces that are written as text: who failed, and what was said about each.

Mail servers write few kinds of sentence. Each kind is one pattern here, from the one that can least be mistaken to
the one that can most; the first that finds somebody is believed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from digest.deliver.bounces import gate
from digest.deliver.bounces.words import ADDRESS, address_in, addresses_in, cleaned

_MOST, _REACH = 100, 40
_AT_START = rf"[ \t]{{0,40}}(?:\[?(?:SMTP|RFC822|mailto):|\S{{0,200}}(?:SMTP|RFC-?822)=)?"

#: <someone@example.org>: the words follow, to the end of the paragraph. qmail, Postfix, Yahoo and their kin.
_ANGLED = re.compile(rf"^{_AT_START}(?:\S{{1,100}}:)?<({ADDRESS})>(?: \(expanded from[^)]{{0,300}}\))?\s?:[ \t]?(.*)$")
#: someone@example.org: the words follow. OpenSMTPD, 1&1.
_BARE = re.compile(rf"^{_AT_START}({ADDRESS})[ \t]?:(?:[ \t]+(.*))?$")
#: A line that is an address, with or without a few words. After a sentence that says that mails failed.
_ALONE = re.compile(
    rf"^{_AT_START}(?:[-*•>]{{1,3}}[ \t]{{0,3}})?[<'\"\[]?({ADDRESS})[>'\"\]]?,?(?:[ \t]{{0,8}}(?:[<(\[;-].*|on \w{{3}}, .*|\.{{3}}.*|delivery failed.*))?[ \t]*\.?$"
)
_LABEL = re.compile(
    r"^[\s>*-]{0,12}(?:original |final |failed |intended |bounced |invalid |undeliverable )?"
    rf"(?:recipient(?:s|\(s\))?(?: address)?(?:\(?es\)?)?|to|addressed to|address|e-?mail(?: address)?|mailbox|user|error-for|rcpt to|unknown user|user unknown|no such user|invalid final delivery userid|undeliverable to|unable to deliver (?:message )?to|destinataire|empf[äa]nger|destinatario|destinat[áa]rio|получатель|宛先|收件人)"
    rf"\s{{0,3}}[:=]?\s{{1,3}}[<'\"\[]{{0,2}}(?:SMTP:)?({ADDRESS})",
    re.I,
)
_INSIDE = re.compile(rf"\b(?:address|recipient)\s?[:=]\s?<({ADDRESS})>", re.I)
_LABELLED_WELL = re.compile(
    r"(?:failed|invalid|intended|undeliverable|bounced|final) recipient|addressed to|error-for|unknown user|user unknown|no such user|userid|undeliverable|unable to deliver|recipient",
    re.I,
)
#: "your message to <someone@example.org> could not be delivered", and "an error delivering your mail to …".
_SENTENCE = re.compile(
    r"(?:deliver\w*|undeliverable|message|e-?mail|mail|sent|addressed|recipients?|permanent errors?|group|écrire|nachricht|mensaje|an|письмо)\b[^@<>]{0,80}?(?:\bto|\bfor|\bat|errors:|attempts:|\ban|à|para|а|для|:)\s?"
    rf"[<'\"(]{{0,2}}({ADDRESS})",
    re.I,
)
_FAILING_SENTENCE = re.compile(rf"({ADDRESS})[>'\")]{{0,2}}\s(?:(?:was|is|has|had|could|did|does|cannot|can't|couldn't|wasn't|failed|may|will|kann|konnte|n'a|no|não|non|не)\b)", re.I)
_SMTP = re.compile(rf"RCPT TO:\s?<?({ADDRESS})>?", re.I)
#: What somebody else wrote; MDaemon alone puts such a mark before an address of its own.
_QUOTED = re.compile(rf"[ \t]{{0,3}}>(?!>>)(?![ \t]?{ADDRESS}[ \t]*$)")
#: The mail that a report is about, described in a few lines of which one says To:.
_ABOUT_IT = re.compile(r"^[ \t]*your (?:message|mail)[ \t]*:?[ \t]*\n(?:[ \t]*\n)?(?:[ \t]+(?:to|cc|bcc|subject|sent|from|date)[ \t]*:.*\n){1,8}", re.I | re.M)
_NEVER = re.compile(r"^(?:mailer-daemon|postmaster|abuse|support|help(?:desk)?|no-?reply|webmaster|hostmaster|admin(?:istrator)?)@", re.I)


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
        lambda: _alone(lines),
        lambda: _labelled(lines),
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
        yield Found(address, "" if at is None else _paragraph(lines, at, {a.lower() for a in named} - {address.lower()}))


def _each(lines: list[str], pattern: re.Pattern[str]) -> Iterator[Found]:
    for n, line in enumerate(lines):
        found = pattern.match(line[:2000])
        if found:
            rest = [found[2] or "", *_following(lines, n, pattern)]
            yield Found(cleaned(found[1]), "\n".join(rest))


def _following(lines: list[str], at: int, stop: re.Pattern[str]) -> Iterator[str]:
    """The rest of a paragraph; one empty line may stand before its first words."""
    said = bool(lines[at].rstrip()) and not lines[at].rstrip().endswith(":")
    for line in lines[at + 1 : at + 1 + _REACH]:
        if stop.match(line[:2000]) or (said and not line.strip()):
            return
        said = said or bool(line.strip())
        yield line


def _transcript(lines: list[str]) -> Iterator[Found]:
    """`>>> RCPT TO:<…>` and what the server answered; only those that it refused."""
    for n, line in enumerate(lines):
        found = _SMTP.search(line[:2000]) if ">>>" in line or line.strip().upper().startswith("RCPT") else None
        if found:
            answer = [each.strip() for each in lines[n + 1 : n + 12] if each.strip().startswith("<<<")]
            if answer and re.match(r"<<<\s*[45]\d\d", answer[0]):
                yield Found(cleaned(found[1]), "\n".join(each.removeprefix("<<<") for each in answer))


def _alone(lines: list[str]) -> Iterator[Found]:
    """Lines that are an address, near a sentence that says that something failed."""
    near = -_REACH
    for n, line in enumerate(lines):
        found = _ALONE.match(line[:2000])
        if found and n - near <= _REACH:
            yield Found(cleaned(found[1]), _paragraph(lines, n, set()))
        elif gate.FAILED.search(" ".join(lines[n : n + 2])[:1000]):
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
    return any(re.search(r"\w{2}", line) for line in lines)


def _labelled(lines: list[str]) -> Iterator[Found]:
    """Address: …, if a failure is told; a label that says failure itself counts before a mere To:."""
    found = [(_LABEL.match(line[:2000]) or _INSIDE.search(line[:2000]), n) for n, line in enumerate(lines)]
    matches = [(match, n) for match, n in found if match]
    good = [(match, n) for match, n in matches if _LABELLED_WELL.search(match[0][: match.start(1) - match.start()])]
    for match, n in good or matches:
        yield Found(cleaned(match[1]), "\n".join([lines[n][match.end(1) :], *lines[n + 1 : n + 12]]))


def _sentences(lines: list[str]) -> Iterator[Found]:
    text = " ".join(" ".join(lines).split())[:8000]
    for pattern in (_SENTENCE, _FAILING_SENTENCE):
        for found in pattern.finditer(text):
            near = text[max(0, found.start() - 200) : found.end() + 200]
            if gate.FAILED.search(near):
                yield Found(cleaned(found[1]), text[found.end(1) :][:1500])


def named_in_headers(values: list[str]) -> list[str]:
    """X-Failed-Recipients: an address list, cut by Exim at some length."""
    return list(dict.fromkeys(address for value in values for address in addresses_in(value)))[:_MOST]


def own(values: list[str]) -> set[str]:
    """Addresses that a report comes from or goes to: it is not about them."""
    return {address_in(value).lower() for value in values} - {""}
