"""What others make of our signatures: four verifiers, mails as we build them, and mails that somebody changed."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from digest.deliver import headers, message
from digest.deliver.dkim_keys import KeyPair, record_text
from digest.deliver.dkim_names import ALGORITHMS, record_name
from digest.deliver.sign import SIGNED
from digest.model.splice import SlotNames
from tests.support import verifiers
from tests.support.verifiers import Verify

AT = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
DOMAIN, SELECTOR = "example.org", "s202603"
BOTH = {"s202603r", "s202603e"}
SLOTS = SlotNames("0123456789abcdef")

SUBJECTS = {
    "latin": ("Zoë’s Nieuws", "Nieuws van 2 maart: de gemeenteraad stemt over het nieuwe zwembad"),
    "arabic": ("أخبار الصباح", "المجلس يصوت على الميزانية الجديدة للمدينة بعد نقاش طويل"),
    "chinese": ("早间新闻", "市议会就新预算进行投票，辩论持续到深夜"),
    "emoji": ("News 🗞️", "🏊‍♀️🎉 The pool opens 👩‍👩‍👧‍👦 in May"),
    "long": ("Morning news", ("The council votes on the new budget of the city, " * 5)[:200]),
    "long arabic": ("أخبار", ("المجلس يصوت على الميزانية " * 9)[:200]),
    "hostile": (
        "Eve\r\nBcc: x@example.com",
        "Hi\r\nFrom: eve@example.com\r\n\r\n=?utf-8?q?=0D=0AFrom:_x?= \u202e \0 end",
    ),
}


def mail(title: str, subject: str, to: str = "reader@example.net") -> bytes:
    """A mail as a reader gets it, not signed yet."""
    facts = message.MessageFacts(
        sender_name=title, sender_address=f"news@{DOMAIN}", list_name="morning", list_title=title, domain=DOMAIN,
        language="en", key=subject, feedback=("morning", "day", "7"), reply_to=f"desk@{DOMAIN}",
    )  # fmt: skip
    text = f"{subject}\n\n" * 40 + f"{SLOTS.marker('address')}\n{SLOTS.marker('unsubscribe')}\n\n\n"
    html = f"<h1>{subject}</h1>\n" * 40 + f'<a href="\n{SLOTS.marker("unsubscribe")}\n">x</a>\n'
    text, html = text.replace("\0", ""), html.replace("\0", "")
    stored = message.build(subject=subject, text=text, html=html, slots=SLOTS, facts=facts)
    values = {
        "to": headers.mailbox(f"Jürgen 王 {title}", to),
        "message_id": f"<0123456789abcdef@{DOMAIN}>",
        "date": headers.date(AT),
        "address": to,
        "unsubscribe": f"mailto:stop@{DOMAIN}?subject=unsubscribe%20{'x' * 60}",
    }
    return message.Template(stored).splice(values)


@pytest.fixture(scope="module")
def pair() -> KeyPair:
    return KeyPair.make()


@pytest.fixture(scope="module")
def signed(pair: KeyPair) -> Callable[[bytes], bytes]:
    signer = pair.signer(DOMAIN, SELECTOR)
    return lambda raw: signer.sign(raw, AT) + raw


@pytest.fixture(scope="module", params=verifiers.ALL, ids=lambda v: v.__name__)
def verify(request: pytest.FixtureRequest, pair: KeyPair, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Verify]:
    records = {record_name(DOMAIN, SELECTOR, a): record_text(a, pair.public()[a]) for a in ALGORITHMS}
    folder: Path = tmp_path_factory.mktemp("verifier")
    with contextlib.contextmanager(request.param)(records, folder) as found:
        yield found


def fields(raw: bytes) -> list[bytes]:
    return re.split(rb"\r\n(?![ \t])", raw.partition(b"\r\n\r\n")[0])


def test_our_signatures_hold(verify: Verify, signed: Callable[[bytes], bytes]) -> None:
    found = verify([signed(mail(*words)) for words in SUBJECTS.values()])
    assert dict(zip(SUBJECTS, found, strict=True)) == dict.fromkeys(SUBJECTS, BOTH)


def test_a_header_in_utf_8_is_signed_too(verify: Verify, signed: Callable[[bytes], bytes]) -> None:
    raw = mail(*SUBJECTS["chinese"], to="读者@例子.example.net")
    assert not raw.partition(b"\r\n\r\n")[0].isascii()
    assert verify([signed(raw)]) == [BOTH]


def test_relays_may_fold_and_space_the_header_anew(verify: Verify, signed: Callable[[bytes], bytes]) -> None:
    raw = signed(mail(*SUBJECTS["latin"]))
    spaced = re.sub(rb"(?m)^To: ", b"TO:\t  ", raw, count=1).replace(b"Feedback-ID: ", b"Feedback-ID:\r\n  ", 1)
    assert spaced != raw
    assert verify([b"Received: by relay.example.net\r\n" + spaced, raw + b"\r\n\r\n"]) == [BOTH, BOTH]


def tampered() -> dict[str, Callable[[bytes], bytes]]:
    """What somebody may do to a signed mail on its way: by name."""

    def in_field(name: bytes) -> Callable[[bytes], bytes]:
        def change(raw: bytes) -> bytes:
            at = raw.lower().index(b"\r\n" + name + b":")
            end = re.compile(rb"\r\n(?![ \t])").search(raw, at + 2)
            assert end is not None
            last = end.start() - 1
            while not raw[last : last + 1].isalnum():
                last -= 1
            return raw[:last] + (b"x" if raw[last : last + 1] != b"x" else b"y") + raw[last + 1 :]

        return change

    there = [field.partition(b":")[0].lower() for field in fields(mail(*SUBJECTS["latin"]))]
    changed = {f"changed {name.decode()}": in_field(name) for name in SIGNED if name in there}
    added = {
        f"added {name.decode()}": lambda raw, name=name: raw.replace(b"\r\nDate:", b"\r\n%s: x\r\nDate:" % name, 1)
        for name in SIGNED
        if name not in there or name in (b"subject", b"to", b"reply-to", b"content-type", b"list-unsubscribe")
    }
    return {
        **changed,
        **added,
        "second From on top": lambda raw: b"From: eve@example.com\r\n" + raw,
        "second From below": lambda raw: raw.replace(b"\r\n\r\n", b"\r\nFrom: eve@example.com\r\n\r\n", 1),
        "body": lambda raw: raw[:-400] + bytes([raw[-400] ^ 1]) + raw[-399:],
        "body longer": lambda raw: raw + b"More.\r\n",
        "body shorter": lambda raw: raw[:-200] + b"\r\n",
        "date of the signature": lambda raw: raw.replace(b" t=1772427600;", b" t=1772427601;"),
    }


def test_what_was_changed_on_the_way_fails(verify: Verify, signed: Callable[[bytes], bytes]) -> None:
    raw, ways = signed(mail(*SUBJECTS["latin"])), tampered()
    assert len(ways) > 20
    changed = [change(raw) for change in ways.values()]
    assert raw not in changed
    assert dict(zip(ways, verify(changed), strict=True)) == {way: set() for way in ways}


def test_another_key_fails(verify: Verify) -> None:
    raw = mail(*SUBJECTS["latin"])
    assert verify([KeyPair.make(1024).signer(DOMAIN, SELECTOR).sign(raw, AT) + raw]) == [set()]
