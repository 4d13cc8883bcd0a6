"""What became of an article, decided from the facts: what real courses of events seldom bring about."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from digest.audience.explaining import explain
from digest.audience.finding_said import Teller
from digest.model.article import Standing
from digest.model.cadence import Cadence, Every, Lateness
from digest.model.delivery import Delivery, DeliveryKind, DeliveryState
from digest.model.edition import Edition, EditionKind
from digest.model.explanation import Fate, Finding, Life, Mail, Place, Reader, Revision, Seen, Shown, Skipped
from digest.model.publication import Publication
from digest.model.ranges import Ranges
from digest.model.subscription import Subscriber, Subscription

NOW = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)


def revision(number: int, ordinal: int = 1, standing: Standing = Standing.NEWS) -> Revision:
    return Revision(ordinal, number, standing, True, NOW, NOW, "en")


def life(*revisions: Revision) -> Life:
    return Life(1, "a1", None, "A title", None, "wire", "Wire", NOW, revisions, 5, "A title", 3, ("sport",), ("sport",))


def reader(**settings: object) -> Reader:
    publication = Publication(
        "news",
        "News",
        (Cadence(Every.DAY),),
        "UTC",
        "en",
        Lateness.LATE,
        12,
        "n@example.org",
        "paper",
        **settings,  # type: ignore[arg-type]
    )
    subscription = Subscription(Subscriber("a@example.org"), "news", "day", "en", "UTC", changed_at=NOW)
    return Reader(subscription, publication, next_due=NOW)


def mail(number: int, state: DeliveryState, *places: Place, seen: Seen | None = None, counts: bool = True) -> Mail:
    edition = Edition("news", number, "day", EditionKind.SLOT, NOW.replace(tzinfo=None), "UTC", NOW, 10, NOW, id=number)
    delivery = Delivery(
        number, DeliveryKind.EDITION, str(number), state, "a@example.org", f"<{number}@x>", NOW, number,
        edition=number, edition_name=edition.name, planned_at=NOW, settled_at=NOW, attempts=1,
    )  # fmt: skip
    return Mail(delivery, edition, NOW, counts, Ranges.of([(1, 11)]), places, seen)


def one(found: Life, *mails: Mail, who: Reader | None = None, skipped: tuple[Skipped, ...] = ()) -> Finding:
    (finding,) = explain(found, who or reader(), mails, [], skipped)
    said = Teller(found, who or reader(), {"sport": "Sport"}).sentences(finding)
    assert all(sentence.endswith(".") and "\n" not in sentence for sentence in said)
    return finding


ENTRY = Place(5, Shown.ENTRY, 10, 1, 4, "sport", "A title")
OTHER_ENTRY = Place(9, Shown.ENTRY, 10, 3, 4, "sport", "Another")


def test_the_mail_that_counts_is_named_though_a_later_one_waits() -> None:
    sent = mail(1, DeliveryState.SENT, ENTRY, seen=Seen.WORDS)
    waits = mail(2, DeliveryState.PLANNED, ENTRY, seen=Seen.WORDS, counts=False)
    assert one(life(revision(3)), sent, waits).mail is sent


def test_of_mails_that_do_not_count_the_one_that_waits_is_named_and_the_others_stand_before_it() -> None:
    failed = mail(1, DeliveryState.FAILED, ENTRY, seen=Seen.WORDS, counts=False)
    waits = mail(2, DeliveryState.DEFERRED, ENTRY, seen=Seen.WORDS, counts=False)
    found = one(life(revision(3)), failed, waits)
    assert (found.fate, found.mail, found.before) == (Fate.TOLD, waits, (failed,))


def test_merged_stories_stand_in_two_places() -> None:
    over = Place(9, Shown.OVER, 10)
    assert one(life(revision(3)), mail(1, DeliveryState.SENT, over, ENTRY, seen=Seen.WORDS)).place is ENTRY
    found = one(life(revision(3)), mail(1, DeliveryState.SENT, ENTRY, over, seen=Seen.NOT))
    assert (found.fate, found.place) == (Fate.OVER, over)


def test_a_story_that_the_mail_told_up_to_an_earlier_number_is_another_place() -> None:
    early = Place(9, Shown.ENTRY, 2, 3, 4, "sport", "Another")
    assert one(life(revision(3)), mail(1, DeliveryState.SENT, early, ENTRY, seen=Seen.WORDS)).place is ENTRY


@pytest.mark.parametrize(("seen", "fate"), [(Seen.ADDRESS, Fate.TOLD), (Seen.WORDS, Fate.OTHER_SOURCE)])
def test_others_may_print_its_words_but_its_address_is_its_own(seen: Seen, fate: Fate) -> None:
    """The source was taken then, if the mail has the address; words may be those of another paper."""
    found = one(life(revision(3)), mail(1, DeliveryState.SENT, ENTRY, seen=seen), who=reader(sources=("other",)))
    assert found.fate is fate


def test_a_mail_whose_message_is_gone_is_believed() -> None:
    assert one(life(revision(3)), mail(1, DeliveryState.SENT, ENTRY)).fate is Fate.TOLD


def test_of_a_released_article_the_last_text_goes_on() -> None:
    first, last = revision(0, standing=Standing.QUARANTINED), revision(4, 2)
    one_of, other = explain(life(first, last), reader(), [], [], [])
    assert (one_of.fate, one_of.newer) == (Fate.REPLACED, last)
    assert other.fate is Fate.OWED


def test_editions_without_a_mail_are_counted() -> None:
    skipped = tuple(
        Skipped(made.edition, "nothing new", NOW) for n in (1, 2, 3) if (made := mail(n, DeliveryState.SENT)).edition
    )
    found = one(life(revision(3)), skipped=skipped)
    (said,) = Teller(life(revision(3)), reader(), {}).before(found)
    assert said.startswith("Meanwhile 3 editions were not sent to this reader: nothing new (the last: news/day/3 of ")
