"""Where nothing is new: no mail, or a short one that says so, which covers what was not worth telling."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from pathlib import Path

import pytest

from digest.audience import standing_said
from digest.pipeline import explaining, publications
from digest.store import deliveries, variants, windows
from tests.support import home
from tests.support.home import House, open_house, token

ANN = "ann@example.org"


@pytest.fixture
def saying(tmp_path: Path, empty_home: Path) -> Iterator[House]:
    with open_house(tmp_path / "home", template=empty_home) as house:
        home.publication(house, nothing_new="say", title="The Post")
        home.subscribe(house, ANN)
        yield house


def morning(house: House, *numbers: int, version: int = 1, topic: str = "") -> None:
    """The edition of the next morning, with these articles."""
    if numbers:
        home.take_in(house, *numbers, version=version, topic=topic)
    house.clock.go_to(house.clock.now.day + (house.clock.now.hour >= 7), 7)
    home.pass_(house)


def subjects(house: House, reader: str = ANN) -> list[str]:
    return [email.message_from_bytes(m, policy=email.policy.default)["Subject"] for m in house.mails(reader)]


def parts(house: House, reader: str = ANN) -> list[str]:
    """Text and HTML of the last mail."""
    mail = email.message_from_bytes(house.mails(reader)[-1], policy=email.policy.default)
    found = [mail.get_body((kind,)) for kind in ("plain", "html")]
    return [" ".join(part.get_content().split()) for part in found if part is not None]


def test_the_policy_skip_sends_nothing(saying: House) -> None:
    publications.edit(saying.services, publications.Asked("news", nothing_new="skip"))
    morning(saying, 1)
    morning(saying)
    assert len(saying.mails(ANN)) == 1


def test_the_policy_say_sends_a_short_mail_with_the_usual_frame(saying: House) -> None:
    morning(saying, 1)
    morning(saying)
    assert subjects(saying)[1] == "Nothing new · The Post, 3 Mar"
    for part in parts(saying):
        assert "Nothing new since Monday 07:00." in part
        assert "You receive this because you subscribed to The Post" in part
        assert "Unsubscribe" in part
        assert "quoted" not in part, "there is nothing that could be"
        assert "0 stories" not in part
    text, _ = parts(saying)
    assert len(text) < 700


def test_a_first_one_does_not_know_since_when(saying: House) -> None:
    morning(saying)
    assert "Nothing new." in parts(saying)[0]


def test_it_covers_what_was_not_new_to_the_reader(saying: House) -> None:
    home.subscribe(saying, "sport@example.org", topics=("sport",))
    morning(saying, 1, topic="politics")
    assert subjects(saying, "sport@example.org") == ["Nothing new · The Post, 2 Mar"]
    sent = home.listing(saying, subscriber="sport@example.org")[0]
    with saying.services.database.read() as connection:
        assert sent.subscription is not None
        covered = windows.covered(connection, [sent.subscription])[sent.subscription]
        assert 1 in covered
        assert variants.told(connection, [sent.variant]) == {}
        assert deliveries.counts(connection, sent.edition) == {"sent": 2}
    morning(saying, 2, topic="sport")
    assert [home.tokens(m) for m in saying.mails("sport@example.org")] == [set(), {token(2)}]


def test_readers_who_see_the_same_share_it_and_each_reads_it_in_their_words(saying: House) -> None:
    home.subscribe(saying, "ben@example.org")
    home.subscribe(saying, "piet@example.org", language="nl")
    morning(saying, 1)
    morning(saying)
    found = [d for d in home.listing(saying) if d.edition_name == "news/day/2"]
    assert len({d.variant for d in found}) == 2
    assert "Niets nieuws sinds maandag 07:00." in parts(saying, "piet@example.org")[0]


def test_an_extra_edition_says_it_to_the_operator_alone(saying: House) -> None:
    morning(saying, 1)
    assert home.publish_now(saying).skipped == {"nothing new": 1}
    home.deliver_all(saying)
    assert len(saying.mails(ANN)) == 1


def test_explain_says_what_the_mail_said(saying: House) -> None:
    morning(saying, 1)
    morning(saying)
    (known,) = explaining.person(saying.services, ANN, "", 5).standings
    newest, first = sorted(known.parts, key=lambda part: -part.edition.id)
    assert standing_said.of_part(newest, known).endswith("It says that there is nothing new.")
    assert "nothing new" not in standing_said.of_part(first, known)


def test_a_look_of_ones_own_that_does_not_know_it_is_told_with_its_place(saying: House) -> None:
    own = saying.services.home.templates / "edition" / "paper"
    own.mkdir(parents=True)
    (own / "subject.txt").write_text("{{ page.lead.headline.text }}")
    saying.clock.go_to(2, 7)
    report = home.run.run(saying.services)
    assert "subject.txt:1" in str(report.failed["edition news/day/1"])
    (own / "subject.txt").write_text("{{ page.nothing_subject or page.lead.headline.text }}")
    home.pass_(saying)
    assert subjects(saying) == ["Nothing new"]
