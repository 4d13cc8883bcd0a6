"""What is kept of an article, and how it is weighed."""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np
import pytest

from digest.group import centroids
from digest.group.centroids import centroid
from digest.group.corpus import Corpus
from digest.group.documents import MOMENTS, NAMES, STEMS
from digest.group.features import extract
from digest.group.matching import candidates
from digest.group.places import is_hub, is_setting
from digest.group.records import Member
from digest.group.scoring import MEASURES
from digest.group.state import State
from digest.model.article import Article

Make = Callable[..., Article]


@pytest.mark.parametrize(
    ("language", "text", "place"),
    [
        ("pl", "Pożar magazynu w Mediolanie.", "milan"),
        ("sl", "Požar skladišča v Milanu.", "milan"),
        ("ru", "Пожар на складе в Милане.", "milan"),
        ("de", "Brand eines Lagers in Mailand.", "milan"),
        ("de", "Ein Lager in Düsseldorf brannte.", "dusseldorf"),
        ("de", "Der Streit mit Russland geht weiter.", "@ru"),
        ("pl", "Strajk kolejarzy w Niemczech.", "@de"),
        ("ru", "Забастовка железнодорожников в Германии.", "@de"),
        ("ar", "إضراب عمال السكك في ألمانيا", "@de"),
        ("pl", "Mecz rozegrano w Helsinkach.", "helsinki"),
        ("ru", "Выборы прошли в Португалии.", "@pt"),
        ("sl", "Volitve so bile na Portugalskem.", "@pt"),
    ],
)
def test_a_declined_place_is_the_place(make: Make, language: str, text: str, place: str) -> None:
    assert place in extract(make(f"-\n{text}", language, "2022-05-17", title="", title_given=False)).names


def test_a_nation_is_a_name_whatever_its_word(make: Make) -> None:
    for language, text in (("en", "The German minister resigns"), ("it", "Si dimette il ministro tedesco")):
        found = extract(make(text, language, "2022-05-17"))
        assert "@de" in found.names
        assert not any(idea.startswith("@") for idea in found.concepts)


def test_dates_that_are_told_are_kept(make: Make) -> None:
    found = extract(make("Bridge opens\nIt opens on Friday, 4 June.", "en", "2022-05-17"))
    assert dict(found.moments) == {"fri": 1, "4.06": 1}


def test_a_date_weighs_more_than_a_weekday(make: Make) -> None:
    corpus = Corpus()
    found = extract(make("Bridge opens\nIt opens on Friday, 4 June.", "en", "2022-05-17"))
    document = corpus.read(found, make("x", "en", "2022-05-17").published, "en")
    weekday, date = corpus.idf(document.ids[document.space == MOMENTS])
    assert date > 1.5 * weekday


def test_what_is_taken_out_leaves_no_trace(make: Make) -> None:
    corpus = Corpus()
    first, other = make("Harbour Mile opens", "en", "2022-05-17"), make("Harbour Mile closes", "en", "2022-05-18")
    one, two = (corpus.read(extract(a), a.published, "en") for a in (first, other))
    corpus.add(1, one)
    before = corpus.idf(one.ids).tolist()
    corpus.add(2, two)
    assert corpus.idf(one.ids).tolist() != before
    corpus.remove(2)
    assert corpus.idf(one.ids).tolist() == before
    assert 2 not in corpus
    assert list(corpus.named("harbour")) == [1]


def test_places_and_bodies_tell_where(make: Make) -> None:
    """`elsewhere` of an article beside others: no, wholly, in part; and nothing where one side is silent."""
    assert [is_setting(n) for n in ("@de", "@@nato", "milan", "dewolf")] == [True, True, True, False]
    assert [is_hub(n) for n in ("@de", "@@nato", "milan", "dewolf")] == [True, False, True, False]
    corpus = Corpus()
    texts = (
        "Fire in Milan, Italy",
        "Blaze in Milan in Italy",
        "Fire in Lisbon, Portugal",
        "Fire in Turin, Italy",
        "Fire",
    )
    documents = []
    for text in texts:
        article = make(f"-\n{text} yesterday.", "en", "2022-05-17", title="", title_given=False)
        documents.append(corpus.read(extract(article), article.published, "en"))
    shared = corpus.compare(documents[0], documents[1:])
    assert shared.elsewhere.tolist() == [0.0, 1.0, 0.5, 0.0]
    assert corpus.compare(documents[4], documents[:1]).elsewhere.tolist() == [0.0]
    assert corpus.compare(documents[0], []).elsewhere.shape == (0,)


def test_a_name_of_many_storylines_or_of_a_place_is_not_rare(make: Make) -> None:
    state = State()
    for number in range(1, 7):
        article = make(f"Maira Dunvale and Obrecht{number} visit Milan", "en", "2022-05-17")
        state.add(Member(number, number, number, article.published, "en", "", b"", extract(article)))
    assert not state.is_rare("dunvale"), "in six storylines"
    assert state.is_rare("obrecht3")
    assert not state.is_rare("milan")
    state.merge_lines(1, 2)
    state.merge_lines(2, 3)
    assert state.is_rare("dunvale"), "in four storylines"
    assert not state.is_rare("@it")


def test_a_storyline_needs_more_than_one_rare_name(make: Make) -> None:
    state = State()
    article = make("Quelvane wins the regatta", "en", "2022-05-17")
    state.add(Member(1, 1, 1, article.published, "en", "", b"", extract(article)))
    assert state.shared_rare_names({"quelvane", "ostrik"}, {"quelvane", "dunvale"}) == ["quelvane"]
    assert state.shared_rare_names({"maira dunvale", "maira", "dunvale"}, {"maira dunvale", "maira", "dunvale"}) == [
        "maira dunvale"
    ]


def test_the_latest_articles_make_the_vector(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(centroids, "_LATEST", 2)
    corpus, members = Corpus(), []
    for number, text in enumerate(("Oldcastle burns", "Midhaven burns", "Newport burns"), 1):
        article = make(text, "en", f"2022-05-1{number}")
        members.append(
            (
                Member(number, 1, 1, article.published, "en", "", b"", extract(article)),
                corpus.read(extract(article), article.published, "en"),
            )
        )
    both, last = (centroid(corpus, told, "en") for told in (members, members[1:]))
    assert both.ids.tolist() == last.ids.tolist()
    assert (both.span.lo, both.span.hi) == (members[0][1].span.lo, last.span.hi), "its dates are those of all"
    assert np.count_nonzero(both.space == NAMES) == 2


def test_a_story_that_grows_is_what_it_would_be_if_made_anew(make: Make) -> None:
    """Its dates too, whatever the order in which they come: what is kept of a story must never be stale."""
    days = ["2022-05-14", "2022-05-11", "2022-05-18", "2022-05"]
    for order in (days, days[::-1]):
        grown, whole = State(), State()
        for number, day in enumerate(order, 1):
            article = make(f"Maira Dunvale opens bridge {number * 7919} in Ostmoor", "en", day)
            member = Member(number, 1, 1, article.published, "en", "", b"", extract(article))
            grown.add(member)
            whole.add(member)
            assert grown.dates(1) == State.dates(whole, 1)
            asked = grown.centroid(1, "en")  # kept from here on
            fresh = centroid(
                whole.corpus, [(m, whole.corpus.document(m.article)) for m in whole.members.values()], "en"
            )
            assert (asked.span, asked.began) == (fresh.span, fresh.began)
            assert asked.ids.tolist() == fresh.ids.tolist()
            assert asked.counts.tolist() == fresh.counts.tolist()
            whole._centroids.forget(1)


def test_the_nearest_article_of_a_story_is_measured_by_itself(make: Make) -> None:
    """In its own language: what a story tells in others hides nothing of it."""
    state = State()
    texts = [("en", "Maira Dunvale opens the Ostmoor bridge"), ("en", "Ostmoor council debates school meals")]
    texts += [("en", f"Ostmoor market day {number} draws crowds") for number in (11, 12, 13)]
    for number, (language, text) in enumerate(texts, 1):
        article = make(text, language, "2022-05-17")
        state.add(Member(number, 1, 1, article.published, language, "", b"", extract(article)))
    later = make("Maira Dunvale opens the Ostmoor bridge at last", "en", "2022-05-18")
    document = state.corpus.read(extract(later), later.published, "en")
    found = candidates(state, document, "en", b"", ())
    row = dict(zip(MEASURES, found.measures[0].tolist(), strict=True))
    assert found.nearest == [1]
    assert row["nearest_names"] > row["names"] + 0.1
    assert row["nearest_words"] > row["words"] + 0.1


def test_a_title_is_compared_with_more_stories_than_a_text(make: Make) -> None:
    state = State()
    for number in range(1, 31):
        article = make(f"Harbour Mile prize {number * 7919}", "en", "2022-05-17")
        state.add(Member(number, number, number, article.published, "en", "", b"", extract(article)))
    seen = []
    for text in (
        "Harbour Mile prize",
        "Harbour Mile prize\n" + "The jury met again and said what it thought of it. " * 40,
    ):
        later = make(text, "en", "2022-05-18")
        document = state.corpus.read(extract(later), later.published, "en")
        seen.append(len(candidates(state, document, "en", b"", ()).stories))
    assert seen == [16, 6]


def test_a_revision_of_another_date_leaves_nothing_of_the_old_one(make: Make) -> None:
    """The running state is what a restart makes of the same articles."""
    state, rebuilt = State(), State()

    def member(number: int, day: str) -> Member:
        article = make(f"Maira Dunvale opens bridge {number * 7919} in Ostmoor", "en", day)
        return Member(number, 1, 1, article.published, "en", "", b"", extract(article))

    state.add(member(1, "2025-01-10"))
    state.dates(1)
    state.centroid(1, "en")
    state.replace(member(1, "2025-05-21"))
    rebuilt.add(member(1, "2025-05-21"))
    assert state.dates(1) == rebuilt.dates(1)
    assert state.centroid(1, "en").span == rebuilt.centroid(1, "en").span


def test_among_equals_the_order_of_reading_decides_nothing(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """A restart reads articles in another order than they came in: what is sought, and kept of a story, is the same."""
    monkeypatch.setattr(centroids, "_FEATURES", 9)
    chance = random.Random(7)
    letters = "bdfgklmnprst"
    words = ["".join(chance.choices(letters, k=3)) + "o" + "".join(chance.choices("aeiu", k=3)) for _ in range(240)]
    texts = [" ".join(words[start : start + 20]) for start in range(0, 240, 20)]  # each word once
    asked = make(" ".join(words[::3]), "en", "2022-05-18")
    found = []
    for order in (range(12), reversed(range(12))):
        state = State()
        for number in order:
            article = make(texts[number], "en", "2022-05-17")
            state.add(Member(number, number // 6, 1, article.published, "en", "", b"", extract(article)))
        document = state.corpus.read(extract(asked), asked.published, "en")
        near = state.corpus.near(document, ((STEMS,),))
        stories = [state.centroid(story, "en") for story in (0, 1)]
        found.append((near, state.corpus.compare(document, stories).cosines.round(6).tolist()))
    assert found[0] == found[1]
