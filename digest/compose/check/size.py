"""Whether a mail is cut off, refused or folded for its size. Pure."""

from __future__ import annotations

import email
import email.policy

from digest.compose.check.finished import Finished, short
from digest.compose.render import MAX_HTML
from digest.model.finding import Finding, fail, ok, warn

CHECK = "size"
_CLIPPED = 102_000  # bytes, near which Gmail cuts a message off
_LONGEST_LINE = 998  # octets (RFC 5322, 2.1.1)
_AIMED_LINE = 78  # characters of the plain text
_SHOWN_SUBJECT = 78  # characters; phones show about half


def findings(mail: Finished) -> list[Finding]:
    return [*_html(mail), *_whole(mail), *_lines(mail), *_text(mail), *_subject(mail)]


def _html(mail: Finished) -> list[Finding]:
    size = len(mail.html.encode())
    if not size:
        return [fail(CHECK, "there is no HTML part", mend="the look needs a body.html")]
    if size > MAX_HTML:
        mend = "a smaller publication.max_entries, or a shorter body.html"
        return [fail(CHECK, f"the HTML has {_kb(size)}, more than {_kb(MAX_HTML)}", "body.html", mend)]
    return [ok(CHECK, f"the HTML has {_kb(size)} (at most {_kb(MAX_HTML)})")]


def _whole(mail: Finished) -> list[Finding]:
    """What is read is what is clipped: pictures beside the HTML are not."""
    pictures = _pictures(mail)
    size = len(mail.source) - pictures
    what = f"without its pictures ({_kb(pictures)}) the message" if pictures else "the whole message"
    if size > _CLIPPED:
        mend = "a smaller publication.max_entries: digest publication edit"
        return [warn(CHECK, f"{what} has {_kb(size)}: Gmail clips near {_kb(_CLIPPED)}", mend=mend)]
    return [ok(CHECK, f"{what} has {_kb(size)} (Gmail clips near {_kb(_CLIPPED)})")]


def _pictures(mail: Finished) -> int:
    """How many bytes of the message the parts are that are pictures."""
    message = email.message_from_bytes(mail.source, policy=email.policy.default)
    return sum(len(part.as_bytes()) for part in message.walk() if part.get_content_maintype() == "image")


def _lines(mail: Finished) -> list[Finding]:
    longest = max(map(len, mail.source.splitlines()), default=0)
    if longest > _LONGEST_LINE:
        what = f"a line of the message has {longest:,} octets, more than {_LONGEST_LINE}"
        return [fail(CHECK, what, mend="servers may break it anywhere: report this as a fault of ours")]
    return [ok(CHECK, f"the message's longest line has {longest} octets (at most {_LONGEST_LINE})")]


def _text(mail: Finished) -> list[Finding]:
    if not mail.text.strip():
        return [fail(CHECK, "there is no plain text", "body.txt", "the look needs a body.txt that says all of it")]
    # An address is not broken, however long: a link that was would lead nowhere.
    lines = [line for line in mail.text.splitlines() if not any("://" in w or "@" in w for w in line.split())]
    longest = max(lines, key=len, default="")
    if len(longest) > _AIMED_LINE:
        what = f"a line of the plain text has {len(longest)} characters, more than {_AIMED_LINE}"
        return [warn(CHECK, what, f"body.txt: {short(longest)}", "fold it: {{ text | fill }}")]
    return [ok(CHECK, f"plain text is there, its longest line has {len(longest)} characters (addresses aside)")]


def _subject(mail: Finished) -> list[Finding]:
    if not mail.subject.strip():
        return [fail(CHECK, "there is no subject", "subject.txt", "say what the mail tells")]
    if len(mail.subject) > _SHOWN_SUBJECT:
        what = f"the subject has {len(mail.subject)} characters: few clients show more than {_SHOWN_SUBJECT}"
        return [warn(CHECK, what, "subject.txt", "shorten it: {{ text | shorten(60) }}")]
    return [ok(CHECK, f"the subject has {len(mail.subject)} characters (at most {_SHOWN_SUBJECT})")]


def _kb(size: int) -> str:
    return f"{size / 1000:.1f} KB"
