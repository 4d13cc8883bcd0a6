"""What a mail to the commands mailbox asks for: where a command counts, what is quoted, and who is a program."""

from __future__ import annotations

import time
from email.header import Header
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest.audience import tokens
from digest.deliver.commands import STOP, Asked, CommandMail, read
from digest.resources import templates
from tests.support.examples import up_to
from tests.support.not_bounces import all_of_them

SECRET = b"a secret of sixteen bytes or more"
WORDS = ("unsubscribe", "confirm")
TOKEN = tokens.sign(SECRET, "unsubscribe", "1789")
LONG = tokens.sign(SECRET, "confirm", "1789000000:1789:1789000000000000.0123456789ab")
ONE = (Asked("unsubscribe", TOKEN),)
OURS = "<edition.abcdefghijklmnop@news.example.org>"
_LONGEST = 2.0  # seconds; it takes a tenth of that, and a machine may be busy


def mail(subject: str = "", body: str = "", **fields: str) -> bytes:
    head = {"From": "A <a@example.org>", "Subject": subject} | {n.replace("_", "-"): v for n, v in fields.items()}
    lines = [f"{name}: {value}" for name, value in head.items() if value]
    return "\n".join([*lines, "Content-Type: text/plain; charset=utf-8", "", body]).encode()


def said(subject: str = "", body: str = "", **fields: str) -> CommandMail:
    return read(mail(subject, body, **fields), WORDS)


# --- commands with their token ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "subject",
    [
        f"unsubscribe {TOKEN}",
        f"Re: unsubscribe {TOKEN}",
        f"AW: [External] Fwd: RE[2]: UNSUBSCRIBE {TOKEN}",
        f"please unsubscribe {TOKEN}, thank you",
        f"unsubscribe%20{TOKEN}",
        f"unsubscribe: <{TOKEN}>.",
        f"  Unsubscribe \t {TOKEN}  ",
        f"unsubscribe\n {TOKEN}",
        f"unsubscribe {TOKEN[:12]}\n\t{TOKEN[12:]}",
        Header(f"unsubscribe {TOKEN}", "utf-8").encode(),
        Header(f"Afmelden: unsubscribe {TOKEN} - dank ü", "iso-8859-1").encode(),
    ],
)
def test_a_command_in_the_subject(subject: str) -> None:
    assert said(subject).asked == ONE


def test_a_long_token_however_a_mail_program_writes_it() -> None:
    made = EmailMessage()
    made["From"], made["Subject"] = "a@example.org", f"Re: confirm {LONG}"
    made.set_content("yes")
    assert read(made.as_bytes(), WORDS).asked == (Asked("confirm", LONG),)
    for subject in (Header(f"confirm {LONG}", "utf-8", maxlinelen=40).encode(), f"confirm {LONG[:70]}\n {LONG[70:]}"):
        assert said(subject).asked == (Asked("confirm", LONG),)


@pytest.mark.parametrize(
    "body",
    [
        f"unsubscribe {TOKEN}",
        f"\n\n  Unsubscribe {TOKEN} please\nand a second line",
        f"> what we wrote\n>> before\nunsubscribe {TOKEN}",
        f"On Monday, 2 March 2026, News <news@example.org>\nwrote:\n> all of it\n\nunsubscribe {TOKEN}\n-- \nA",
        f"Am Montag schrieb News:\n\n> das\nunsubscribe {TOKEN}",
        f"unsubscribe\n{TOKEN}",
    ],
)
def test_a_command_in_the_first_line_that_is_the_senders_own(body: str) -> None:
    assert said("Re: your news", body).asked == ONE


def test_a_command_in_html_alone() -> None:
    markup = f"<html><body><div>unsubscribe {TOKEN}</div><blockquote>stop</blockquote></body></html>"
    data = mail("Re: your news", markup).replace(b"text/plain", b"text/html")
    assert read(data, WORDS).asked == ONE


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        ("Re: your news", f"Thank you!\nunsubscribe {TOKEN}"),
        ("Re: your news", f"> unsubscribe {TOKEN}\nThank you!"),
        ("Re: your news", f"Thank you!\n\nTo leave: mailto:x@example.org?subject=unsubscribe%20{TOKEN}"),
        (f"unsubscribe {TOKEN}x", ""),
        (f"unsubscribe{TOKEN}", ""),
        (f"resubscribe {TOKEN}", ""),
        (f"unsubscribe {TOKEN[:-1]}", ""),
        (f"{TOKEN}", ""),
        ("unsubscribe", f"\n{TOKEN} is mine"),
    ],
)
def test_what_is_no_command(subject: str, body: str) -> None:
    assert said(subject, body).asked == ()


def test_the_subject_is_tried_first_and_what_stands_twice_once() -> None:
    other = tokens.sign(SECRET, "unsubscribe", "2")
    found = said(f"unsubscribe {other}", f"unsubscribe {TOKEN}\n").asked
    assert found == (Asked("unsubscribe", other), *ONE)
    assert said(f"unsubscribe {TOKEN}", f"unsubscribe {TOKEN}").asked == ONE


# --- words alone -----------------------------------------------------------------------------------


def test_every_language_that_mails_are_written_in_has_words_for_it() -> None:
    assert set(STOP) == {path.stem for path in Path(templates() / "locale").glob("*.po")}


@pytest.mark.parametrize("line", [line for lines in STOP.values() for line in lines])
def test_a_whole_line_that_says_stop(line: str) -> None:
    for written in (line, line.upper(), f"  {line}!", f"«{line}».", f"*{line}*"):
        assert said("Re: your news", f"{written}\n\n> quoted").stop, written
        assert said(f"Re: {written}").stop, written
    assert not said("Re: your news", f"{line} or not, that is the question").stop
    assert not said(f"your news of how to {line}").stop


def test_accents_and_curly_apostrophes_do_not_matter() -> None:
    for line in ("desabonnez-moi", "annulla l’iscrizione", "Cancelar la suscripcion"):
        assert said("Re: x", line).stop


def test_stop_below_other_words_or_quoted_is_none() -> None:
    for body in ("Lovely!\nstop", "> stop\nLovely!", "do not stop", ""):
        assert not said("Re: your news", body).stop


def test_what_it_answers_the_nearest_first() -> None:
    found = said("Re: x", "stop", In_Reply_To=f" {OURS} ", References=f"<1@x> <2@x>\n {OURS}").answers
    assert found == (OURS, "<2@x>", "<1@x>")
    assert len(said("x", References=" ".join(f"<{n}@x>" for n in range(500))).answers) == 20


# --- programs --------------------------------------------------------------------------------------

PROGRAMS = [
    {"Auto_Submitted": "auto-replied"},
    {"Auto_Submitted": "Auto-Generated; owner=x"},
    {"Precedence": "Bulk"},
    {"X_Autoreply": "yes"},
    {"List_Id": "<talk.example.org>"},
    {"Return_Path": "<>"},
    {"From": "Mail Delivery System <MAILER-DAEMON@x.example>"},
    {"From": ""},
]


@pytest.mark.parametrize("fields", PROGRAMS)
def test_a_program_may_only_write_what_our_link_says(fields: dict[str, str]) -> None:
    assert said(f"unsubscribe {TOKEN}", "This was sent by a program.", **fields).asked == ONE
    for subject, body in (
        (f"Re: unsubscribe {TOKEN}", ""),
        (f"Out of office: unsubscribe {TOKEN}", ""),
        ("Re: your news", f"unsubscribe {TOKEN}"),
        ("Re: your news", "stop"),
        ("stop", ""),
    ):
        found = said(subject, body, **fields)
        assert (found.automatic, found.asked, found.stop) == (True, (), False), subject


def test_a_person_is_no_program() -> None:
    for fields in ({"Auto_Submitted": "no"}, {"Return_Path": "<a@example.org>"}, {"Precedence": "normal"}):
        assert not said("Re: your news", "stop", **fields).automatic


# --- whatever the bytes ----------------------------------------------------------------------------


def test_what_is_shown_of_it_is_one_line() -> None:
    found = said("=?utf-8?q?two=0Alines=1B[31m=E2=80=AE?=", From="=?utf-8?q?A=0D=0ABcc=3A_x?= <a@example.org>")
    assert found.subject.isprintable()
    assert found.sender.isprintable()
    assert found.sender.endswith("<a@example.org>")


def test_what_is_shown_can_be_written_anywhere() -> None:
    half = b"=?unicode_escape?q?=5Cud800?="
    head = b"From: " + half + b" <a@b.example>\nMessage-ID: <a\x1b[31m@x>\nSubject: " + half
    found = read(head + b"\nContent-Type: text/plain; charset=unicode_escape\n\n\\ud800 hello\\x1b[31m \\u202e", WORDS)
    assert (found.message_id, found.subject, found.text) == ("<a[31m@x>", "", "hello[31m")


def test_without_a_message_id_it_is_known_by_its_bytes() -> None:
    assert said("x", Message_ID="<1@x.example>").message_id == "<1@x.example>"
    assert said("x").message_id == said("x").message_id != said("y").message_id


@given(st.binary(max_size=2000))
@settings(max_examples=up_to(300), suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_any_bytes_are_read(data: bytes) -> None:
    read(data, WORDS)


@given(st.sampled_from(["Subject: ", "In-Reply-To: ", "From: ", "Content-Type: ", "\n"]), st.text(max_size=500))
@settings(max_examples=up_to(200), suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_any_text_anywhere_is_read(before: str, text: str) -> None:
    found = read(f"From: a@example.org\n{before}{text}\n\nhello".encode("utf-8", "surrogatepass"), WORDS)
    assert found.sender.isprintable()
    assert found.subject.isprintable()


@pytest.mark.parametrize(
    "data",
    [
        b"From: a@b.example\nSubject: " + b"unsubscribe " * 300_000,
        b"From: a@b.example\nSubject: x\n\n" + b"unsubscribe MQ." * 300_000,
        b"From: a@b.example\nSubject: x\n\n" + b"x:\n> y\n" * 400_000,
        b"From: a@b.example\nReferences: " + b"<a@b> " * 400_000 + b"\n\nstop",
        b"From: a@b.example\nSubject: " + b"re: [x] " * 400_000,
    ],
    ids=["words", "half commands", "quotations", "references", "answers"],
)
def test_hostile_mails_take_no_time(data: bytes) -> None:
    begun = time.perf_counter()
    read(data, WORDS)
    assert time.perf_counter() - begun < _LONGEST


def test_other_peoples_mails_ask_for_nothing() -> None:
    for name, data in all_of_them():
        found = read(data, WORDS)
        assert not found.asked, name
        assert found.stop == (found.subject == "unsubscribe"), name
