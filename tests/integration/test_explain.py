"""Promise 7: everything that was sent, held or left out can be explained. One test for each thing that can be said."""

from __future__ import annotations

import dataclasses
import sys

import pytest

from digest.audience.finding_said import Teller
from digest.audience.rules import Action
from digest.group.rulings import Level
from digest.model.article import RawArticle
from digest.model.cause import Cause
from digest.model.explanation import Fate
from digest.pipeline import (
    corrections,
    deliver,
    explaining,
    fetching,
    group,
    ingest,
    publications,
    removing,
    sources,
    subscriptions,
)
from tests.support import home, polled
from tests.support.home import House

READER = "ann@example.com"


@pytest.fixture
def ready(house: House) -> House:
    """A publication with one reader."""
    home.publication(house)
    home.subscribe(house, READER)
    return house


def way(house: House, article: str, email: str = READER) -> explaining.Way:
    return explaining.way(house.services, email, article, "")


def findings(house: House, article: str, email: str = READER) -> list[tuple[Fate, list[str]]]:
    """Of the one subscription that there is: for each revision what became of it, and all that is said."""
    found = way(house, article, email)
    (followed,) = found.followed
    teller = Teller(found.life, followed.reader, found.labels)
    return [(f.fate, teller.sentences(f)) for f in followed.findings]


def said(house: House, fate: Fate, article: str = "1", email: str = READER) -> str:
    """The whole answer about the one revision, which must be of this fate."""
    ((found, sentences),) = findings(house, article, email)
    assert found is fate, sentences
    return " ".join(sentences)


def mailed(house: House) -> None:
    home.publish_now(house)
    home.deliver_all(house)


def sent_facts(house: House, edition: str) -> str:
    (found,) = [d for d in home.listing(house) if d.edition_name == edition and d.subscriber == READER]
    return f"with the Message-ID {found.message_id}; the server answered “{found.reply}”"


# --- fates ----------------------------------------------------------------------------------------


def test_fate_told(ready: House) -> None:
    home.take_in(ready, 1, 2, topic="sport")
    ready.clock.go(hours=2)
    mailed(ready)
    answer = said(ready, Fate.TOLD)
    assert answer.startswith("The article stood in news/extra/1 as entry ")
    assert " of 2 under “Sport”: “" in answer
    assert f"that mail was sent on Mon 2 Mar 2026, 07:00 to {READER} " in answer
    assert sent_facts(ready, "news/extra/1") in answer
    assert "It was ranked by 1 publisher" in answer


def test_a_mail_that_waits(ready: House) -> None:
    home.take_in(ready, 1)
    home.publish_now(ready)
    answer = said(ready, Fate.TOLD)
    assert "The article stands in news/extra/1 as entry 1 of 1" in answer
    assert "that mail was made on Mon 2 Mar 2026, 05:00 and waits to be sent." in answer


def test_times_are_the_readers(house: House) -> None:
    home.publication(house)
    home.subscribe(house, READER, zone="America/New_York")
    home.take_in(house, 1)
    mailed(house)
    assert "sent on Mon 2 Mar 2026, 00:00 to" in said(house, Fate.TOLD)


def test_fate_others(ready: House) -> None:
    found = [dataclasses.replace(home.raw(n, ready.clock()), title=None) for n in range(1, 7)]
    ingest.ingest(ready.services, found)
    group.group(ready.services)
    stories = [way(ready, str(n)).life.story or 0 for n in range(1, 7)]
    corrections.merge(ready.services, Level.STORY, stories, reason="one event")
    mailed(ready)
    answers = [findings(ready, str(n))[0] for n in range(1, 7)]
    (mail,) = ready.mails(READER)
    for number, (fate, _) in enumerate(answers, start=1):
        named = home.raw(number, ready.clock()).text.split(".")[0]
        assert (fate is Fate.TOLD) == removing.shows(mail, [named, home.raw(number, ready.clock()).text.split(". ")[1]])
    hidden = [sentences[0] for fate, sentences in answers if fate is Fate.OTHERS]
    assert hidden
    assert all("Its story, in the words of other articles, stood in news/extra/1 as entry 1 of 1" in s for s in hidden)


def test_fate_over(house: House) -> None:
    home.publication(house, max_entries=1)
    home.subscribe(house, READER)
    home.take_in(house, 1, 2)
    mailed(house)
    fates = {fate: sentences[0] for name in ("1", "2") for fate, sentences in findings(house, name)}
    assert set(fates) == {Fate.TOLD, Fate.OVER}
    assert "news/extra/1 covers it without showing it: it is beyond the mail's limits (1 entries" in fates[Fate.OVER]
    assert sent_facts(house, "news/extra/1") in fates[Fate.OVER]


def same_text(house: House, number: int, source: str) -> None:
    """The text of article 1 again, by another publisher."""
    again = dataclasses.replace(
        home.raw(1, house.clock()), identity=f"id:{number}", external_id=str(number), publisher=source.title()
    )
    ingest.ingest(house.services, [again], source=source)
    group.group(house.services)


def test_fate_nothing_new(ready: House) -> None:
    home.take_in(ready, 1)
    mailed(ready)
    ready.clock.go(hours=1)
    same_text(ready, 7, "other")
    home.take_in(ready, 2)
    mailed(ready)
    answer = said(ready, Fate.NOTHING_NEW, "7")
    assert answer.startswith("news/extra/2 covers it without showing it: it has nothing new for this reader, who was")
    assert f"told in news/extra/1, which was sent on Mon 2 Mar 2026, 05:00 to {READER}" in answer
    assert sent_facts(ready, "news/extra/1") in answer
    assert [twin.source for twin in way(ready, "7").life.twins] == ["manual"]


def test_nothing_new_where_no_mail_was_made_of_it(ready: House) -> None:
    home.take_in(ready, 1)
    mailed(ready)
    ready.clock.go(hours=1)
    same_text(ready, 7, "other")
    mailed(ready)
    answer = said(ready, Fate.NOTHING_NEW, "7")
    assert "will not be in the next edition: it has nothing new for this reader, who was told in news/extra/1" in answer
    assert "Meanwhile news/extra/2 of Mon 2 Mar 2026, 06:00 was not sent to this reader: nothing new." in answer


def test_fate_off_topic(house: House) -> None:
    home.publication(house)
    home.subscribe(house, READER, topics=("sport",))
    home.take_in(house, 1, topic="politics")
    expected = "The article will not be in the next edition: it is about Politics, and this reader chose Sport."
    assert said(house, Fate.OFF_TOPIC) == expected
    home.take_in(house, 2, topic="sport")
    mailed(house)
    answer = said(house, Fate.OFF_TOPIC)
    assert "news/extra/1 covers it without showing it: it is about Politics, and this reader chose Sport. " in answer


def test_off_topic_of_the_publication(house: House) -> None:
    home.publication(house, topics=["sport"])
    home.subscribe(house, READER)
    home.take_in(house, 1, topic="politics")
    assert "it is about Politics, and news has Sport" in said(house, Fate.OFF_TOPIC)


def test_fate_other_source(house: House) -> None:
    home.take_in(house, 2)
    ingest.ingest(house.services, [home.raw(1, house.clock())], source="wire")
    group.group(house.services)
    home.publication(house, sources=["manual"])
    home.subscribe(house, READER)
    mailed(house)
    answer = said(house, Fate.OTHER_SOURCE)
    assert "news/extra/1 covers it without showing it: it is from the source wire, and news takes manual." in answer


def test_fate_other_language(house: House) -> None:
    home.publication(house, languages=["nl"])
    home.subscribe(house, READER)
    home.take_in(house, 1)
    assert "its language is en, and news takes nl" in said(house, Fate.OTHER_LANGUAGE)


def test_fate_topic_later(house: House) -> None:
    home.publication(house)
    home.subscribe(house, READER, topics=("sport",))
    home.take_in(house, 1, topic="politics")
    house.clock.go(hours=1)
    subscriptions.edit(house.services, subscriptions.Wanted(READER, "news", topics=("sport", "politics")))
    answer = said(house, Fate.TOPIC_LATER)
    assert "this reader chose Politics on Mon 2 Mar 2026, 06:00, and a topic does not reach back" in answer


def test_topic_that_the_publication_took_up_later(house: House) -> None:
    home.publication(house, topics=["sport"])
    home.subscribe(house, READER)
    home.take_in(house, 1, topic="politics")
    house.clock.go(hours=1)
    publications.edit(house.services, publications.Asked("news", topics=["sport", "politics"]))
    assert "news took up Politics on Mon 2 Mar 2026, 06:00" in said(house, Fate.TOPIC_LATER)


def test_fate_changed_since(house: House) -> None:
    home.take_in(house, 2)
    ingest.ingest(house.services, [home.raw(1, house.clock())], source="wire")
    group.group(house.services)
    home.publication(house, sources=["manual"])
    home.subscribe(house, READER)
    mailed(house)
    publications.edit(house.services, publications.Asked("news", sources=[]))
    answer = said(house, Fate.CHANGED_SINCE)
    assert "news/extra/1 covers it without showing it: it was outside the topics, sources or languages then" in answer


def test_fate_waived_before_the_subscription(house: House) -> None:
    home.publication(house)
    home.take_in(house, 1)
    house.clock.go(days=2)
    home.subscribe(house, READER)
    assert said(house, Fate.WAIVED) == (
        "The article was there on Mon 2 Mar 2026, 05:00, before the subscription of Wed 4 Mar 2026, 05:00:"
        " a first mail reaches back one cadence only."
    )


def test_waived_beyond_the_catch_up(ready: House) -> None:
    subscriptions.act(ready.services, READER, "", Action.PAUSE, Cause("holiday"))
    home.take_in(ready, 1)
    ready.clock.go(days=20)
    subscriptions.act(ready.services, READER, "", Action.RESUME, Cause("back"))
    home.take_in(ready, 2)
    assert "a reader is caught up on 14 days: it is not sent any more" in said(ready, Fate.TOO_OLD)
    mailed(ready)
    assert "more than 14 days before this reader's mail of Sun 22 Mar 2026, 05:00" in said(ready, Fate.WAIVED)


def test_waived_by_the_policy_discard(house: House) -> None:
    home.publication(house, late="discard")
    home.subscribe(house, READER)
    home.pass_(house)
    home.take_in(house, 1)
    house.clock.go_to(4, 12)
    home.pass_(house)
    answer = said(house, Fate.WAIVED)
    assert "was given up on Wed 4 Mar 2026, 12:00: discarded: the edition of 2026-03-04 07:00 was missed." in answer


def test_fate_too_old(ready: House) -> None:
    home.take_in(ready, 1)
    home.publish_now(ready)
    ready.clock.go(days=15)
    deliver.steer(ready.services, "cancel", delivery="1")
    answer = said(ready, Fate.TOO_OLD)
    assert "was there on Mon 2 Mar 2026, 05:00, and a reader is caught up on 14 days" in answer
    assert "Before that, news/extra/1 had it, which was cancelled on Tue 17 Mar 2026, 05:00" in answer


def test_fate_replaced(ready: House) -> None:
    home.take_in(ready, 1)
    ready.clock.go(hours=1)
    home.take_in(ready, 1, version=2)
    mailed(ready)
    (first, [answer]), (second, _) = findings(ready, "1")
    assert (first, second) == (Fate.REPLACED, Fate.TOLD)
    assert answer.startswith(
        "Revision 2 of the article took the place of revision 1 on Mon 2 Mar 2026, 06:00, before news/extra/1, which"
    )


def test_replaced_before_any_mail(ready: House) -> None:
    home.take_in(ready, 1)
    home.take_in(ready, 1, version=2)
    assert [fate for fate, _ in findings(ready, "1")] == [Fate.REPLACED, Fate.OWED]


def test_an_update_is_told_in_a_later_mail(ready: House) -> None:
    home.take_in(ready, 1)
    mailed(ready)
    home.take_in(ready, 1, version=2)
    mailed(ready)
    (first, [one]), (second, [two]) = findings(ready, "1")
    assert (first, second) == (Fate.TOLD, Fate.TOLD)
    assert one.startswith("Revision 1 of the article stood in news/extra/1 as entry 1 of 1")
    assert two.startswith("Revision 2 of the article stood in news/extra/2 as entry 1 of 1")
    assert ", updated: “" in two


def test_fate_removed(ready: House) -> None:
    home.take_in(ready, 1)
    removing.remove(ready.services, ["1"], "the publisher asked")
    expected = (
        "The article was removed on Mon 2 Mar 2026, 05:00 (the publisher asked), and no mail to this reader told it."
    )
    assert said(ready, Fate.REMOVED) == expected


def test_removed_after_it_was_told(ready: House) -> None:
    home.take_in(ready, 1)
    mailed(ready)
    ready.clock.go(hours=3)
    removing.remove(ready.services, ["1"], "wrong")
    answer = said(ready, Fate.REMOVED)
    assert answer.startswith(
        "The article was removed on Mon 2 Mar 2026, 08:00 (wrong). news/extra/1 had told of its story;"
    )
    assert sent_facts(ready, "news/extra/1") in answer


def test_removed_from_a_mail_that_did_not_show_it(house: House) -> None:
    home.publication(house)
    home.subscribe(house, READER, topics=("sport",))
    home.take_in(house, 1, topic="politics")
    home.take_in(house, 2, topic="sport")
    mailed(house)
    removing.remove(house.services, ["1"], "wrong")
    assert "news/extra/1 covers its number and does not show it" in said(house, Fate.REMOVED)


@pytest.fixture
def wire(ready: House, monkeypatch: pytest.MonkeyPatch) -> polled.Wire:
    return polled.wired(ready, monkeypatch)


def fetched(house: House, wire: polled.Wire, *gives: RawArticle, grouped: bool = True) -> None:
    wire.gives = list(gives)
    assert not fetching.fetch(house.services, everything=True).failed
    if grouped:
        group.group(house.services)


def test_fate_held_back(ready: House, wire: polled.Wire) -> None:
    fetched(ready, wire)
    fetched(ready, wire, *(home.raw(n, ready.clock(), days_old=60) for n in range(1, 31)))
    answer = said(ready, Fate.HELD_BACK)
    assert "is held back: it came in a flood of old articles from wire on Mon 2 Mar 2026, 05:00" in answer
    assert "waits for the operator (digest source release wire)" in answer
    sources.release(ready.services, "wire")
    group.group(ready.services)
    assert findings(ready, "1")[0][0] in (Fate.OWED, Fate.OVER)


def test_fate_background(ready: House, wire: polled.Wire) -> None:
    fetched(ready, wire, *(home.raw(n, ready.clock(), days_old=n) for n in range(1, 31)))
    answer = said(ready, Fate.BACKGROUND, "30")
    assert "is no news: it came among older entries of wire on Mon 2 Mar 2026, 05:00" in answer
    assert findings(ready, "1")[0][0] is Fate.OWED


def test_fate_uncleaned(ready: House, wire: polled.Wire) -> None:
    fetched(ready, wire, home.raw(1, ready.clock()), grouped=False)
    assert "came in on Mon 2 Mar 2026, 05:00 and is not cleaned and grouped yet" in said(ready, Fate.UNCLEANED)


def test_fate_ungrouped(ready: House) -> None:
    ingest.ingest(ready.services, [dataclasses.replace(home.raw(1, ready.clock()))])
    answer = said(ready, Fate.UNGROUPED)
    assert "came in on Mon 2 Mar 2026, 05:00 and is not grouped yet: the next run does that" in answer


def test_fate_ended(ready: House) -> None:
    home.take_in(ready, 1)
    ready.clock.go(hours=1)
    subscriptions.act(ready.services, READER, "", Action.UNSUBSCRIBE, Cause("by the link in a mail"))
    assert said(ready, Fate.ENDED) == (
        "The article is in no mail: the subscription is unsubscribed since Mon 2 Mar 2026, 06:00"
        " (by the link in a mail); it is not sent."
    )


def test_ended_with_its_publication(ready: House) -> None:
    home.take_in(ready, 1)
    publications.remove(ready.services, "news")
    assert "it is not sent" in said(ready, Fate.ENDED)


def test_fate_paused(ready: House) -> None:
    home.take_in(ready, 1)
    subscriptions.act(ready.services, READER, "", Action.PAUSE, Cause("holiday"))
    answer = said(ready, Fate.PAUSED)
    assert "the subscription is paused since Mon 2 Mar 2026, 05:00 (holiday); it is owed, and comes after" in answer


def test_fate_pending(house: House) -> None:
    home.publication(house)
    home.subscribe(house, READER, state="pending")
    home.take_in(house, 1)
    assert "it comes when the reader has confirmed" in said(house, Fate.PENDING)


def test_fate_suppressed(ready: House) -> None:
    home.take_in(ready, 1)
    with ready.services.database.write() as connection:
        from digest.store import subscribers

        subscribers.suppress(connection, 1, "it bounced 5 times")
    assert "the address is suppressed (it bounced 5 times); it is not sent" in said(ready, Fate.SUPPRESSED)


def test_fate_owed(ready: House) -> None:
    home.take_in(ready, 1, topic="sport")
    expected = "The article comes with the next edition, on Mon 2 Mar 2026, 07:00 under “Sport”."
    assert said(ready, Fate.OWED) == expected


def test_owed_while_the_publication_is_paused(ready: House) -> None:
    home.take_in(ready, 1)
    publications.set_paused(ready.services, "news", paused=True)
    assert "comes with the next edition, once news is resumed" in said(ready, Fate.OWED)


def test_every_fate_has_a_test() -> None:
    names = dir(sys.modules[__name__])
    missing = [f.name for f in Fate if not any(n.startswith(f"test_fate_{f.name.lower()}") for n in names)]
    assert not missing
