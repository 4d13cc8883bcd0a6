"""Header values: harmless when they come from outside, and encoded by the rules when they are ours."""

from __future__ import annotations

import email
import email.policy
from datetime import UTC, datetime, timedelta, timezone
from email.header import decode_header, make_header

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.deliver import headers
from digest.errors import BadInput


def parsed(field: str) -> email.message.EmailMessage:
    return email.message_from_string(field + "\r\n\r\n", policy=email.policy.default)  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("outside", "expected"),
    [
        ("a\r\nBcc: x@example.org", "a Bcc: x@example.org"),
        ("=?utf-8?q?a=0D=0ABcc:_x@example.org?=", "a Bcc: x@example.org"),
        ("=?utf-8?b?YQ0KQmNjOiB4?=", "a Bcc: x"),
        ("=?utf-8?q?=3D=3Futf-8=3Fq=3Fa=3D0D=3D0Ab=3F=3D?=", "a b"),
        ("a\u202eb\u2066c\u200fd", "abcd"),
        ("a\x00b\x1bc\x85d\u2028e", "a b c d e"),
        ("=?no-such-charset?q?x?=", "=?no-such-charset?q?x?="),
        ("Zoë  👩‍🚀", "Zoë 👩‍🚀"),
        ("", ""),
    ],
)
def test_clean(outside: str, expected: str) -> None:
    assert headers.clean(outside) == expected


@given(st.text(max_size=300))
def test_any_subject_survives_and_keeps_to_the_limits(text: str) -> None:
    field = headers.unstructured("Subject", text)
    lines = field.split("\r\n")
    assert field.isascii()
    assert all(len(line) <= 78 for line in lines)
    assert all(line.startswith(" ") and line.strip() for line in lines[1:])
    assert all(len(word) <= 75 for line in lines for word in line.split() if word.startswith("=?"))
    assert not any(c in line for line in lines for c in "\r\n")
    assert str(parsed(field)["Subject"]) == headers.clean(text)


@given(st.text(max_size=120))
def test_any_display_name_survives(name: str) -> None:
    value = headers.mailbox(name, "a@example.org")
    assert value.isascii()
    field = headers.fold("From", headers.mailbox_tokens(name, "a@example.org"))
    assert all(len(line) <= 78 for line in field.split("\r\n"))
    for form in (f"From: {value}", field.removesuffix("\r\n")):
        (found,) = parsed(form)["From"].addresses
        assert found.addr_spec == "a@example.org"
        # RFC 2047, 6.2: no space between adjacent words. The parser of addresses puts one there, the decoder does not.
        if "=?" in form:
            phrase = "".join(form.partition(": ")[2].rpartition("<")[0].split("\r\n")).strip()
            assert str(make_header(decode_header(phrase))) == headers.clean(name)
        else:
            assert found.display_name == headers.clean(name)


@pytest.mark.parametrize("around", ["a" * 40, "ж" * 20, ""])
def test_what_is_one_sign_to_the_eye_fits_into_a_word(around: str) -> None:
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"
    astronaut = "\U0001f469\U0001f3fd\u200d\U0001f680"
    value = f"{around}{family}{around}{astronaut}{around}"
    field = headers.unstructured("Subject", value)
    assert str(parsed(field)["Subject"]) == value
    assert max(map(len, field.split())) <= 75
    assert family in "".join(str(make_header([part])) for word in field.split()[1:] for part in decode_header(word))


def test_marks_that_no_language_stacks_are_taken_off() -> None:
    assert headers.clean("Zo\u0308e\u0301\u0323\u0332\u0330") == "Zöẹ\u0332"
    assert headers.clean("B\u0336o\u0335er") == "Boer"
    assert headers.clean("a \u2260 b, =\u0338") == "a ≠ b, ≠"


def test_a_subject_has_at_most_200_characters() -> None:
    assert str(parsed(headers.subject("ж" * 200))["Subject"]) == "ж" * 200
    assert str(parsed(headers.subject("ж" * 201))["Subject"]) == "ж" * 199 + "…"
    cut = str(parsed(headers.subject("a" * 195 + "\U0001f468\u200d\U0001f469\u200d\U0001f467" * 3))["Subject"])
    assert cut == "a" * 195 + "…"  # a sign is not cut in two


def test_addresses_have_an_ascii_domain_and_their_own_local_part() -> None:
    assert headers.addr_spec("jan@bücher.example") == "jan@xn--bcher-kva.example"
    assert headers.addr_spec("jäger@bücher.example") == "jäger@xn--bcher-kva.example"
    assert headers.needs_smtputf8("jäger@example.org")
    assert not headers.needs_smtputf8("jan@bücher.example")


@pytest.mark.parametrize(
    "bad", ["", "jan", "@example.org", "a b@example.org", "a\r\nb@example.org", "a>@x.org", "a@b c"]
)
def test_what_is_no_address_is_refused(bad: str) -> None:
    with pytest.raises(BadInput):
        headers.addr_spec(bad)


def test_structured_values_are_never_encoded_words() -> None:
    assert headers.list_id("Nieuws", "news", "example.org") == 'List-Id: "Nieuws" <news.example.org>'
    assert headers.list_id("Zoë’s nieuws", "news", "example.org") == "List-Id: <news.example.org>"
    assert headers.token("a:b\r\nc é") == "a-b-c"
    assert headers.uri("https://x.example/u?t=é>,\r\n<evil") == "https://x.example/u?t=%C3%A9%3E,%3Cevil"
    assert headers.plain("<a@b>\r\nBcc: x") == "<a@b>Bcc: x"


def test_dates_are_in_utc() -> None:
    moment = datetime(2025, 5, 24, 7, 0, 1, 5, tzinfo=timezone(timedelta(hours=2)))
    assert headers.date(moment) == headers.date(moment.astimezone(UTC)) == "Sat, 24 May 2025 05:00:01 +0000"


@given(st.text(alphabet='ab.+-_@é "<>\r\n,~', max_size=12))
def test_the_short_way_for_addresses_changes_nothing(address: str) -> None:
    def told(given: str) -> str:
        try:
            return headers.addr_spec(given)
        except BadInput:
            return "refused"

    # With a space in front the short way is not taken.
    assert told(address) == told(f" {address}")
