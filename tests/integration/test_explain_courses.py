"""Promise 7 over random courses of events: what is said of every article agrees with what stood in the mails."""

from __future__ import annotations

from pathlib import Path

import pytest

from digest.audience.finding_said import Teller
from digest.model.delivery import DeliveryState
from digest.model.explanation import Fate, Finding
from digest.pipeline import explaining
from digest.pipeline.messages import Messages
from tests.integration.test_windows import LIMITS, READERS, Windows, covers
from tests.support import home
from tests.support.home import House

STEPS = 35
#: Fates that say that no mail to the reader shows it, nor is to.
_NEVER = {Fate.OFF_TOPIC, Fate.TOPIC_LATER, Fate.REPLACED, Fate.OVER}


def mails(house: House, reader: str) -> dict[int, set[str]]:
    """Delivery -> the tokens of the articles in it, of every mail made for the reader."""
    messages = Messages(house.services)
    mine = [d for d in home.listing(house) if d.subscriber == reader]
    return {d.id: home.tokens(messages.of(d)[1]) for d in mine}


def counting(house: House, reader: str) -> set[int]:
    return {d.id for d in home.listing(house) if d.subscriber == reader and covers(d)}


def waiting(house: House, reader: str) -> set[int]:
    closed = {
        DeliveryState.SENT,
        DeliveryState.FAILED,
        DeliveryState.SUPPRESSED,
        DeliveryState.EXPIRED,
        DeliveryState.CANCELLED,
    }
    return {d.id for d in home.listing(house) if d.subscriber == reader and d.state not in closed and not covers(d)}


def check(windows: Windows) -> None:
    house = windows.house
    for reader in READERS:
        had, count, open_ = mails(house, reader), counting(house, reader), waiting(house, reader)
        for number in windows.versions:
            way = explaining.way(house.services, reader, str(number), "")
            (followed,) = way.followed
            teller = Teller(way.life, followed.reader, way.labels)
            for finding in followed.findings:
                sentence = " ".join(teller.sentences(finding))
                if finding.fate is Fate.TOLD and finding.newer:
                    token = home.token(number, finding.newer.ordinal)
                    in_newer_words(finding, token, had, count | open_, f"{reader}, {token}: {sentence}")
                    continue
                token = home.token(number, finding.revision.ordinal)
                lent = {
                    f.mail.delivery.id
                    for f in followed.findings
                    if f.fate is Fate.TOLD and f.mail and f.newer == finding.revision
                }
                agrees(finding, token, had, count - lent, open_ - lent, f"{reader}, {token}: {sentence}")


def in_newer_words(finding: Finding, token: str, had: dict[int, set[str]], alive: set[int], said: str) -> None:
    """What an older text told is told again by a mail of its own: not by the one that has the newer text's news."""
    assert finding.newer is not None, said
    assert finding.mail is not None, said
    assert finding.mail.delivery.id in alive, said
    assert token in had[finding.mail.delivery.id], said
    assert finding.newer.number not in finding.mail.ranges, said


def agrees(finding: Finding, token: str, had: dict[int, set[str]], count: set[int], open_: set[int], said: str) -> None:
    received = {d for d in count if token in had[d]}
    assert len(received) <= 1, said
    if received:
        assert finding.fate is Fate.TOLD, said
        assert finding.mail is not None, said
        assert {finding.mail.delivery.id} == received, said
        return
    if finding.fate is Fate.TOLD:
        assert finding.mail is not None, said
        assert finding.mail.delivery.id in open_, said
        assert token in had[finding.mail.delivery.id], said
    if finding.fate is Fate.OWED:
        assert not any(token in had[d] for d in open_), said
    if finding.fate in _NEVER:
        assert not any(token in had[d] for d in count | open_), said
    assert finding.fate not in (Fate.CHANGED_SINCE, Fate.OTHERS, Fate.NOTHING_NEW), said
    for mail in finding.before:
        assert mail.delivery.id not in count | open_, said


@pytest.mark.parametrize(("seed", "uncertain", "most"), [(0, "resend", 0), (1, "hold", 0), (2, "hold", 1)])
def test_every_article_is_explained_as_it_was_mailed(
    tmp_path: Path, empty_home: Path, seed: int, uncertain: str, most: int
) -> None:
    """Every seed is another course of events; print `course` to read it. `most`: entries in a mail, if not all."""
    values = {**LIMITS, "DIGEST_MAIL_UNCERTAIN": uncertain}
    if most:
        values["DIGEST_PUBLICATION_MAX_ENTRIES"] = str(most)
    with home.open_house(tmp_path / "home", template=empty_home, **values) as house:
        windows = Windows(house, seed)
        windows.begin()
        course: list[str] = []
        try:
            course.extend(windows.step() for _ in range(STEPS))
            check(windows)
            if not most:
                windows.the_end()
                check(windows)
        except AssertionError:
            print("\n".join(course))
            raise
