"""Whatever stands in a title or a name: the header reads back as it was meant, and there is nothing more in it."""

from __future__ import annotations

import dataclasses
import email
import email.policy
import re
from email.header import decode_header, make_header
from email.message import EmailMessage

from hypothesis import given, settings
from hypothesis import strategies as st

from digest.deliver import headers, message
from digest.model.splice import SlotNames
from tests.support.examples import up_to

SLOTS = SlotNames("0123456789abcdef")
FACTS = message.MessageFacts(
    sender_name="",
    sender_address="news@example.org",
    list_name="news",
    list_title="",
    domain="example.org",
    language="en",
    key="variant-1",
    feedback=("news", "day", "7"),
    list_help="mailto:news@example.org?subject=help",
)
VALUES = {
    "message_id": "<abc@example.org>",
    "date": "Sat, 24 May 2025 05:00:00 +0000",
    "unsubscribe": "https://news.example.org/u/x",
    "mailto": "mailto:news@example.org",
}
NAMES = [
    "Date", "From", "To", "Subject", "Message-ID", "List-Id", "List-Help", "List-Unsubscribe",
    "List-Unsubscribe-Post", "Precedence", "Feedback-ID", "Content-Language", "MIME-Version", "Content-Type",
]  # fmt: skip

#: What those write who want a header of their own, or to look like somebody else.
_PIECES = [
    "\r\n", "\r", "\n", "\0", "\x0b", "\x1c", "\x85", "\u2028", "\u2029", "\r\n ", "\r\n\r\n", "Bcc: x@example.net",
    "=?utf-8?q?", "=?utf-8?b?", "?=", "=0D=0A", "DQpCY2M6IHhAZXhhbXBsZS5uZXQ=", "=?utf-8?q?=0D=0ABcc:_x@y?=",
    "=?utf-16?b?AA0ACg==?=", "=?utf-8?q?=3D=3Futf-8=3Fq=3Fa=3D0D=3D0Ab=3F=3D?=", "=\u200b?utf-8?q?=0D=0Ab?\u200b=",
    "\u202e", "\u2066", "\u2069", "\u200b", "\u200d", "\ufeff", "\ud800", "\udfff", "\ufffe", "\ue000", "\U000e0041",
    '"', "\\", "<", ">", ",", ";", ":", "(", ")", "@", "<x@example.net>", "a@b, c@d", "=", "?", "_",
    "👨‍👩‍👧‍👦", "🏳️‍🌈", "👩🏽‍🚀", "e\u0301\u0323\u0332\u0330\u0331", "\u0336",
    "ß", "أخبار", "早间新闻", "Zoë", "W" * 90, "ж" * 90, "a b",
]  # fmt: skip
hostile = st.one_of(
    st.text(max_size=250),
    st.lists(st.one_of(st.sampled_from(_PIECES), st.text(max_size=5)), max_size=30).map("".join),
)


def sent(subject: str = "S", to: str = "", sender: str = "", title: str = "") -> bytes:
    facts = dataclasses.replace(FACTS, sender_name=sender, list_title=title)
    stored = message.build(subject=subject, text="t\n", html="<p>t</p>\n", slots=SLOTS, facts=facts)
    tokens = headers.mailbox_tokens(to, "reader@example.net", len("To: "))
    value = headers.fold("To", tokens).removeprefix("To: ").removesuffix("\r\n")
    return message.Template(stored).splice({**VALUES, "to": value})


def parsed(raw: bytes) -> EmailMessage:
    """By the strict policy; and no line of it is bad in itself."""
    head = raw.partition(b"\r\n\r\n")[0]
    assert head.isascii()
    lines = head.split(b"\r\n")
    assert not any(c in line for line in lines for c in b"\r\n\0")
    assert max(map(len, lines)) <= 998
    found = email.message_from_bytes(raw, policy=email.policy.SMTP.clone(raise_on_defect=True))
    assert isinstance(found, EmailMessage)
    assert found.keys() == NAMES
    assert [p.get_content_type() for p in found.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    return found


def phrase(raw: bytes, name: str, address: str) -> str:
    """The display name as RFC 2047 reads it: the standard parser puts spaces between words that belong together."""
    head = re.sub(rb"\r\n(?=[ \t])", b"", raw.partition(b"\r\n\r\n")[0]).decode("ascii")
    (value,) = [line.partition(":")[2].strip() for line in head.split("\r\n") if line.startswith(f"{name}:")]
    assert value == address or value.endswith(f" <{address}>")
    shown = value.removesuffix(f"<{address}>").removesuffix(address).strip()
    if shown.startswith('"'):
        return re.sub(r"\\(.)", r"\1", shown[1:-1])
    return str(make_header(decode_header(shown)))


@given(hostile)
@settings(max_examples=up_to(300))
def test_a_subject_reads_back_as_it_was_cleaned(subject: str) -> None:
    found = str(parsed(sent(subject=subject))["Subject"])
    wanted = headers.clean(subject)
    if len(wanted) <= 200:
        assert found == wanted
    else:
        assert len(found) <= 200
        assert wanted.startswith(found.removesuffix("…"))
        assert len(found) > 180


@given(hostile, hostile)
@settings(max_examples=up_to(300))
def test_names_read_back_as_they_were_cleaned(to: str, sender: str) -> None:
    raw = sent(to=to, sender=sender)
    found = parsed(raw)
    assert [a.addr_spec for a in found["To"].addresses] == ["reader@example.net"]
    assert [a.addr_spec for a in found["From"].addresses] == ["news@example.org"]
    assert phrase(raw, "To", "reader@example.net") == headers.clean(to)
    assert phrase(raw, "From", "news@example.org") == headers.clean(sender)


@given(hostile)
def test_a_list_title_is_itself_or_nothing(title: str) -> None:
    raw = sent(title=title)
    found = str(parsed(raw)["List-Id"])
    assert found.endswith("<news.example.org>")
    assert "=?" not in found
    shown = found.removesuffix("<news.example.org>").strip()
    assert shown in ("", '"' + headers.clean(title).replace("\\", "\\\\").replace('"', '\\"') + '"')


@given(hostile)
@settings(max_examples=up_to(300))
def test_what_is_cleaned_is_clean(value: str) -> None:
    once = headers.clean(value)
    assert headers.clean(once) == once
    assert not any(c in once for c in "\r\n\0\u2028\u202e\u2066\u200b\ufeff")
    once.encode("utf-8")


@given(hostile)
def test_any_subject_and_name_keep_to_short_lines_and_words(value: str) -> None:
    head = sent(subject=value).partition(b"\r\n\r\n")[0]
    assert max(map(len, head.split(b"\r\n"))) <= 78
    for word in sent(subject=value, to=value, sender=value).partition(b"\r\n\r\n")[0].split():
        assert len(word) <= 75 or not word.startswith(b"=?")
