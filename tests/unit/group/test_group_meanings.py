"""Vectors beside words: the same score with one more term, and nothing at all where no model is set."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest.group import matching, meanings, scoring
from digest.group.features import Features, extract
from digest.group.grouper import Grouper
from digest.group.meanings import LENGTH, Nearby, cosines, pack, read, total, unpack, whole
from digest.group.records import Member, Placement
from digest.group.scoring import MeaningTerm, shipped
from digest.group.state import State
from digest.model.article import Article
from digest.settings import GroupSettings
from tests.support.examples import up_to

Make = Callable[..., Article]
Vectors = npt.NDArray[np.float32]

TERM = MeaningTerm(weight=12.0, centre=0.3)
WOLVES, RUDEL = "Wolves took lambs at dawn", "Rudel riss Schafe"
COMET = "Comet seen through new telescope"


@dataclass
class ByWord:
    """A model that knows a few words: each has a direction of its own."""

    directions: dict[str, int] = field(
        default_factory=lambda: (
            dict.fromkeys(("wolves", "rudel", "lambs", "schafe"), 0)
            | dict.fromkeys(("comet", "telescope"), 1)
            | dict.fromkeys(("valkenrade", "oster"), 2)
            | dict.fromkeys(("caldermouth", "lenn"), 3)
            | dict.fromkeys(("gericht", "court", "rechtbank"), 4)
        )
    )
    asked: list[str] = field(default_factory=list)

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.asked += texts
        rows = np.zeros((len(texts), 8), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in text.lower().replace(",", " ").replace(".", " ").split():
                if word in self.directions:
                    row[self.directions[word]] += 1
        return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


def fresh(embedder: Any = None, term: MeaningTerm | None = TERM) -> Grouper:
    return Grouper(1, 1, (), replace(shipped(), meaning=term), embedder)


def stream(make: Make, news: SimpleNamespace) -> list[Article]:
    return [
        make(WOLVES, "en", "2022-05-17"),
        make(news.bridge["de"], "de", "2022-05-17"),
        make(COMET, "en", "2022-05-18"),
        make(news.bridge["en"], "en", "2022-05-18"),
        make(RUDEL, "de", "2022-05-18"),
        make(news.elsewhere, "en", "2022-05-18"),
        make(news.trial["en"], "en", "2022-05-20"),
        make(news.bridge["it"], "it", "2022-05-17"),
    ]


def member_of(grouper: Grouper, article: Article, placement: Placement) -> Any:
    """As the store keeps it."""
    features = Features.from_json(extract(article).to_json())
    return replace(grouper.member(article.id), features=features, meaning=placement.meaning)


# --- the score ------------------------------------------------------------------------------------


def test_headlines_without_a_shared_word_join_by_their_vectors(make: Make) -> None:
    articles = [make(WOLVES, "en", "2022-05-17"), make(COMET, "en", "2022-05-17"), make(RUDEL, "de", "2022-05-18")]
    with_model, without = fresh(ByWord()), fresh()
    assert [with_model.place(a).story for a in articles] == [1, 2, 1]
    assert [without.place(a).story for a in articles] == [1, 2, 3]
    assert "meaning 1.00" in fresh_why(articles)


def fresh_why(articles: Iterable[Article]) -> str:
    grouper = fresh(ByWord())
    return [grouper.place(a).why for a in articles][-1]


def test_the_term_speaks_against_too(make: Make, news: SimpleNamespace) -> None:
    """Two tellings of one event that a model finds unlike."""
    articles = [make(news.bridge[code], code, "2022-05-17") for code in ("de", "nl")]
    apart = ByWord({"brücke": 0, "sint-michiels-brücke": 0, "brug": 1, "sint-michielsbrug": 1})
    assert [fresh(apart, MeaningTerm(60.0, 0.5)).place(a).story for a in articles][-1] == 1
    grouper = fresh(apart, MeaningTerm(60.0, 0.5))
    assert [grouper.place(a).story for a in articles] == [1, 2]
    assert len({fresh().place(a).story for a in articles}) == 1


def test_without_a_model_all_is_as_before(make: Make, news: SimpleNamespace) -> None:
    """Neither a term without vectors nor vectors of words that are not known change a figure or a letter."""
    articles = stream(make, news)
    told = []
    for grouper in (Grouper(1, 1, ()), fresh(None), fresh(ByWord({})), fresh(ByWord(), term=None)):
        placed = [replace(grouper.place(a), meaning=None) for a in articles]
        told.append((placed, grouper.review(), [grouper.member(a.id) for a in articles]))
    # What nobody weighs still offers stories, which the words may then see: the first three must be one.
    assert told[0] == told[1] == told[2]
    assert [p.story for p in told[3][0]] == [p.story for p in told[0][0]]
    assert not any("meaning" in p.why for p in told[0][0])


def test_the_score_without_vectors_is_bit_for_bit_that_of_the_tables() -> None:
    chance = np.random.default_rng(3)
    measures = chance.random((40, len(scoring.MEASURES)))
    same = (chance.random(40) < 0.5).tolist()
    weighed = replace(shipped(), meaning=TERM)
    for kind in ("join", "merge"):
        plain = shipped().score(kind, same, measures, 0.3)
        missing = weighed.score(kind, same, measures, 0.3, np.full(40, np.nan))
        assert plain.tobytes() == weighed.score(kind, same, measures, 0.3).tobytes() == missing.tobytes()
        more = weighed.score(kind, same, measures, 0.3, np.full(40, 0.8))
        assert np.allclose(more - plain, 12.0 * 0.5)


def test_stories_merge_by_their_vectors(make: Make) -> None:
    """The review weighs them as well: here for what was placed before the weight was."""
    articles = [make(WOLVES, "en", "2022-05-17"), make(RUDEL, "de", "2022-05-18")]
    before = fresh(ByWord(), MeaningTerm(0.0, 0.0))
    placed = [before.place(a) for a in articles]
    assert [p.story for p in placed] == [1, 2]
    after = fresh(ByWord())
    after.restore(member_of(before, a, p) for a, p in zip(articles, placed, strict=True))
    assert [(m.kind, m.loser, m.winner) for m in after.review([1, 2]).merges] == [("storyline", 2, 1), ("story", 2, 1)]


def test_two_halves_are_weighed_by_their_vectors(make: Make, news: SimpleNamespace) -> None:
    scores = {}
    for weight in (0.0, 10.0):
        state = State(scorer=replace(shipped(), meaning=MeaningTerm(weight, 0.5)))
        grouper = fresh(ByWord())
        grouper._state = state
        for text, language in ((WOLVES, "en"), (RUDEL, "de"), (COMET, "en")):
            grouper.place(make(text, language, "2022-05-17"))
        one, like, other = (state.members[a] for a in sorted(state.members))
        scores[weight] = [matching.measure_pair(state, [one], [m])[0] for m in (like, other)]
    assert scores[10.0][0] == pytest.approx(scores[0.0][0] + 10.0 * 0.5)
    assert scores[10.0][1] == pytest.approx(scores[0.0][1] - 10.0 * 0.5)


def test_a_story_that_only_the_vectors_show_is_looked_at(make: Make) -> None:
    """Though words offer as many stories as are compared."""
    offered = []
    for model in (None, ByWord()):
        state = State(scorer=replace(shipped(), meaning=TERM))
        for number, text in enumerate([WOLVES, *(f"Harbour Mile prize {i * 7919}" for i in range(40))], 1):
            article = make(text, "en", "2022-05-17")
            vector = pack(read(model, [article])[0]) if model else None
            state.add(Member(number, number, number, article.published, "en", "", b"", extract(article), (), vector))
        later = make("Harbour Mile prize: Rudel Schafe", "en", "2022-05-18")
        document = state.corpus.read(extract(later), later.published, "en", read(model, [later])[0] if model else None)
        found = matching.candidates(state, document, "en", b"", ())
        offered.append((1 in found.stories, len(found.stories)))
        state.add(Member(50, 50, 50, later.published, "en", "", b"", extract(later)), document)
        assert any(1 in group.stories for group in matching.twins(state, 50)) == (model is not None)
    titles, _ = matching._STORIES
    assert offered == [(False, titles), (True, titles + 1)]


def test_a_story_says_what_its_articles_say_together(make: Make) -> None:
    state = State(scorer=replace(shipped(), meaning=TERM))
    for number, text in enumerate((WOLVES, "Okafor resigns", COMET), 1):
        article = make(text, "en", "2022-05-17")
        vector = pack(read(ByWord(), [article])[0])
        state.add(Member(number, 1, 1, article.published, "en", "", b"", extract(article), (), vector))
    for language in ("en", "de"):
        alike = cosines(state.centroid(1, language).meaning, [state.corpus.document(a).meaning for a in (1, 2, 3)])
        assert alike.tolist() == pytest.approx([0.5**0.5, np.nan, 0.5**0.5], nan_ok=True)


def test_with_the_default_weight_no_vector_joins_what_shares_nothing_else() -> None:
    """As docs/stories.md says."""
    group = GroupSettings()
    scorer = replace(shipped(), meaning=MeaningTerm(group.embeddings_weight, group.embeddings_centre))
    nothing = np.array([[float(name == "one") for name in scoring.MEASURES]])
    for kind, same, full in itertools.product(("join", "merge"), (True, False), (0.0, 0.5, 1.0)):
        assert scorer.score(kind, [same], nothing, full, np.ones(1))[0] < scorer.bar(kind, full)


# --- what is read, and when -----------------------------------------------------------------------


def test_title_and_beginning_are_read_once_for_each_revision(make: Make) -> None:
    model = ByWord()
    grouper = fresh(model)
    first = make("Wolves\n" + " ".join(f"w{i}" for i in range(200)), "en", "2022-05-17")
    grouper.place(first)
    assert len(model.asked) == 1
    assert model.asked[0].split() == ["Wolves", *(f"w{i}" for i in range(60))]
    again = grouper.place(replace(first, title="Comet", ordinal=2))
    assert len(model.asked) == 2
    assert again.meaning == pack(read(ByWord(), [make("Comet", "en", "2022-05-17")])[0])
    # From now on the story says what its article says now.
    assert grouper.place(make("Telescope", "en", "2022-05-18")).story == again.story


def test_a_derived_title_is_not_read_twice(make: Make) -> None:
    model = ByWord()
    fresh(model).place(make("Wolves came\nWolves came by night.", "en", "2022-05-17", title_given=False))
    assert model.asked == ["Wolves came by night."]


def test_what_was_grouped_without_a_vector_is_weighed_by_words(make: Make) -> None:
    first, later = make(WOLVES, "en", "2022-05-17"), make(RUDEL, "de", "2022-05-18")
    grouper = fresh(ByWord())
    placed = fresh().place(first)
    assert placed.meaning is None
    grouper.restore([member_of(fresh_with(first), first, placed)])
    assert grouper.place(later).new_story


def fresh_with(article: Article) -> Grouper:
    grouper = fresh()
    grouper.place(article)
    return grouper


def test_a_restart_changes_nothing(make: Make, news: SimpleNamespace) -> None:
    articles = stream(make, news)
    joined = set()
    for cut in range(len(articles)):
        live = fresh(ByWord())
        placed = [live.place(a) for a in articles[:cut]]
        kept = [member_of(live, a, p) for a, p in zip(articles, placed, strict=False)]
        restarted = Grouper(live.next_story, live.next_storyline, (), replace(shipped(), meaning=TERM), ByWord())
        restarted.restore(reversed(kept))
        told = [live.place(a) for a in articles[cut:]]
        assert [restarted.place(a) for a in articles[cut:]] == told
        touched = {live.member(a.id).story for a in articles}
        assert restarted.review(touched) == live.review(touched)
        assert [restarted.member(a.id) for a in articles] == [live.member(a.id) for a in articles]
        joined |= {"meaning" in p.why for p in told}
    assert joined == {True, False}


# --- vectors --------------------------------------------------------------------------------------

numbers = st.lists(st.floats(-1, 1, width=32), min_size=12, max_size=12)


@given(numbers)
def test_a_vector_is_stored_as_it_is_used(values: list[float]) -> None:
    made = whole(np.array(values))
    back = unpack(pack(made))
    if made is None:
        assert back is None
        assert pack(made) == b""
    else:
        assert back is not None
        assert back.tolist() == made.tolist()
        assert len(pack(made)) == 24
        assert abs(float(np.linalg.norm(made)) - LENGTH) < 12


def test_no_direction_is_no_vector() -> None:
    for values in ([0.0, 0.0], [float("nan"), 1.0], [float("inf"), 1.0]):
        assert whole(np.array(values)) is None
    assert total([None, None]) is None
    assert np.isnan(cosines(None, [whole(np.ones(2))])).all()
    assert np.isnan(cosines(whole(np.ones(2)), [None])).all()
    opposite = [whole(np.array([1.0, 0.0])), whole(np.array([-1.0, 0.0]))]
    assert np.isnan(cosines(opposite[0], [total(opposite)])).all()


@settings(max_examples=up_to(30), deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([8, 256, 1024, 3000]))
def test_products_are_exact_in_single_precision(seed: int, width: int) -> None:
    """What makes the search independent of the order in which a library adds up."""
    chance = np.random.default_rng(seed)
    base = chance.normal(size=width)
    rows = [whole(base + spread * chance.normal(size=width)) for spread in (0.0, 0.01, 0.3, 3.0)]
    table = np.array(rows, dtype=np.float32)
    exact = np.array(rows, dtype=np.int64) @ np.array(rows[0], dtype=np.int64)
    assert (table @ table[0]).astype(np.int64).tolist() == exact.tolist()
    order = chance.permutation(width)
    assert (table[:, order] @ table[0, order]).tolist() == exact.tolist()


@settings(max_examples=up_to(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_the_nearest_are_those_that_a_full_search_finds(data: st.DataObject, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meanings, "_COMPARED", 10_000)
    few = st.lists(st.integers(-1, 1), min_size=3, max_size=3).filter(any)
    held = data.draw(st.dictionaries(st.integers(1, 60), st.tuples(st.floats(4, 9), few), max_size=40))
    query = whole(np.array(data.draw(few), dtype=float))
    assert query is not None
    limit = data.draw(st.integers(1, 12))
    index, other = Nearby(), Nearby()
    vectors = {a: whole(np.array(v, dtype=float)) for a, (_, v) in held.items()}
    for article, (day, _) in held.items():
        index.add(article, day, vectors[article])  # type: ignore[arg-type]
    for article in data.draw(st.permutations(list(held))):
        other.add(article, held[article][0], vectors[article])  # type: ignore[arg-type]
    gone = data.draw(st.sets(st.sampled_from(sorted(held)))) if held else set()
    for article in gone:
        index.remove(article, held[article][0])
        other.remove(article, held[article][0])
    left = {a: int(vectors[a].astype(int) @ query.astype(int)) for a in held if a not in gone}  # type: ignore[union-attr]
    inside = [a for a in left if 5 <= int(held[a][0]) <= 7 and left[a] > 0]
    expected = sorted(inside, key=lambda a: (-left[a], a))[:limit]
    assert index.nearest(query, 5.0, 7.0, limit) == other.nearest(query, 5.0, 7.0, limit) == expected


def test_the_search_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of many articles the nearest days, and of one day those with the highest ids, whatever the order."""
    monkeypatch.setattr(meanings, "_COMPARED", 5)
    vector = whole(np.array([1.0, 0.0]))
    assert vector is not None
    for order in (range(1, 31), range(30, 0, -1)):
        index = Nearby()
        for article in order:
            index.add(article, 10.0 + article % 3, vector)
        assert index.nearest(vector, 1.0, 21.0, 30) == [18, 21, 24, 27, 30]


def test_the_older_id_is_first_among_equals() -> None:
    vector = whole(np.array([1.0, 0.0]))
    assert vector is not None
    for order in ((1, 2, 3, 4), (4, 3, 2, 1), (3, 1, 4, 2)):
        index = Nearby()
        for article in order:
            index.add(article, 10.5, vector)
        assert index.nearest(vector, 10.0, 11.0, 3) == [1, 2, 3]
