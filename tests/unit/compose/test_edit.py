"""Each story in exactly one place; folding, order, limits, and what an update shows."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.compose.candidates import OTHER, PastStory, Sent, SentStory, StorylineHistory
from digest.compose.edit import edit
from digest.compose.novelty import after_headline, mailed
from digest.compose.sentences import fingerprint
from digest.model.article import Article, Standing
from digest.model.dates import PartialDate, Precision
from digest.model.edition import EntryKind, View
from tests.support.examples import up_to
from tests.support.making import BRIDGE, article, day, request, story

NONE = StorylineHistory()


def texts(view: View) -> list[str]:
    return [q.text for e in view.entries for q in e.summary]


def run(stories, req=None, history=NONE, sent=None) -> View:
    view = edit(req or request(), stories, history, sent or Sent())
    assert view is not None
    return view


def test_a_story_stands_in_its_heaviest_wanted_topic() -> None:
    stories = [
        story(1, article(1, *BRIDGE), topics=("transport", "politics")),
        story(2, article(2, *BRIDGE), topics=("politics", "transport")),
        story(3, article(3, *BRIDGE)),
        story(4, article(4, *BRIDGE), topics=("sport",)),
    ]
    assert {s.topic: [e.story for e in s.entries] for s in run(stories).sections} == {
        "transport": [1],
        "politics": [2],
        "sport": [4],
        OTHER: [3],
    }
    only = run(stories, request(topics=("politics",)))
    assert [(s.topic, sorted(e.story for e in s.entries)) for s in only.sections] == [("politics", [1, 2])]
    assert sorted(only.left_out) == [3, 4]


def test_stories_of_a_storyline_fold_into_one_entry_with_a_timeline() -> None:
    old = article(1, "De gemeente sluit de brug over de Schie voor alle verkeer.", published=day("2023-04-01"))
    mid = article(2, "Der Umbau der Schiebrücke hat am Montag begonnen.", language="de", published=day("2024-01-01"))
    new = article(3, *BRIDGE, title="Brug over de Schie weer open")
    past = PastStory(story(1, old).story, (old,))
    history = StorylineHistory({9: (past,)})
    view = run([story(3, new, line=9), story(2, mid, line=9)], history=history)
    (entry,) = view.entries
    assert entry.headline == "Brug over de Schie weer open"
    assert dict(entry.stories) == {2: 2, 3: 3}
    assert [(s.story, s.fresh, s.quote.language) for s in entry.timeline] == [
        (1, False, "nl"),
        (2, True, "de"),
        (3, True, "nl"),
    ]
    shown = {q.text for q in entry.summary}
    assert entry.timeline[-1].quote.text not in shown, "the last step tells what the summary does not"


def test_a_long_timeline_keeps_its_first_and_newest_steps() -> None:
    def step(n: int) -> PastStory:
        a = article(n, f"De brug kreeg in fase {n} een nieuw onderdeel van staal.", published=day(f"2024-{n:02d}-01"))
        return PastStory(story(n, a).story, (a,))

    history = StorylineHistory({9: tuple(step(n) for n in range(1, 12))})
    (entry,) = run([story(50, article(50, *BRIDGE), line=9)], history=history).entries
    assert [s.story for s in entry.timeline] == [1, 6, 7, 8, 9, 10, 11, 50]
    assert entry.skipped == 4


def test_a_step_is_not_told_by_a_lead_that_sets_the_scene() -> None:
    lead = "Sinds 2021 is de brug een zorgenkind."
    tells = "De brug wordt in het voorjaar van brug tot brug gesloopt."
    a = article(1, lead, tells, published=day("2023-11-01", Precision.MONTH))
    view = run([story(1, a, line=9), story(2, article(2, *BRIDGE), line=9)])
    assert view.entries[0].timeline[0].quote.text == tells


def test_headline_in_the_readers_language_else_marked() -> None:
    both = story(1, article(1, *BRIDGE, title="Brug open"), article(2, "The old bridge opens.", language="en"))
    (entry,) = run([both], request(language="en")).entries
    assert (entry.headline, entry.headline_language) == ("The old bridge opens", "en")
    (entry,) = run([both], request(language="it")).entries
    assert entry.headline_language in ("nl", "en")


def test_sections_by_weight_and_dates_newest_first() -> None:
    far = day("2025-05-01", Precision.MONTH)
    stories = [
        story(1, article(1, *BRIDGE, published=far), topics=("a",)),
        story(2, article(2, *BRIDGE, published=day("2025-05-24")), topics=("a",)),
        story(3, article(3, *BRIDGE), article(4, *BRIDGE, publisher="Andere"), topics=("b",)),
        story(
            5,
            article(5, *BRIDGE, published=PartialDate(day("2025-05-24T22:30").start, Precision.MINUTE)),
            topics=("a",),
        ),
    ]
    view = run(stories)
    assert [s.topic for s in view.sections] == ["b", "a"]
    labels = [g.label.iso() for g in view.sections[1].groups]
    assert labels == ["2025-05-25", "2025-05-24", "2025-05"], "22:30 UTC is the next day in Brussels"
    assert all(e.reason for e in view.entries)


def test_limits_count_what_does_not_fit() -> None:
    stories = [story(n, article(n, *BRIDGE), topics=("a" if n < 5 else "b",)) for n in range(1, 9)]
    view = run(stories, request(max_per_section=3, max_entries=5))
    assert (len(view.entries), view.more, len(view.over)) == (5, 3, 3)
    assert all(len(s.entries) <= 3 for s in view.sections)


def test_notes_of_a_late_edition() -> None:
    stories = [story(1, article(1, *BRIDGE))]
    assert run(stories, request(lateness="late", missed=2)).notes == ("late", "merged")
    assert run(stories, request(lateness="discard", missed=2)).notes == ("discarded",)
    assert run(stories).notes == ()


# Novelty


def test_an_update_shows_only_what_is_new() -> None:
    first = article(1, *BRIDGE[:3], title="Brug open", seq=1)
    sent = Sent(mailed(run([story(1, first)])))
    extra = "Woensdag bleek dat een van de kabels opnieuw moet worden vervangen."
    revised = replace(first, paragraphs=(" ".join((*BRIDGE[:3], extra)),), seq=5, ordinal=2)
    (entry,) = run([story(1, first, revised)], sent=sent).entries
    assert entry.kind is EntryKind.UPDATED
    assert [q.text for q in entry.summary] == [extra]
    assert dict(entry.stories) == {1: 5}


@pytest.mark.parametrize("change", ["same", "punctuation", "copy"])
def test_nothing_new_is_left_out(change: str) -> None:
    first = article(1, *BRIDGE, title="Brug open", seq=1)
    sent = Sent(mailed(run([story(1, first)])))
    if change == "copy":
        later, fresh = article(2, *BRIDGE, title="Schiebrug open", publisher="Andere", seq=6), frozenset({2})
    else:
        text = first.text if change == "same" else first.text.replace("De aannemer", "De  Aannemer,")
        later, fresh = replace(first, paragraphs=(text,), seq=6, ordinal=2), frozenset({1})
    assert edit(request(), [story(1, first, later, fresh=fresh)], NONE, sent) is None


def test_a_story_without_fresh_articles_or_only_background_is_left_out() -> None:
    quiet = story(1, article(1, *BRIDGE), fresh=frozenset())
    background = story(2, article(2, *BRIDGE, standing=Standing.BACKGROUND))
    assert edit(request(), [quiet, background], NONE, Sent()) is None
    view = run([quiet, background, story(3, article(3, *BRIDGE))])
    assert sorted(view.left_out) == [1, 2]


def test_a_new_story_of_a_storyline_is_new_though_another_was_sent() -> None:
    a, b = article(1, *BRIDGE[:2], seq=1), article(2, *BRIDGE[2:], seq=2)
    sent = Sent({1: SentStory(1, frozenset(map(fingerprint, BRIDGE[:2])))})
    (entry,) = run([story(2, b, line=4), story(1, a, line=4, fresh=frozenset())], sent=sent).entries
    assert entry.kind is EntryKind.NEW
    assert [s for s, _ in entry.stories] == [2]


# Headlines cut from first sentences


@pytest.mark.parametrize(
    ("headline", "rest"),
    [
        ("De brug gaat open", "zo verzekert de wethouder aan de krant."),
        ("De brug gaat open, zo verzekert de wethouder aan de krant", ""),
        ("De brug gaat open…", "zo verzekert de wethouder aan de krant."),
        ("De brug gaat open, zo verzekert de…", "wethouder aan de krant."),
        ("De brug", "De brug gaat open, zo verzekert de wethouder aan de krant."),
        ("Iets anders", None),
    ],
)
def test_what_is_left_below_a_headline(headline: str, rest: str | None) -> None:
    assert after_headline("De brug gaat open, zo verzekert de wethouder aan de krant.", headline) == rest


def test_a_summary_goes_on_where_its_headline_stops() -> None:
    a = article(1, "De oude brug gaat open, al mogen auto's er voorlopig niet over.", *BRIDGE[1:])
    a = replace(a, title="De oude brug gaat open")
    (entry,) = run([story(1, a)]).entries
    assert entry.summary[0].text == "al mogen auto's er voorlopig niet over."
    assert entry.summary[0].continues
    again = replace(a, seq=9, ordinal=2)
    assert edit(request(), [story(1, a, again)], NONE, Sent(mailed(run([story(1, a)])))) is None


# Properties

_POOL = (
    *BRIDGE,
    "Il ponte vecchio riapre lunedì ai ciclisti della città.",
    "Die Brücke über die Schie wird am Montag wieder geöffnet.",
    "“We zijn blij. Heel blij zelfs”, zegt de buurt.",
    "Kort.",
    "Geen punt aan het eind van deze regel",
    "Wat nu, vraagt de winkelier zich af?",
    "De kosten zijn opgelopen tot 12,5 miljoen euro, 2 miljoen meer dan gedacht.",
)
_DATES = st.sampled_from([day("2022-05-01", Precision.MONTH), day("2025-05-25"), day("2024-01-01", Precision.YEAR)])
_ARTICLES = st.builds(
    lambda told, title, lang, pub, date, standing: (told, title, lang, pub, date, standing),
    st.lists(st.sampled_from(_POOL), max_size=5),
    st.sampled_from(["", "Brug open", "De oude brug over de Schie gaat maandag open"]),
    st.sampled_from(["nl", "de", "it", "und"]),
    st.sampled_from(["", "A", "B"]),
    _DATES,
    st.sampled_from([Standing.NEWS] * 4 + [Standing.BACKGROUND]),
)
_STORY = st.tuples(
    st.integers(0, 3),
    st.lists(st.sampled_from(["a", "b", "c"]), max_size=2, unique=True),
    st.lists(_ARTICLES, min_size=1, max_size=3),
    st.booleans(),
)


@settings(max_examples=up_to(75), deadline=None)
@given(
    st.lists(_STORY, max_size=7),
    st.sampled_from([(), ("a",), ("a", OTHER)]),
    st.integers(1, 4),
    st.integers(1, 3),
    st.sets(st.integers(1, 7)),
)
def test_every_story_ends_in_one_place_and_every_quote_is_in_its_article(specs, topics, total, per, seen) -> None:
    stories, by_id, number = [], {}, 0
    for n, (line, wants, told, all_fresh) in enumerate(specs, start=1):
        made: list[Article] = []
        for sentences, title, language, publisher, date, standing in told:
            number += 1
            a = article(
                number,
                *sentences,
                title=title,
                language=language,
                publisher=publisher,
                published=date,
                standing=standing,
            )
            made.append(a)
            by_id[number] = a
        fresh = None if all_fresh else frozenset({made[-1].id})
        stories.append(story(n, *made, line=line, topics=tuple(wants), fresh=fresh))
    sent = Sent({n: SentStory(stories[n - 1].articles[0].seq) for n in seen if n <= len(stories)})
    view = edit(request(topics=topics, max_entries=total, max_per_section=per), stories, NONE, sent)
    if view is None:
        return
    placed = [s for e in view.entries for s, _ in e.stories] + list(view.over) + list(view.left_out)
    assert sorted(placed) == list(range(1, len(stories) + 1))
    assert len(view.entries) <= total
    for entry in view.entries:
        for quote in (*entry.summary, *(s.quote for s in entry.timeline)):
            source = by_id[quote.article]
            assert quote.text in " ".join(source.text.split()) or quote.text in source.title


def test_a_headline_that_broke_off_with_an_ellipsis_is_read_on_where_it_broke() -> None:
    sentence = "The council of Dunfip has decided to close the old bridge over the canal for a whole year."
    assert after_headline(sentence, "The council of Dunfip has decided to close the old bridge…") == (
        "over the canal for a whole year."
    )
    assert after_headline(sentence, "The council of Dunfip has decided to close the old bridge") == sentence
    assert after_headline(
        sentence, "The council of Dunfip has decided to close the old bridge over the canal for a…"
    ) == (sentence), "too little is left to stand alone"


def test_an_entry_stands_under_the_date_of_the_article_that_heads_it() -> None:
    dutch = article(1, *BRIDGE, published=day("2025-05-25"))
    english = article(
        2, "The bridge is open again.", "People came to see it.", language="en", published=day("2025-05-28")
    )
    view = edit(request("nl"), [story(1, dutch, english)], NONE, Sent())
    assert view is not None
    (entry,) = view.entries
    assert (entry.headline_language, entry.date) == ("nl", day("2025-05-25"))


def test_the_story_so_far_goes_by_the_dates_that_it_shows() -> None:
    """A story that ends later may be told by an earlier article, since that is in the reader's language."""
    dutch = article(1, *BRIDGE[:2], title="Brug open", published=day("2025-05-20"))
    late = article(2, "Die alte Brücke ist wieder offen.", language="de", published=day("2025-05-23"))
    french = article(3, "Le vieux pont de la Schie rouvre.", language="fr", published=day("2025-05-22"))
    last = article(4, *BRIDGE[2:], title="Brug gevierd", published=day("2025-05-24"))
    (entry,) = run([story(1, dutch, late, line=9), story(2, french, line=9), story(3, last, line=9)]).entries
    assert [s.date for s in entry.timeline] == sorted(s.date for s in entry.timeline)
    assert len(entry.timeline) == 3


def test_the_story_so_far_goes_by_the_readers_days() -> None:
    """02:00 UTC on the 18th is the 17th in New York: it stands before what is of the 18th."""
    early = article(1, *BRIDGE[:2], title="Brug open", published=day("2025-05-18T02:00", Precision.MINUTE))
    whole = article(2, "De markt op de kade is dicht.", published=day("2025-05-18"))
    req = replace(request(), zone="America/New_York")
    (entry,) = run([story(1, early, line=9), story(2, whole, line=9)], req).entries
    assert [s.story for s in entry.timeline] == [1, 2]


MISSING = ("The Harbour Bridge collapsed on Wednesday morning.", "Three people are missing, the fire service said.")
DEAD = "Taucher haben am Donnerstag zwei Tote aus der Lende geborgen."


def test_an_entry_tells_the_newest_though_only_another_language_knows_it() -> None:
    english = article(1, *MISSING, language="en", published=day("2025-05-21"))
    german = article(2, DEAD, "Eine Person wird vermisst.", language="de", published=day("2025-05-22"))
    (entry,) = run([story(1, english, german)], request("en")).entries
    assert entry.headline_language == "en"
    assert [(q.text, q.language, q.published) for q in entry.summary[-1:]] == [(DEAD, "de", day("2025-05-22"))]
    assert fingerprint(DEAD) in mailed(run([story(1, english, german)], request("en")))[1].sentences


def test_the_newest_is_told_in_the_readers_language_where_that_has_it() -> None:
    text = (*MISSING, "A lorry fell into the river when the bridge collapsed.", "The mayor closed the river.")
    first = article(1, *text, title="Bridge collapses", language="en", published=day("2025-05-21"))
    alike = article(2, *text, title="Bridge down", language="en", publisher="B", published=day("2025-05-21"))
    german = article(3, DEAD, language="de", published=day("2025-05-22"))
    english = article(4, "Two dead were found by divers at noon.", language="en", published=day("2025-05-22"))
    (entry,) = run([story(1, first, alike, german, english)], request("en")).entries
    assert [q.article for q in entry.summary][-1] == 4
    assert all(q.language == "en" for q in entry.summary)


@pytest.mark.parametrize(("hour", "told"), [("10:00", False), ("19:00", True)])
def test_what_another_language_tells_within_hours_is_the_same_news(hour: str, told: bool) -> None:
    english = article(1, *MISSING, language="en", published=day("2025-05-21T08:00", Precision.MINUTE))
    german = article(2, DEAD, language="de", published=day(f"2025-05-21T{hour}", Precision.MINUTE))
    (entry,) = run([story(1, english, german)], request("en")).entries
    assert (DEAD in {q.text for q in entry.summary}) is told


def test_the_newest_is_told_once_and_only_if_it_is_new_to_the_reader() -> None:
    old = article(1, "De brug is dicht.", "De pont vaart.", published=day("2025-05-01"))
    english = article(2, *MISSING, language="en", published=day("2025-05-21"))
    german = article(3, DEAD, language="de", published=day("2025-05-22"))
    (entry,) = run([story(1, old, line=9), story(2, english, line=9), story(3, german, line=9)], request("en")).entries
    assert [q.text for q in (*entry.summary, *(s.quote for s in entry.timeline))].count(DEAD) == 1
    again = story(2, english, german, fresh=frozenset({2}))
    (entry,) = run([again], request("en")).entries
    assert DEAD not in {q.text for q in entry.summary}


def test_the_newest_is_quoted_no_further_than_a_summary_would() -> None:
    long = "Taucher haben am Donnerstag " + " ".join(f"nach Angabe {n}" for n in range(14)) + " zwei Tote geborgen."
    english = article(1, *MISSING, language="en", published=day("2025-05-21"))
    german = article(2, long, "Ende.", language="de", published=day("2025-05-22"))
    (entry,) = run([story(1, english, german)], request("en")).entries
    told = entry.summary[-1].text
    assert told.startswith("Taucher haben am Donnerstag"), "and no closing line instead"
    assert told.endswith("…")
    assert len(told.split()) <= 30, "of an article of 47 words"


def test_the_newest_repeats_neither_the_headline_nor_what_it_goes_on_to_say() -> None:
    whole = (
        "The Harbour Bridge in the old town collapsed early on Wednesday morning, killing two workers and leaving three"
        " people missing in the river below."
    )
    first = article(1, whole, title=whole.split(",")[0], language="en", published=day("2025-05-21"))
    first = replace(first, title_given=False)
    copy = article(2, whole, language="de", publisher="B", published=day("2025-05-23"))
    (entry,) = run([story(1, first, copy)], request("en")).entries
    assert [q.article for q in entry.summary] == [1]


def test_the_newest_is_not_what_a_mail_has_told_in_another_story() -> None:
    inquiry = "The mayor opened an inquiry into the fall of the bridge."
    english = article(1, inquiry, title="Inquiry opened", language="en", published=day("2025-05-23"))
    german = article(2, DEAD, "Kurz.", title="Zwei Tote", language="de", published=day("2025-05-25"))
    view = run([story(2, english, german)], request("en"), sent=Sent({2: SentStory(0, frozenset({fingerprint(DEAD)}))}))
    assert DEAD not in {q.text for entry in view.entries for q in entry.summary}


def test_articles_of_nobody_with_one_title_are_two_sources() -> None:
    first = article(1, *MISSING, title="Storm", language="en", publisher="", published=day("2025-05-21"))
    later = article(
        2, "Divers found two dead.", title="Storm", language="en", publisher="", published=day("2025-05-23")
    )
    (entry,) = run([story(1, first, later)], request("en")).entries
    assert len(entry.sources) == 2
