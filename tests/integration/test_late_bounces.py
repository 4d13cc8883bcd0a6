"""A mail comes back when later ones were sent: what it told is told again, and what those told is not."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

import pytest

from digest.audience.finding_said import Teller
from digest.model.explanation import Fate
from digest.pipeline import explaining, group, ingest, replay
from tests.integration import test_windows as windows
from tests.support import home
from tests.support.home import House

READER = "anna@example.com"
LEAD, SECOND, ADDED, MORE = (windows.sentence(1, n) for n in (0, 1, 2, 3))
NOTHING: list[str] = []


@pytest.fixture
def ready(house: House) -> House:
    home.publication(house)
    home.subscribe(house, READER)
    return house


def comes(house: House, *numbers: int, version: int = 1) -> None:
    made = [windows.article(n, version, house.clock(), topic="sport", days_old=0) for n in numbers]
    ingest.ingest(house.services, made)
    group.group(house.services)


def mailed(house: House) -> list[str]:
    """The sentences of the edition that is published now; none where there is no mail."""
    before = {d.id for d in home.listing(house)}
    home.publish_now(house)
    home.deliver_all(house)
    sent = [text for d, text in windows.received(house, READER) if d.id not in before]
    return sorted(name for text in sent for name in re.findall(r"\bQ\d+n\d+\b", text))


def comes_back(house: House, number: int) -> None:
    """The mail of this number, counted from 1."""
    home.bounce(house, home.listing(house)[number - 1])


def said(house: House, name: str = "1") -> list[tuple[Fate, str]]:
    way = explaining.way(house.services, READER, name, "")
    (followed,) = way.followed
    teller = Teller(way.life, followed.reader, way.labels)
    return [(found.fate, " ".join(teller.sentences(found))) for found in followed.findings]


def test_the_base_text_comes_again_and_the_update_does_not(ready: House) -> None:
    comes(ready, 1)
    assert mailed(ready) == [LEAD, SECOND]
    comes(ready, 1, version=2)
    assert mailed(ready) == [ADDED]
    comes_back(ready, 1)
    assert mailed(ready) == [LEAD, SECOND]
    assert mailed(ready) == NOTHING


def test_what_the_update_did_away_with_does_not_come_again(ready: House) -> None:
    comes(ready, 1)
    mailed(ready)
    comes(ready, 1, version=3)
    assert mailed(ready) == [ADDED, MORE]
    comes_back(ready, 1)
    assert mailed(ready) == [LEAD]


def test_an_update_that_came_back_too_comes_with_it(ready: House) -> None:
    comes(ready, 1)
    mailed(ready)
    comes(ready, 1, version=2)
    mailed(ready)
    comes_back(ready, 1)
    comes_back(ready, 2)
    assert mailed(ready) == [LEAD, SECOND, ADDED]


def test_the_mail_that_told_it_again_may_come_back_as_well(ready: House) -> None:
    comes(ready, 1)
    mailed(ready)
    comes(ready, 1, version=2)
    mailed(ready)
    comes_back(ready, 1)
    mailed(ready)
    comes_back(ready, 3)
    assert mailed(ready) == [LEAD, SECOND]


def test_with_a_further_update_the_base_text_comes_once(ready: House) -> None:
    comes(ready, 1)
    mailed(ready)
    comes(ready, 1, version=2)
    mailed(ready)
    comes_back(ready, 1)
    comes(ready, 1, version=3)
    assert mailed(ready) == [LEAD, MORE]


def test_what_a_later_mail_told_as_new_is_not_owed(tmp_path: Path, empty_home: Path) -> None:
    """The mail that came back had no room for it, so that nothing was left out of the later one on its account."""
    one = {"DIGEST_PUBLICATION_MAX_ENTRIES": "1", "DIGEST_SUMMARY_SENTENCES": "1"}
    with home.open_house(tmp_path / "home", template=empty_home, **one) as house:
        home.publication(house)
        home.subscribe(house, READER)
        comes(house, 1, 2)
        first = mailed(house)
        over = 1 if LEAD not in first else 2
        comes(house, over, version=2)
        assert mailed(house) == [windows.sentence(over, 0)], "of the second sentence there never was room"
        comes_back(house, 1)
        assert mailed(house) == first
        _, text = windows.received(house, READER)[-1]
        assert "did not fit" not in text


def test_a_replay_makes_each_of_the_mails_to_the_letter(ready: House) -> None:
    comes(ready, 1, 2)
    mailed(ready)
    comes(ready, 1, version=2)
    mailed(ready)
    comes_back(ready, 1)
    mailed(ready)
    wanted = replay.Wanted("news", datetime(2026, 1, 1), datetime(2027, 1, 1))  # noqa: DTZ001 - local times
    found = replay.replay(ready.services, wanted).variants
    assert [one.same for one in found] == [True, True, True]


def test_it_is_explained_before_and_after(ready: House) -> None:
    comes(ready, 1)
    mailed(ready)
    comes(ready, 1, version=2)
    mailed(ready)
    comes_back(ready, 1)
    (first, coming), (second, _) = said(ready)
    assert (first, second) == (Fate.OWED, Fate.TOLD)
    assert coming.startswith("Revision 1 of the article comes in the words of revision 2 with the next edition, on ")
    mailed(ready)
    (first, now), (second, then) = said(ready)
    assert (first, second) == (Fate.TOLD, Fate.TOLD)
    assert now.startswith("Revision 1 of the article stood in the words of revision 2 in news/extra/3 as entry 1 of 1")
    assert then.startswith("Revision 2 of the article stood in news/extra/2 as entry 1 of 1")
