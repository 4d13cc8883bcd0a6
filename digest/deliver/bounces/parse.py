"""A mail that came back, as reports. A function of its bytes: no clock, no network, nothing stored."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from digest.deliver.bounces import detectors, feedback, gate, notices, original, phrases, prose, status, verdict, words
from digest.deliver.bounces.mail import Fields, Mail
from digest.deliver.bounces.original import TokenFinder, token_finder
from digest.model.report import Report, ReportKind

_MOST = 50
_ANY_TOKEN = token_finder()
_REJECTED = re.compile(rf"Your message to <?({words.ADDRESS})>? was automatically rejected", re.I)


def parse(message: bytes, tokens: TokenFinder = _ANY_TOKEN) -> list[Report]:
    """A report for each recipient that a mail says failed or complained; empty if it says nothing of the kind.

    Whoever wrote it may lie: a token or a Message-ID has to be checked before anything is believed.
    """
    mail = Mail.read(message)
    originals = original.copies(mail)
    found = _reports(mail, originals)
    if not found:
        return []
    token = original.token(mail, originals, tokens)
    message_id = original.message_id(mail, originals)
    at = _date(mail)
    whole = (
        Report(
            kind=each.kind,
            address=each.address,
            token=token,
            message_id=each.message_id or message_id,
            status=each.status,
            reason=each.reason,
            by=each.by,
            at=at,
        )
        for each in found[:_MOST]
    )
    return list(
        {(each.kind == ReportKind.COMPLAINT, each.address.lower()): each for each in reversed(list(whole))}.values()
    )[::-1]


def _reports(mail: Mail, originals: list[Fields]) -> list[Report]:
    complaints = feedback.read(mail, originals)
    if complaints is not None:
        return [Report(kind=ReportKind.COMPLAINT, address=c.address, reason=c.reason, by=c.by) for c in complaints]
    if mail.report_type == "disposition-notification" or mail.of_kind("message/disposition-notification"):
        return _rejected(mail)
    for text in mail.texts[:3]:
        noticed = notices.read(text)
        if noticed is not None:
            return noticed
    structured = _by_status(mail, originals)
    return structured if structured is not None else _by_text(mail, originals)


def _by_status(mail: Mail, originals: list[Fields]) -> list[Report] | None:
    """From RFC 3464; None if there is nothing of it, or nobody in it."""
    texts = [part.text for part in mail.of_kind("message/delivery-status")]
    trusted = _is_report(mail, texts) or gate.machine(mail)
    if not trusted:
        return []
    told = "\n".join(original.split(text)[0] for text in mail.texts)
    said = status.together(texts) if texts else status.together([told])
    if texts and not said.recipients:
        said = status.together([*texts, told])
    if not said.recipients:
        return _by_text(mail, originals, {}) if _is_report(mail, texts) else None
    by = said.by or _host(mail, told)
    failed = [block for block in said.recipients if status.failed(block)]
    found = [_of_block(block, told, by) for block in failed if status.recipient(block)]
    if failed and not found:  # their addresses are no addresses: names of X.400, commands
        return _by_text(mail, originals, failed[0])
    return found


def _is_report(mail: Mail, texts: list[str]) -> bool:
    """RFC 6522; some leave out of what type the report is."""
    return mail.report_type == "delivery-status" or (
        mail.kind == "multipart/report" and bool(texts) and not mail.report_type
    )


def _of_block(block: status.Block, told: str, by: str) -> Report:
    address = status.recipient(block)
    near = _near(told, address)
    said = status.diagnostic(block) or _comment(block) or near
    code = words.enhanced(block.get("status", ""))
    around = near
    if block.get("x-powermta-bouncecategory", "").strip().lower() in ("bad-mailbox", "bad-domain", "inactive-mailbox"):
        around = "user unknown"
    return Report(
        kind=verdict.decide(code, said, around),
        address=address,
        status=words.specific(said) or code,
        reason=next(filter(words.telling, map(words.reason, (said, near, told))), ""),
        by=by,
    )


def _comment(block: status.Block) -> str:
    found = re.search(r"\(([^()]{4,200})\)", block.get("status", ""))
    return found[1] if found else ""


def _near(told: str, address: str) -> str:
    """What the text for people says about a recipient, or all that it says."""
    for each in prose.find(told, [address], set()):
        if each.said:
            return each.said
    return told[:2500]


def _by_text(mail: Mail, originals: list[Fields], block: status.Block | None = None) -> list[Report]:
    """From sentences, if a mail system wrote them and they say that it is over."""
    if not gate.machine(mail) and block is None:
        return []
    told = "\n\n".join(original.split(text)[0] for text in mail.texts)
    if gate.warning(f"{mail.subject}\n{told}") or not phrases.FAILED.search(f"{mail.subject}\n{told}"):
        return []
    named = prose.named_in_headers(mail.all("x-failed-recipients"))
    ours = prose.own(mail.all("from", "to", "reply-to", "sender", "return-path", "delivered-to")) - {
        a.lower() for a in named
    }
    found = prose.find(told, named, ours)
    if not found:
        found = [prose.Found(address, "") for address in detectors.find(mail, told)]
    if not found:
        # A responder that quotes a mail without naming whom it is about may mean anybody.
        answers = mail.first("auto-submitted").lower().startswith("auto-replied") and not _is_report(mail, [])
        address = "" if answers else original.recipient(originals)
        found = [prose.Found(address, "")] if address else []
    by = _host(mail, told)
    return [_of_text(each, told, block or {}, by, alone=len(found) == 1) for each in found]


def _of_text(found: prose.Found, told: str, block: status.Block, by: str, *, alone: bool) -> Report:
    said = found.said.strip() or told
    if alone and not words.reply_code(said) and verdict.of_words(said) is None:
        said = told  # the words about the one who failed stand elsewhere
    code = words.specific(said) or words.enhanced(said) or words.enhanced(block.get("status", ""))
    return Report(
        kind=verdict.decide(code, said, told),
        address=found.address,
        status=code,
        reason=next(filter(words.telling, map(words.reason, (said, told))), ""),
        by=by,
    )


def _rejected(mail: Mail) -> list[Report]:
    """Dovecot's refusals, which come as notices of a disposition; a notice that a mail was read is none."""
    for text in mail.texts:
        found = _REJECTED.search(text[:2000])
        if found:
            said = text[found.end() :][:1500]
            return [
                Report(
                    kind=verdict.decide("", said),
                    address=words.cleaned(found[1]),
                    reason=words.reason(original.split(said)[0]),
                    by=_host(mail, ""),
                )
            ]
    return []


def _host(mail: Mail, told: str) -> str:
    """Who writes: as it says itself, else the domain that it writes from."""
    found = re.search(
        r"(?:program at|mail system at host|program at host|Agent v\S{1,10} at|server at)\s(?:host )?([\w.-]{3,253})",
        told,
    )
    if found:
        return found[1].strip(".")
    sender = words.address_in(mail.first("from"))
    return sender.rpartition("@")[2].lower()


def _date(mail: Mail) -> datetime | None:
    try:
        at = parsedate_to_datetime(mail.first("date")[:100])
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
