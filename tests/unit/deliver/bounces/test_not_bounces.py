"""No report from a mail that tells of no failure: answers, absences, receipts, delays, our own mails, spam."""

from __future__ import annotations

import pytest

from digest.deliver.bounces import parse
from tests.support.not_bounces import BOUNCE, all_of_them, written

_ALL = dict(all_of_them())


def test_there_are_enough_and_each_is_different() -> None:
    assert len(set(_ALL.values())) == len(_ALL) >= 110


@pytest.mark.parametrize("name", _ALL)
def test_no_report(name: str) -> None:
    raw = _ALL[name]
    assert [parse(each) for each in (raw, raw.replace(b"\n", b"\r\n"), raw.replace(b"\n", b"\r"))] == [[], [], []]


def test_the_same_words_from_a_mail_system_are_a_bounce() -> None:
    raw = written("MAILER-DAEMON@mx.example.net", "Undelivered Mail Returned to Sender", BOUNCE, Return_Path="<>")
    assert [report.address for report in parse(raw)] == ["ada@example.net"]
