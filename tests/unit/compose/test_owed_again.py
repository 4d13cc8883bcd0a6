"""What is told of a story where an older revision is owed again, since the mail that told it came back."""

from __future__ import annotations

from digest.compose.candidates import Sent, SentStory
from digest.compose.entry import material, outline
from digest.compose.folding import fold
from digest.compose.novelty import assess
from digest.compose.sentences import fingerprint, of
from digest.model.article import Article
from tests.support.making import BRIDGE, NOW, article, story

ADDED = "Donderdag bleek dat de leuning nog moet worden geverfd."
MORE = "Een schilder uit Delft begint daar volgende week mee."
TITLE = "Brug over de Schie is klaar"

OLD = article(1, *BRIDGE, title=TITLE, seq=1)
UPDATED = article(1, *BRIDGE, ADDED, title=TITLE, seq=2)


def left(*articles: Article, owed: set[int], sent: SentStory) -> list[str]:
    """The sentences that an entry could tell; none where there is no entry."""
    news = assess(story(1, *articles, owed=frozenset(owed)), Sent({1: sent}))
    if news is None:
        return []
    (line,) = fold([news])
    given = material(outline(line, "nl", NOW), Sent({1: sent}))
    return [s for a in given.articles for s in of(a)]


def sent(*said: str, up_to: int = 2, whole: int = 0) -> SentStory:
    return SentStory(up_to, frozenset(map(fingerprint, (TITLE, *said))), whole)


def test_what_only_the_older_text_told_is_told_and_the_update_is_not_told_again() -> None:
    assert left(OLD, UPDATED, owed={1}, sent=sent(ADDED)) == list(BRIDGE)


def test_what_the_update_said_and_its_mail_did_not_quote_is_covered() -> None:
    longer = article(1, *BRIDGE, ADDED, MORE, title=TITLE, seq=2)
    assert left(OLD, longer, owed={1}, sent=sent(ADDED)) == list(BRIDGE)


def test_what_the_update_did_away_with_is_not_owed() -> None:
    shorter = article(1, *BRIDGE[:2], ADDED, title=TITLE, seq=2)
    assert left(OLD, shorter, owed={1}, sent=sent(ADDED)) == list(BRIDGE[:2])


def test_nothing_is_new_where_the_older_text_was_told_by_another_mail_too() -> None:
    assert left(OLD, UPDATED, owed={1}, sent=sent(*BRIDGE, ADDED)) == []


def test_nothing_is_owed_of_a_story_that_a_later_mail_told_as_new() -> None:
    """What it left out then was left out for want of room."""
    assert left(OLD, UPDATED, owed={1}, sent=sent(BRIDGE[0], ADDED, whole=2)) == []


def test_what_came_after_that_mail_is_told_all_the_same() -> None:
    third = article(1, *BRIDGE, ADDED, MORE, title=TITLE, seq=3)
    assert left(OLD, UPDATED, third, owed={1, 3}, sent=sent(BRIDGE[0], ADDED, whole=2)) == [MORE]


def test_a_later_article_that_prints_the_same_does_not_make_it_known() -> None:
    """The mail that covered the copy left out what the reader had from the one that came back."""
    copy = article(2, *BRIDGE, MORE, title=TITLE, publisher="De Wal", seq=2)
    assert left(OLD, copy, owed={1}, sent=sent(MORE)) == list(BRIDGE)


def test_an_earlier_article_that_prints_the_same_makes_it_known() -> None:
    copy = article(2, *BRIDGE, title=TITLE, publisher="De Wal", seq=1)
    later = article(1, *BRIDGE, ADDED, title=TITLE, seq=2)
    assert left(copy, later, owed={2}, sent=sent(BRIDGE[0])) == [ADDED]


def test_a_sentence_that_was_written_anew_is_owed_in_its_new_words() -> None:
    anew = BRIDGE[1].replace("had twee jaar", "had ruim twee jaar")
    update = article(1, BRIDGE[0], anew, *BRIDGE[2:], ADDED, title=TITLE, seq=2)
    assert left(OLD, update, owed={1}, sent=sent(ADDED)) == [BRIDGE[0], anew, *BRIDGE[2:]]


def test_two_texts_of_an_article_that_both_came_back_are_told_as_one() -> None:
    other = article(2, "De havenmeester sluit de vaarweg zondag twee uur af.", title=TITLE, seq=3)
    found = left(OLD, UPDATED, other, owed={1, 2}, sent=sent(*of(other), up_to=3))
    assert found == [*BRIDGE, ADDED]
