"""The fields that unsubscribing, complaints and answers by programs go by; and messages of earlier versions."""

from __future__ import annotations

import dataclasses
import email
import email.policy
import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.deliver import headers, message
from digest.errors import BadInput, DigestError
from digest.model.delivery import DeliveryKind
from digest.model.splice import SlotNames

SLOTS = SlotNames("0123456789abcdef")
FACTS = message.MessageFacts(
    sender_name="News",
    sender_address="news@example.org",
    list_name="news",
    list_title="News",
    domain="example.org",
    language="en",
    key="variant-1",
    feedback=("news", "day", "7"),
)
HTTPS = "https://news.example.org/u/MQ.EhYN3nFbSzp5Sw8mS81ycw"
MAILTO = "mailto:news@example.org?subject=unsubscribe%20MQ.EhYN3nFbSzp5Sw8mS81ycw"
VALUES = {
    "to": "reader@example.net",
    "message_id": "<abc@example.org>",
    "date": "Sat, 24 May 2025 05:00:00 +0000",
    "address": "reader@example.net",
    "unsubscribe": HTTPS,
    "mailto": MAILTO,
}


def head(facts: message.MessageFacts = FACTS, **values: str) -> email.message.Message:
    stored = message.build(subject="S", text="t\n", html="<p>t</p>\n", slots=SLOTS, facts=facts)
    return email.message_from_bytes(message.Template(stored).splice({**VALUES, **values}), policy=email.policy.SMTP)


def test_one_click_is_promised_only_together_with_its_link() -> None:
    both = head()
    assert both["List-Unsubscribe"].split() == [f"<{HTTPS}>,", f"<{MAILTO}>"]
    assert both["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    for first in (MAILTO, "http://127.0.0.1:8080/u/x"):
        alone = head(unsubscribe=first, mailto="")
        assert alone["List-Unsubscribe"].split() == [f"<{first}>"]
        assert alone["List-Unsubscribe-Post"] is None


@pytest.mark.parametrize("bad", ["", "x", "https://a/>", "https://a/ b", "https://a/\r\nBcc: x@y", "https://a/é", "<"])
def test_what_is_no_link_stays_out_of_the_header(bad: str) -> None:
    with pytest.raises(BadInput):
        head(unsubscribe=bad)
    if bad:
        with pytest.raises(BadInput):
            head(mailto=bad)


@pytest.mark.parametrize("kind", [DeliveryKind.CONFIRMATION, DeliveryKind.NOTICE])
def test_an_answer_to_one_reader_is_no_lists_mail(kind: DeliveryKind) -> None:
    facts = dataclasses.replace(FACTS, kind=kind, list_help=HTTPS, list_archive=HTTPS, complaints="c@example.org")
    slot = SLOTS.marker("confirm")
    stored = message.build(
        subject="S", text=f"t\n{slot}\n", html=f'<a href="\n{slot}\n">x</a>\n', slots=SLOTS, facts=facts
    )
    raw = message.Template(stored).splice(
        {"to": "r@example.net", "message_id": "<a@b>", "date": VALUES["date"], "confirm": HTTPS + "?a=1&b=2"}
    )
    found = email.message_from_bytes(raw, policy=email.policy.SMTP)
    assert found["Auto-Submitted"] == "auto-generated"
    assert [name for name in found if name.startswith(("List-", "Precedence"))] == []
    text, body = (part.get_content() for part in found.iter_parts())  # type: ignore[attr-defined]
    assert HTTPS + "?a=1&b=2" in text.splitlines()
    assert f'href="{html.escape(HTTPS + "?a=1&b=2")}"' in body


def test_an_edition_is_not_auto_submitted() -> None:
    assert head()["Auto-Submitted"] is None
    assert head()["Precedence"] == "bulk"


@pytest.mark.parametrize(
    ("domain", "itself"),
    [
        ("example.org", True),
        ("a.eu", False),
        ("news.of-a-long-name.example", False),
        ("EX.org", True),
    ],
)
def test_feedback_id_ends_in_a_sender_of_5_to_15_signs(domain: str, itself: bool) -> None:
    *parts, last = headers.feedback_id(("a:b", "day", "7"), domain).split(":")
    assert parts == ["a-b", "day", "7"]
    assert 5 <= len(last) <= 15
    assert last == headers.feedback_id((), domain)
    assert (last == domain) == itself


def test_complaints_have_an_address_where_it_is_set() -> None:
    assert head()["CFBL-Address"] is None
    found = head(dataclasses.replace(FACTS, complaints="fbl@bücher.example"))
    assert found["CFBL-Address"] == "fbl@xn--bcher-kva.example; report=arf"


@pytest.mark.parametrize(
    "facts",
    [
        dataclasses.replace(FACTS, sender_address="nëws@example.org"),
        dataclasses.replace(FACTS, reply_to="Ed <éd@example.org>"),
        dataclasses.replace(FACTS, complaints="fbl@"),
    ],
)
def test_the_senders_own_addresses_suit_every_server(facts: message.MessageFacts) -> None:
    with pytest.raises(BadInput):
        head(facts)


def test_list_id_has_a_title_only_where_it_may() -> None:
    named = "<news.example.org>"
    assert headers.list_id("Zoë", "news", "example.org") == f"List-Id: {named}"
    assert headers.list_id("=?no-such?q?x?=", "news", "example.org") == f"List-Id: {named}"
    assert headers.list_id("", "news", "example.org") == f"List-Id: {named}"
    assert headers.list_id("x " * 40, "news", "example.org") == f"List-Id: {named}"
    assert headers.list_id('a "b" \r\nc', "news", "example.org") == f'List-Id: "a \\"b\\" c" {named}'
    long = headers.list_id("y" * 60, "n" * 60, "example.org")
    assert all(len(line) <= 78 for line in long.split("\r\n"))


# --- what earlier versions stored -----------------------------------------------------------------

_OLD = (
    b"0123456789abcdef\r\n"
    b"To: @@0123456789abcdef:to.h@@\r\n"
    b"List-Unsubscribe:\r\n <@@0123456789abcdef:unsubscribe.h@@>\r\n"
    b"\r\n"
    b"@@0123456789abcdef:unsubscribe.t@@\r\n"
    b'<a href=3D"=\r\n@@0123456789abcdef:unsubscribe.m@@=\r\n">@@0123456789abcdef:address.m@@\r\n'
)


def test_a_message_of_an_earlier_version_goes_out_as_it_was_to_go_out() -> None:
    values = {"to": "a@example.net", "address": "a&b@example.net", "unsubscribe": MAILTO}
    assert message.Template(_OLD).splice(values) == (
        b"To: a@example.net\r\n"
        b"List-Unsubscribe:\r\n <" + MAILTO.encode() + b">\r\n"
        b"\r\n"
        b"mailto:news@example.org?subject=3Dunsubscribe%20MQ.EhYN3nFbSzp5Sw8mS81ycw\r\n"
        b'<a href=3D"=\r\nmailto:news@example.org?subject=3Dunsubscribe%20MQ.EhYN3nFbSzp5Sw8mS81ycw=\r\n">'
        b"a&amp;b@example.net\r\n"
    )


def test_an_earlier_versions_variant_takes_a_new_readers_values_and_the_other_way_round() -> None:
    assert b"<" + HTTPS.encode() + b">" in message.Template(_OLD).splice(VALUES)
    early = {name: value for name, value in VALUES.items() if name != "mailto"}
    stored = message.build(subject="S", text="t\n", html="<p>t</p>\n", slots=SLOTS, facts=FACTS)
    assert b"List-Unsubscribe:\r\n <" + MAILTO.encode() + b">\r\n" in message.Template(stored).splice(
        {**early, "unsubscribe": MAILTO}
    )


def test_a_message_of_a_later_version_is_not_guessed_at() -> None:
    with pytest.raises(DigestError, match="newer"):
        message.Template(b"0123456789abcdef\r\nX: @@0123456789abcdef:to.z@@\r\n\r\n")


@pytest.mark.parametrize("length", range(70, 80))
@pytest.mark.parametrize("signs", ["", "=", "=" * 5])
def test_the_short_ways_end_where_a_line_does(length: int, signs: str) -> None:
    for value in (signs + "a" * (length - len(signs)), "a" * (length - len(signs)) + signs):
        assert message._spliced(value) == message._quoted(value).encode("ascii")


@given(st.one_of(st.text(max_size=200), st.text(st.sampled_from("ab=/:&?..é \t\r\n%"), max_size=200)))
def test_the_short_ways_of_encoding_give_the_same_bytes_as_the_long_one(value: str) -> None:
    assert message._spliced(value) == message._dotless(message._quoted(value)).encode("ascii")


@given(st.text(st.sampled_from(".....=a é\n"), max_size=400))
def test_no_line_begins_with_a_dot_whatever_is_wrapped_where(text: str) -> None:
    slot = SLOTS.marker("address")
    body = f"{text}\n{slot}\n"
    template = message.Template(message.build(subject="S", text=body, html=body, slots=SLOTS, facts=FACTS))
    dotted = "." + "." * (len(text) % 90) + "@example.net"
    raw = template.splice({**VALUES, "address": dotted})
    assert template.fit
    assert not any(line.startswith(b".") or len(line) > 76 for line in raw.partition(b"\r\n\r\n")[2].split(b"\r\n"))
    found = email.message_from_bytes(raw, policy=email.policy.SMTP)
    for part in found.iter_parts():  # type: ignore[attr-defined]
        assert part.get_content().replace("\r\n", "\n").rstrip("\n") == f"{text}\n{dotted}"


def test_what_an_earlier_version_stored_may_have_to_be_mended_on_its_way() -> None:
    assert not message.Template(_OLD).fit
    assert message.Template(_OLD.replace(b".t@@", b".p@@").replace(b".m@@", b".q@@")).fit
    for body in (b".", b"\r\n.", b"a\rb", b"a\nb"):
        assert not message.Template(b"0123456789abcdef\r\nX: y\r\n\r\n" + body + b"\r\n").fit
