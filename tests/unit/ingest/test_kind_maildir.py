"""Newsletters in a maildir."""

from __future__ import annotations

import mailbox
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import BadInput, DigestError, UsageError
from digest.ingest import newsletter
from digest.ingest.kinds import maildir
from digest.ingest.kinds.base import Batch, FetchOptions, SourceKind
from digest.ingest.kinds.maildir import MaildirSource
from digest.ingest.normalise import normalise
from digest.model.article import RawArticle
from digest.model.publication import Source

NOW = datetime(2026, 3, 1, tzinfo=UTC)
STORY = "The ferry line across the harbour opened on Saturday, two years late and well over what it was to cost."
HTML = f"""<html><head><style>p {{color: red}}</style></head><body>
<div style="display:none">A preview that nobody sees</div>
<a href="https://track.example/c/1">View this email in your browser</a>
<table><tr><td><img src="https://track.example/pixel.gif" width="1" height="1"><h1>Harbour news</h1></td></tr>
<tr><td><p>{STORY}</p><p>Britain wants an opt-out from the harbour rules, the minister said on Monday evening.</p>
<p><a href="https://quay.example/read">Read it all</a></p></td></tr></table>
<p>You are receiving this email because you signed up. <a href="https://q.example/u/unsubscribe?id=1">Click here</a>
to unsubscribe from this newsletter.</p><p><a href="https://q.example/x">Abmelden</a></p></body></html>"""


def mail(number: int = 1, **headers: str) -> EmailMessage:
    made = EmailMessage()
    given = {
        "From": '"Anna from The Quay" <newsletter@quay.example>',
        "Subject": "Ferry line öpens",
        "Date": "Sat, 28 Feb 2026 07:00:00 +0100",
        "Message-ID": f"<{number}@quay.example>",
        "List-Id": '"The Quay Daily" <daily.quay.example>',
    } | headers
    for name, value in given.items():
        if value:
            made[name] = value
    made.set_content(f"{STORY}\n\nTo unsubscribe from this newsletter, click here: https://q.example/u\n")
    made.add_alternative(HTML, subtype="html")
    made.add_attachment(b"<p>attached</p>", maintype="text", subtype="html", filename="x.html")
    return made


def article(data: bytes) -> RawArticle:
    return newsletter.read(data, "m", "path:m", now=NOW)


def test_a_newsletter_becomes_an_article() -> None:
    found = article(mail().as_bytes())
    assert (found.title, found.publisher, found.identity) == (
        "Ferry line öpens", "The Quay Daily", "id:1@quay.example",
    )  # fmt: skip
    assert found.date is not None
    assert found.date.iso() == "2026-02-28T06:00Z"
    assert found.text.split("\n\n") == [
        "Harbour news",
        STORY,
        "Britain wants an opt-out from the harbour rules, the minister said on Monday evening.",
        "Read it all",
    ]
    kept = normalise(found, source="mail", publisher="", now=NOW)
    assert (kept.language, kept.url) == ("en", None)
    for said in ("unsubscribe", "pixel", "preview", "browser", "http"):
        assert said not in kept.text


def test_the_text_part_where_the_html_part_is_a_picture() -> None:
    made = EmailMessage()
    made["Subject"] = "x"
    made.set_content(f"{STORY}\n\nAfmelden voor deze nieuwsbrief? Klik hier.")
    made.add_alternative('<html><body><img src="x.png"></body></html>', subtype="html")
    assert article(made.as_bytes()).text == STORY


@pytest.mark.parametrize(
    ("headers", "publisher"),
    [
        ({"List-Id": "<1234.list.example>"}, "Anna from The Quay"),
        ({"List-Id": "42c3a7 8891 list 2201 <x.example>"}, "Anna from The Quay"),
        ({"List-Id": "", "From": "newsletter@quay.example"}, "quay.example"),
        ({"List-Id": "", "From": "Newsletter <x@quay.example>"}, "quay.example"),
        ({"List-Id": "", "From": ""}, None),
    ],
)
def test_publishers(headers: dict[str, str], publisher: str | None) -> None:
    assert article(mail(**headers).as_bytes()).publisher == publisher


def test_headers_cannot_smuggle_anything() -> None:
    data = mail().as_bytes().replace(b"Subject: ", b"X: ", 1)
    hidden = "=?utf-8?q?Hello=0D=0ABcc:_all=40x.example=E2=80=AE?="
    found = article(b"Subject: " + hidden.encode() + b"\r\n" + data)
    assert found.title == "Hello Bcc: all@x.example"


@pytest.mark.parametrize(
    ("date", "iso"),
    [
        ("Sat, 28 Feb 2026 07:00:00 +0100", "2026-02-28T06:00Z"),
        ("yesterday", None),
        ("Sat, 28 Feb 2099 07:00:00 +0100", None),
    ],
)
def test_a_date_that_cannot_be_is_none(date: str, iso: str | None) -> None:
    data = mail().as_bytes().replace(b"Sat, 28 Feb 2026 07:00:00 +0100", date.encode())
    found = article(data).date
    assert (found.iso() if found else None) == iso


@pytest.mark.parametrize("data", [b"", b"\0" * 1000, b"X: y\r\n" * 200, b"Subject: " + b"=?utf-8?q?" * 500])
def test_what_is_hardly_a_mail_costs_one_line_at_most(data: bytes) -> None:
    """Megabytes are in tests/exhaustive."""
    try:
        found = article(data)
        assert found.title or found.text
    except BadInput as error:
        assert error.mend  # noqa: PT017 - either is fine


@given(st.binary(max_size=300), st.integers(0, 2000), st.integers(0, 100))
def test_a_damaged_mail_raises_nothing_else(noise: bytes, at: int, gone: int) -> None:
    data = mail().as_bytes()
    try:
        article(data[:at] + noise + data[at + gone :])
    except BadInput as error:
        assert error.what  # noqa: PT017 - either is fine


# --- the folder -----------------------------------------------------------------------------------


class Box:
    def __init__(self, path: Path) -> None:
        self.path, self.memory = path, dict[str, str]()
        self.box = mailbox.Maildir(path, create=True)
        self.kind: SourceKind = MaildirSource()
        self.number = 0

    def deliver(self, count: int = 1, **headers: str) -> list[str]:
        return [self.box.add(mail(self._next(), **headers)) for _ in range(count)]

    def _next(self) -> int:
        self.number += 1
        return self.number

    def batch(self) -> Batch:
        source = Source("mail", "maildir", str(self.path))
        found = self.kind.read(source, self.memory, now=NOW, options=FetchOptions())
        self.memory = found.memory
        return found

    def read(self) -> list[str]:
        return sorted(a.identity if isinstance(a, RawArticle) else a.what for a in self.batch().articles)

    def tree(self) -> list[tuple[str, int]]:
        return sorted((str(p), p.stat().st_mtime_ns) for p in self.path.rglob("*"))


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path / "box")


def test_only_unseen_mails_are_read_and_nothing_is_changed(box: Box) -> None:
    assert box.batch().unchanged
    (first,) = box.deliver()
    before = box.tree()
    (found,) = box.batch().articles
    assert isinstance(found, RawArticle)
    assert box.tree() == before
    message = box.box[first]
    message.set_subdir("cur")  # type: ignore[attr-defined]
    message.add_flag("S")  # type: ignore[attr-defined]
    box.box[first] = message
    assert [path.name for path in (box.path / "cur").iterdir()] == [f"{first}:2,S"]
    assert box.batch().unchanged, "a mail that somebody read is the same mail"
    box.deliver()
    assert box.read() == ["id:2@quay.example"]
    box.box.remove(first)
    box.read()
    assert len(box.memory["seen"]) == 8, "what is gone is forgotten"


def test_what_lay_there_before_is_taken_up_to_a_number(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(maildir, "FIRST", 2)
    monkeypatch.setattr(maildir, "AT_ONCE", 3)
    box.deliver(5)
    assert len(box.read()) == 2
    assert box.read() == []
    box.deliver(5)
    assert (len(box.read()), len(box.read()), box.read()) == (3, 2, [])


def test_an_empty_maildir_waits(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(maildir, "FIRST", 1)
    box.read()
    box.deliver(3)
    assert len(box.read()) == 3, "what came since is not the past"


def test_a_bad_mail_is_named_once_and_the_others_go_through(box: Box) -> None:
    box.deliver()
    (box.path / "new" / "large").write_bytes(b"x" * (newsletter.MAX_BYTES + 1))
    (box.path / "new" / ".hidden").write_bytes(b"x")
    (box.path / "new" / "link").symlink_to("/etc/passwd")
    assert box.read() == ["id:1@quay.example", "is larger than 5,000,000 bytes"]
    assert box.read() == []


def test_what_is_no_maildir(tmp_path: Path) -> None:
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(UsageError) as caught:
            MaildirSource().check(str(path))
        assert caught.value.mend
    with pytest.raises(DigestError):
        MaildirSource().read(Source("m", "maildir", str(tmp_path / "none")), {}, now=NOW, options=FetchOptions())
