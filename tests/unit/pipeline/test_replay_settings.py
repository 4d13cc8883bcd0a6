"""What `edition replay --set` takes, and what is kept of those whom a variant was made for."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import UsageError
from digest.model.publication import Failing
from digest.model.ranges import Ranges
from digest.pipeline import made_for, replay_settings
from digest.pipeline.compose import Group


def test_the_publications_keys_are_told_from_the_settings() -> None:
    said = replay_settings.read(
        ["max_entries=5", "publication.topics = sport, health", "summary.words=30", "from=a@b.c"]
    )
    assert said.publication == {"max_entries": "5", "topics": "sport, health", "sender": "a@b.c"}
    assert said.settings == {"summary.words": "30"}


def test_the_last_word_counts_and_a_value_may_have_any_signs() -> None:
    said = replay_settings.read(["title=a=b", "max_entries=1", "max_entries=2", "topics="])
    assert said.publication == {"title": "a=b", "max_entries": "2", "topics": ""}


@pytest.mark.parametrize("key", ["name", "id", "cadences", "zone", "late", "catch_up_days", "uncertain", "paused"])
def test_what_shapes_no_edition_is_refused(key: str) -> None:
    with pytest.raises(UsageError, match="changes nothing in an edition that was made"):
        replay_settings.read([f"publication.{key}=1"])


def test_every_key_that_is_offered_is_taken() -> None:
    keys = replay_settings.publication_keys()
    assert {"max_entries", "topics", "look", "title", "nothing_new", "language", "from"} <= set(keys)
    assert len(replay_settings.read([f"{key}=1" for key in keys]).publication) == len(keys)


spans = st.lists(st.tuples(st.integers(1, 50), st.integers(1, 50)), max_size=3).map(Ranges.of)
names = st.sampled_from(["sport", "politics", "other", "Über-Thema"])
failings = st.builds(
    Failing,
    st.lists(st.tuples(st.integers(1, 9), st.text(max_size=5), st.just(datetime(2026, 3, 2, 5, tzinfo=UTC)))).map(
        tuple
    ),
    st.integers(0, 99),
)
groups = st.builds(
    Group,
    language=st.just("nl"),
    zone=st.just("Europe/Brussels"),
    cadence=st.sampled_from(["day", "week"]),
    topics=st.lists(names, max_size=3).map(tuple),
    waivers=st.lists(st.tuples(names, spans), max_size=3).map(tuple),
    ranges=spans,
    failing=st.none() | failings,
)


@given(groups, st.frozensets(st.integers(1, 99)))
def test_whom_a_variant_was_made_for_is_known_again(group: Group, held: frozenset[int]) -> None:
    said = json.loads(json.dumps(made_for.kept(group, held)))
    assert made_for.group_of(said, group.language, group.zone, group.ranges) == (group, held)
