"""What an entry of a mail says of changes, voices, and of articles that were moved by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from digest.compose import novelty
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


# --- what a reader had ------------------------------------------------------------------------------


def mailed(*stories) -> Sent:  # type: ignore[no-untyped-def]
    """What a reader knows who had these stories in one mail."""
    view = edit(request(), stories, StorylineHistory(), Sent())
    assert view is not None
    return Sent(novelty.mailed(view))


def test_a_number_that_the_reader_had_is_no_change_whoever_says_it_again() -> None:
    sent = mailed(story(1, THREE, SEVEN))
    king = "De koning komt morgen naar de stad om de families te ontmoeten."
    other = article(3, "Er zijn nu zeven mensen gestorven, meldt het ziekenhuis.", king, published=day("2025-05-23"))
    assert entry(story(1, THREE, SEVEN, other, fresh=frozenset({3})), sent=sent).developments == ()
    again = replace(SEVEN, paragraphs=(f"Inmiddels zijn er zeven mensen gestorven. {king}",), seq=4)
    assert entry(story(1, THREE, SEVEN, again, fresh=frozenset({2})), sent=sent).developments == ()


def test_a_number_that_changes_after_the_mail_is_a_change() -> None:
    nine = article(3, "In Torvik zijn negen mensen gestorven.", published=day("2025-05-23"))
    sent = mailed(story(1, THREE, SEVEN))
    (found,) = entry(story(1, THREE, SEVEN, nine, fresh=frozenset({3})), sent=sent).developments
    assert [s.values for s in found.states] == [("9",), ("7",), ("3",)]


@pytest.mark.parametrize(
    ("language", "before", "after"),
    [
        ("nl", "In Torvik zijn drie mensen gestorven.", "In Torvik zijn zeven mensen gestorven."),
        (
            "en",
            "The flood in the valley killed 3 people on Monday.",
            "The flood in the valley killed 7 people on Monday.",
        ),
        ("ru", "В Торвике при пожаре погибли 3 человека.", "В Торвике при пожаре погибли 7 человека."),
    ],
)
def test_a_sentence_that_differs_in_its_number_alone_is_news(language: str, before: str, after: str) -> None:
    first, second = (
        article(1, text, title="Torvik", language=language, seq=n) for n, text in ((1, before), (2, after))
    )
    found = entry(story(1, first, second), sent=mailed(story(1, first)))
    assert (found.kind, [q.text for q in found.summary]) == (EntryKind.UPDATED, [after])
    other = article(3, f"{after[:-1]} …", title="Torvik", language=language)
    known = mailed(story(1, first, second))
    assert edit(request(), [story(1, first, second, other, fresh=frozenset({3}))], StorylineHistory(), known) is None


def test_a_number_of_which_the_reader_had_the_older_one_alone_is_a_change() -> None:
    (found,) = entry(story(1, THREE, SEVEN, fresh=frozenset({2})), sent=mailed(story(1, THREE))).developments
    assert [s.values for s in found.states] == [("7",), ("3",)]


# --- the story so far -------------------------------------------------------------------------------


COUNCIL = article(11, "De raad van Dorsten wil een brug over de rivier bouwen.", published=day("2025-05-10"))
BOMB = article(12, "Arbeiders vonden een bom naast de rivier bij het graven.", published=day("2025-05-20"))
COURT = "Een rechter verbood de gemeente het contract voor het staal te tekenen."
BLAST = "De bom werd in de nacht opgeblazen door mensen uit Munster."


def test_of_two_updated_stories_in_an_entry_each_tells_what_is_new_of_it() -> None:
    court = article(13, COURT, title="Contract verboden", published=day("2025-05-18"), seq=13)
    blast = article(14, BLAST, title="Bom opgeblazen", published=day("2025-05-21"), seq=14)
    sent = mailed(story(21, COUNCIL, line=5), story(22, BOMB, line=5))
    both = (
        story(21, COUNCIL, court, line=5, fresh=frozenset({13})),
        story(22, BOMB, blast, line=5, fresh=frozenset({14})),
    )
    found = entry(*both, sent=sent)
    assert [q.text for q in found.summary] == [BLAST]
    assert [(s.quote.text, s.fresh) for s in found.timeline] == [(COURT, True), (BOMB.paragraphs[0], False)]


def test_a_late_article_has_its_step_however_long_the_story_so_far_is() -> None:
    steps = [
        article(
            100 + n, f"Deel {n} van de tunnel bij Mont{chr(97 + n)} is klaar.", published=day(f"2025-05-{n + 1:02}")
        )
        for n in range(12)
    ]
    past = tuple(PastStory(story(200 + n, a, line=9).story, (a,)) for n, a in enumerate(steps))
    late = article(150, "Er kwam een arbeider om in de tunnel.", title="Arbeider dood", published=day("2025-05-03"))
    new = article(151, "De koning opende de hele tunnel.", title="Tunnel open", published=day("2025-05-20"))
    found = entry(story(300, late, line=9), story(301, new, line=9), history=StorylineHistory({9: past}))
    assert [s.story for s in found.timeline if s.fresh] == [300, 301]
    assert (found.timeline[0].story, len(found.timeline), found.skipped) == (200, 8, 6)
    assert [s.date.start for s in found.timeline] == sorted(s.date.start for s in found.timeline)
