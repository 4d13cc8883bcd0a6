"""Mails in several scripts, with long subjects and hostile titles, as a strict reader of the standards sees them."""

from __future__ import annotations

import email
import email.policy
import re
from email.headerregistry import Address
from email.message import EmailMessage
from pathlib import Path

import pytest

from digest.deliver import headers
from tests.support.mailed import DOMAIN, READER, mail
from tests.support.mailed_cases import CASES

_ENCODED = re.compile(r"=\?[^?]+\?[bq]\?", re.IGNORECASE)
#: RFC 2047 allows its words in these alone, of those that we write; in From, To and Reply-To only in the name.
_FREE, _NAMED = {"subject"}, {"from", "to", "reply-to"}
_EXPECTED = [
    "Date", "From", "Reply-To", "To", "Subject", "Message-ID", "List-Id", "List-Help", "List-Archive",
    "List-Unsubscribe", "List-Unsubscribe-Post", "Precedence", "Feedback-ID", "CFBL-Address", "Content-Language",
    "MIME-Version", "Content-Type",
]  # fmt: skip


pytestmark = pytest.mark.slow


def parsed(raw: bytes) -> EmailMessage:
    found = email.message_from_bytes(raw, policy=email.policy.SMTP)
    assert isinstance(found, EmailMessage)
    return found


def fields(raw: bytes) -> list[tuple[str, str]]:
    """Name and unfolded value of each field, by RFC 5322 alone."""
    head = raw.partition(b"\r\n\r\n")[0].decode("ascii")
    unfolded = re.sub(r"\r\n(?=[ \t])", "", head)
    return [(name, value.strip()) for name, _, value in (line.partition(":") for line in unfolded.split("\r\n"))]


@pytest.mark.parametrize("name", CASES)
def test_the_header_holds_what_it_should_and_nothing_else(mails: dict[str, bytes], name: str) -> None:
    assert [field for field, _ in fields(mails[name])] == _EXPECTED


@pytest.mark.parametrize("name", CASES)
def test_a_strict_parser_finds_no_defect(mails: dict[str, bytes], name: str) -> None:
    found = parsed(mails[name])
    assert [p.get_content_type() for p in found.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    for part in found.walk():
        assert part.defects == []
        assert [defect for field in part.values() for defect in getattr(field, "defects", ())] == []
    to: tuple[Address, ...] = found["To"].addresses
    assert [a.addr_spec for a in to] == [READER]
    assert found["From"].addresses[0].addr_spec == f"news@{DOMAIN}"


@pytest.mark.parametrize("name", CASES)
def test_lines_and_letters_keep_to_the_limits(mails: dict[str, bytes], name: str) -> None:
    raw = mails[name]
    assert raw.isascii()
    assert b"\0" not in raw
    assert raw.count(b"\r\n") == raw.count(b"\r") == raw.count(b"\n")
    # A link in a header cannot be broken; all else can.
    assert [line for line in raw.split(b"\r\n") if len(line) > 78 and not line.startswith(b" <mailto:")] == []
    assert max(map(len, raw.split(b"\r\n"))) <= 998


@pytest.mark.parametrize("name", CASES)
def test_encoded_words_stand_only_where_they_are_decoded(mails: dict[str, bytes], name: str) -> None:
    for field, value in fields(mails[name]):
        if field.lower() in _NAMED:
            value = value.rpartition("<")[2]
        if field.lower() not in _FREE:
            assert not _ENCODED.search(value), field
        assert all(len(word) <= 75 for word in value.split() if word.startswith("=?"))


@pytest.mark.parametrize("name", CASES)
def test_the_subject_is_the_cleaned_one_to_the_last_sign(mails: dict[str, bytes], name: str) -> None:
    subject = str(parsed(mails[name])["Subject"])
    assert subject == headers.clean(subject)
    assert subject.isprintable() or "\u200d" in subject or "\u200c" in subject
    if name.endswith("-200"):
        assert 195 <= len(subject) <= 200
    if name == "hostile":
        assert "Harbour Bcc: everybody@example.net walls rise Bcc: x@example.netfast Bcc: y@example.net in" in subject
        assert "Tunnel X-Evil: 1 Donaudampf" in subject
        assert len(subject) == 200


@pytest.mark.parametrize("name", CASES)
def test_text_and_html_say_whom_they_were_sent_to_and_how_to_leave(mails: dict[str, bytes], name: str) -> None:
    found = parsed(mails[name])
    link = re.search(r"<(https://[^>]+)>", found["List-Unsubscribe"])
    assert link is not None
    text, html = (part.get_content() for part in found.iter_parts())
    assert link[1] in text.splitlines()
    assert f'href="{link[1]}"' in html
    assert READER in text.splitlines()
    assert READER in html
    assert found["List-Unsubscribe"].split(",")[1].strip().startswith("<mailto:")
    assert found["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_without_a_web_part_there_is_a_mailbox_alone(tmp_path: Path, empty_home: Path) -> None:
    found = parsed(mail(tmp_path / "home", empty_home, CASES["nl"], DIGEST_WEB_URL=""))
    assert re.fullmatch(r"<mailto:[^<>,]+>", found["List-Unsubscribe"].strip())
    assert found["List-Unsubscribe-Post"] is None


def test_the_optional_fields_are_there_only_where_they_are_set(tmp_path: Path, empty_home: Path) -> None:
    settings = {
        "DIGEST_MAIL_CFBL": "",
        "DIGEST_MAIL_ARCHIVE": "",
        "DIGEST_MAIL_HELP": "https://example.org/{publication}",
    }
    found = parsed(mail(tmp_path / "home", empty_home, CASES["nl"], **settings))
    assert found["CFBL-Address"] is None
    assert found["List-Archive"] is None
    assert found["List-Help"] == "<https://example.org/news>"


def test_only_an_address_that_needs_it_is_written_in_utf8(tmp_path: Path, empty_home: Path) -> None:
    """A domain has its ASCII form; a local part has none (RFC 6532)."""
    case = CASES["de"]
    for address, written in (
        ("jan@bücher.example", "<jan@xn--bcher-kva.example>"),
        ("jäger@bücher.example", "<jäger@xn--bcher-kva.example>"),
    ):
        given = type(case)(case.language, case.articles, case.title, "Jörg", reader=address)
        raw = mail(tmp_path / written.strip("<>"), empty_home, given)
        head = raw.partition(b"\r\n\r\n")[0].decode()
        assert f"To: =?utf-8?b?SsO2cmc=?= {written}\r\n" in head
        assert head.replace("jäger", "").isascii()
        assert raw.partition(b"\r\n\r\n")[2].isascii()
