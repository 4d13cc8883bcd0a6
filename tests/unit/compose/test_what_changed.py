"""What an entry of a mail says of changes, voices, and of articles that were moved by hand."""

from __future__ import annotations

from dataclasses import replace

from digest.compose.candidates import PastStory, Sent, SentStory, StorylineHistory
from digest.compose.edit import edit
from digest.compose.sentences import fingerprint
from digest.model.article import Article
from digest.model.edition import Entry, EntryKind
from tests.support.making import BRIDGE, article, day, request, story

THREE = article(1, "In Torvik zijn drie mensen gestorven.", publisher="A", published=day("2025-05-20"))
SEVEN = article(2, "In Torvik zijn zeven mensen gestorven.", publisher="B", published=day("2025-05-22"))


def entry(*stories, history: StorylineHistory | None = None, sent: Sent | None = None) -> Entry:  # type: ignore[no-untyped-def]
    view = edit(request(), stories, history or StorylineHistory(), sent or Sent())
    assert view is not None
    return view.entries[0]


def test_the_newest_state_comes_first_and_only_while_it_is_news() -> None:
    (found,) = entry(story(1, THREE, SEVEN)).developments
    assert [s.values for s in found.states] == [("7",), ("3",)]
    (found,) = entry(story(1, THREE, SEVEN, fresh=frozenset({2}))).developments
    assert found.now.values == ("7",)
    late = article(3, "De burgemeester van Torvik vraagt om hulp.", published=day("2025-05-23"))
    assert entry(story(1, THREE, SEVEN, late, fresh=frozenset({3}))).developments == ()


def test_an_earlier_story_of_the_storyline_counts_and_its_given_name_is_told() -> None:
    past = PastStory(story(1, THREE, line=9).story, (THREE,))
    later = replace(SEVEN, title="Torvik rouwt om zeven doden")
    found = entry(story(2, later, line=9), history=StorylineHistory({9: (past,)}, {9: "De ramp"}))
    assert found.line_title == "De ramp"
    assert entry(story(2, later, line=9), history=StorylineHistory({9: (past,)})).line_title == ""


def wire(number: int, publisher: str) -> Article:
    return replace(article(number, *BRIDGE, publisher=publisher), signature=bytes(range(64)))


def test_a_wire_copy_ranks_as_one_voice_and_says_so() -> None:
    copied = entry(story(1, *(wire(n, f"Blad {n}") for n in range(1, 6))))
    alone = entry(story(1, wire(1, "Blad 1")))
    own = entry(story(1, *(article(n, f"Blad {n} zag de brug opengaan.", publisher=f"Blad {n}") for n in range(1, 6))))
    assert copied.reason.startswith("5 publishers, one text, ")
    assert (copied.publishers, copied.texts) == (5, 1)
    assert own.reason.startswith("5 publishers, 1 language")
    assert alone.score < copied.score < own.score
    assert own.score - copied.score > copied.score - alone.score


def test_a_story_that_got_a_told_article_by_hand_is_new_but_tells_it_not_again() -> None:
    told = article(1, "De brug is dicht wegens een scheur in het staal.", title="Brug dicht")
    fresh = article(2, *BRIDGE, title="Brug weer open")
    before = Sent({5: SentStory(0, frozenset({fingerprint(told.paragraphs[0])}))})
    found = entry(story(5, told, fresh, fresh=frozenset({2})), sent=before)
    assert found.kind is EntryKind.NEW
    assert found.headline == "Brug weer open"
    assert [s.title for s in found.sources] == ["Brug weer open"]
    assert not any("scheur" in q.text for q in found.summary)
