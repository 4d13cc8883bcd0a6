"""The inverted index beside a plain one: sorted lists of (day, article)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.group import centroids
from digest.group.centroids import Centroids
from digest.group.corpus import Corpus
from digest.group.features import extract
from digest.group.postings import Postings
from digest.group.records import Member

FEATURES = 4


@st.composite
def courses(draw: st.DrawFn) -> list[tuple[int, float, frozenset[int]]]:
    """Articles with a day and features each; days repeat and do not come in order. Drawn twice: taken out again."""
    steps = st.tuples(
        st.integers(0, 12),
        st.sampled_from([0.0, 1.0, 1.5, 7.0]),
        st.frozensets(st.integers(0, FEATURES - 1), min_size=1),
    )
    return draw(st.lists(steps, max_size=40))


@given(courses(), st.sampled_from([-1.0, 0.0, 1.2, 9.0]), st.integers(1, 6))
def test_it_holds_what_a_plain_index_holds(
    course: list[tuple[int, float, frozenset[int]]], day: float, most: int
) -> None:
    postings, plain = Postings(), {}
    assert [postings.new() for _ in range(FEATURES)] == list(range(FEATURES))
    assert len(postings) == FEATURES
    for article, when, features in course:
        if article in plain:
            postings.remove(article, plain.pop(article)[1])
        else:
            plain[article] = (when, features)
            postings.add(article, when, features)
        for feature in range(FEATURES):
            expected = sorted((plain[a][0], a) for a in plain if feature in plain[a][1])
            assert list(postings.of(feature)) == [a for _, a in expected]
            near = list(postings.around(feature, day, most))
            assert near == [a for _, a in expected if a in near], "in order, from one stretch"
            assert len(near) == min(most, len(expected))
            if len(expected) > most and near:
                before = sum(when < day for when, _ in expected)
                start = min(max(0, before - most // 2), len(expected) - most)
                assert near == [a for _, a in expected[start : start + most]]


def test_vectors_of_stories_make_room_for_others(make: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was dropped is made again, and is the same."""
    monkeypatch.setattr(centroids, "_KEPT", 3)
    corpus = Corpus()
    kept = Centroids(corpus)
    pairs = {}
    for story in range(8):
        article = make(f"Harbour Mile number {story * 7919} opens in Ostmoor", "en", "2022-05-17")  # type: ignore[operator]
        document = corpus.read(extract(article), article.published, "en")
        pairs[story] = (Member(story, story, story, article.published, "en", "", b"", extract(article)), document)
    first = [kept.of(story, "en", lambda story=story: [pairs[story]]) for story in pairs]
    assert len(kept._kept) == 3
    for story, before in enumerate(first):
        again = kept.of(story, "en", lambda story=story: [pairs[story]])
        assert again.ids.tolist() == before.ids.tolist()
        assert again.counts.tolist() == before.counts.tolist()
