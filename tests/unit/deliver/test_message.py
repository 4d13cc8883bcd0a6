"""The message: as a standard parser reads it, for hostile and for ordinary values."""

from __future__ import annotations

import dataclasses
import email
import email.policy
import html
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.deliver import headers, message
from digest.errors import BadInput
from digest.model.splice import NAMES, SlotNames

SLOTS = SlotNames("0123456789abcdef")
FACTS = message.MessageFacts(
    sender_name="Zoë’s Nieuws",
    sender_address="news@example.org",
    list_name="news",
    list_title="Zoë’s Nieuws",
    domain="example.org",
    language="nl",
    key="variant-1",
    feedback=("news", "day", "7"),
    reply_to="redactie@example.org",
)
VALUES = {
    "to": headers.mailbox("Jürgen Müller", "jm@example.net"),
    "message_id": "<abc.def@example.org>",
    "date": "Sat, 24 May 2025 05:00:00 +0000",
    "address": "jm&co@example.net",
    "unsubscribe": "https://example.org/u?a=1&b=" + "x" * 150,
}


def marker(name: str) -> str:
    return SLOTS.marker(name)


def built(text: str = "Hallo\n", body: str = "<p>Hallo</p>\n", subject: str = "Nieuws van 24 mei") -> bytes:
    text += f"{marker('address')}\n{marker('unsubscribe')}\n"
    body += f'<a href="\n{marker("unsubscribe")}\n">uit</a>\n{marker("address")}\n'
    return message.build(subject=subject, text=text, html=body, slots=SLOTS, facts=FACTS)


def spliced(stored: bytes, **values: str) -> bytes:
    return message.Template(stored).splice({**VALUES, **values})


def parse(raw: bytes) -> EmailMessage:
    found = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    for part in found.walk():
        assert not part.defects
        for name in part:
            assert not getattr(part[name], "defects", ())
    return found


def lines_are_fit(raw: bytes) -> None:
    assert raw.count(b"\n") == raw.count(b"\r") == raw.count(b"\r\n")
    assert max(map(len, raw.split(b"\r\n"))) <= 998


def test_a_standard_parser_reads_all_of_it() -> None:
    raw = spliced(built())
    lines_are_fit(raw)
    mail = parse(raw)
    assert mail.get_content_type() == "multipart/alternative"
    assert [p.get_content_type() for p in mail.iter_parts()] == ["text/plain", "text/html"]
    assert mail["To"].addresses[0].display_name == "Jürgen Müller"
    assert mail["From"].addresses[0].display_name == "Zoë’s Nieuws"
    assert mail["Message-ID"] == VALUES["message_id"]
    assert mail["Date"].datetime.isoformat() == "2025-05-24T05:00:00+00:00"
    assert mail["Reply-To"] == "redactie@example.org"
    assert mail["List-Id"].endswith("<news.example.org>")
    assert VALUES["unsubscribe"] in "".join(mail["List-Unsubscribe"].split())
    text, body = (part.get_content() for part in mail.iter_parts())
    assert VALUES["address"] in text.splitlines()
    assert VALUES["unsubscribe"] in text.splitlines()
    assert html.escape(VALUES["address"]) in body.splitlines()
    assert html.escape(VALUES["unsubscribe"]) in body


def test_structured_headers_hold_no_encoded_words() -> None:
    head = spliced(built()).partition(b"\r\n\r\n")[0].decode()
    for field in head.replace("\r\n ", " ").split("\r\n"):
        if field.startswith(("List-", "Feedback-ID", "Message-ID", "Date")):
            assert "=?" not in field


def test_the_same_input_gives_the_same_bytes_and_another_variant_another_boundary() -> None:
    assert built() == built()
    assert spliced(built()) == spliced(built())
    other = message.build(
        subject="x", text="x", html="x", slots=SLOTS, facts=dataclasses.replace(FACTS, key="variant-2")
    )
    assert parse(spliced(other)).get_boundary() != parse(spliced(built())).get_boundary()


def test_no_marker_is_left_and_a_foreign_marker_stays_text() -> None:
    foreign = SlotNames("fedcba9876543210").marker("address")
    raw = spliced(built(text=f"{foreign}\n"))
    assert SLOTS.prefix.encode() not in raw
    assert foreign.encode() in raw


def test_a_missing_value_is_an_error() -> None:
    with pytest.raises((KeyError, ValueError)):
        message.Template(built()).splice({"to": "x@example.org"})


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=400), st.text(max_size=100))
def test_any_text_comes_through(text: str, subject: str) -> None:
    text = "\n".join("".join(c for c in line if c.isprintable()) for line in text.split("\n")) + "\n"
    raw = spliced(built(text=text, body=f"<p>{html.escape(text)}</p>\n", subject=subject))
    lines_are_fit(raw)
    mail = parse(raw)
    assert str(mail["Subject"]) == headers.clean(subject)
    plain, rich = (part.get_content().replace("\r\n", "\n") for part in mail.iter_parts())
    assert plain.startswith(text)
    assert html.escape(text) in rich


@given(st.text(max_size=60))
def test_no_spliced_value_can_add_a_header_or_a_part(evil: str) -> None:
    raw = spliced(built(), to=headers.mailbox(evil, "a@example.org"), address=f"{evil}@example.org")
    lines_are_fit(raw)
    mail = parse(raw)
    assert len(mail["To"].addresses) == 1
    assert mail["Bcc"] is None
    assert len(list(mail.iter_parts())) == 2


def test_markers_are_short_and_plain() -> None:
    for name in NAMES:
        assert len(marker(name)) <= 60
        assert marker(name).isascii()
        assert "=" not in marker(name)
    for bad in ("", "short", "with space", "a=bcdefgh"):
        with pytest.raises(ValueError, match="slot prefix"):
            SlotNames(bad)
    with pytest.raises(ValueError, match="slot"):
        SLOTS.marker("No Such")


@pytest.mark.parametrize("name", ["to", "message_id", "date", "unsubscribe"])
@pytest.mark.parametrize("end", ["\r\nBcc: other@example.net", "\nBcc: other@example.net", "\r", "\0"])
def test_a_header_value_cannot_begin_another_field(name: str, end: str) -> None:
    with pytest.raises(BadInput):
        spliced(built(), **{name: VALUES[name] + end})


def test_a_link_has_no_line_break_in_it_once_it_is_decoded() -> None:
    body = parse(spliced(built())).get_body(("html",))
    assert body is not None
    assert f'<a href="{html.escape(VALUES["unsubscribe"])}">' in body.get_content()
