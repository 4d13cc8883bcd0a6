"""A stored view says what the view said, whatever was in it; and what does not fit is kept for the web."""

from __future__ import annotations

import zlib
from dataclasses import replace
from datetime import UTC

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest.compose import beyond
from digest.compose.fit import smaller
from digest.compose.kept import Shelf
from digest.compose.stored import pack, texts, unpack
from digest.errors import DigestError
from digest.model.dates import PartialDate, Precision
from digest.model.edition import DateGroup, Edition, Entry, Section, View
from tests.support import fixed_view
from tests.support.examples import up_to

_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
_INSTANT = st.datetimes(timezones=st.just(UTC))
_DATE = st.builds(PartialDate, _INSTANT, st.sampled_from(Precision))
st.register_type_strategy(str, _TEXT)
st.register_type_strategy(PartialDate, _DATE)
_FLOAT = st.floats(allow_nan=False, allow_infinity=False)
_ENTRY = st.builds(Entry, score=_FLOAT)
_GROUP = st.builds(DateGroup, entries=st.lists(_ENTRY, max_size=2).map(tuple))
_SECTIONS = st.lists(st.builds(Section, groups=st.lists(_GROUP, max_size=2).map(tuple)), max_size=2).map(tuple)
_EDITION = st.builds(
    Edition, slot=st.datetimes(), due=_INSTANT, cut_at=_INSTANT, covers_from=st.none() | _INSTANT,
    approve_by=st.none() | _INSTANT,
)  # fmt: skip
_VIEWS = st.builds(
    View, edition=_EDITION, sections=_SECTIONS, beyond=_SECTIONS, uncut=st.lists(_ENTRY, max_size=2).map(tuple)
)


@settings(max_examples=up_to(60), deadline=None, suppress_health_check=list(HealthCheck))
@given(_VIEWS)
def test_any_view_comes_back_as_it_was(view: View) -> None:
    assert unpack(pack(view)) == view


def test_it_is_small_and_its_words_can_be_looked_for() -> None:
    packed = pack(fixed_view.view("nl"))
    assert len(packed) < 3000
    said = texts(packed)
    assert "De aannemer had twee jaar nodig om het staal te vervangen." in said
    assert "https://example.org/4" in said.splitlines()


def test_what_a_later_version_adds_is_read_over_and_what_an_earlier_one_lacks_is_filled_in() -> None:
    view = fixed_view.view("nl")
    held = msgspec.json.decode(zlib.decompress(pack(view)))
    held["view"]["new"] = [{"some": "thing"}]
    del held["view"]["beyond"], held["view"]["uncut"]
    assert unpack(zlib.compress(msgspec.json.encode(held))) == view


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        (lambda b: b[:-9], "damaged"),
        (lambda _: b"", "damaged"),
        (lambda _: zlib.compress(b"[]"), "damaged"),
        (lambda _: zlib.compress(b'{"version": 1, "view": {"sections": 3}}'), "damaged"),
        (lambda _: zlib.compress(b'{"version": 2, "view": {}}'), "a newer digest"),
    ],
)
def test_what_cannot_be_read_is_told(damage, why: str) -> None:
    with pytest.raises(DigestError, match=why):
        unpack(damage(pack(fixed_view.view("nl"))))


# --- what the mail had no room for --------------------------------------------------------------------


def _entries(sections: tuple[Section, ...]) -> list[Entry]:
    return [e for s in sections for g in s.groups for e in g.entries]


def test_shortening_loses_nothing_of_the_copy() -> None:
    whole = fixed_view.view("nl")
    seen = list(smaller(whole, Shelf()))
    assert seen[0] == whole
    assert len(seen[-1].entries) == 1
    for view in seen:
        shown = [*_entries(beyond.uncut(view)), *_entries(view.beyond)]
        assert sorted(shown, key=lambda e: e.story) == sorted(whole.entries, key=lambda e: e.story)
        assert len(_entries(view.beyond)) == view.more - whole.more
    assert any(view.uncut for view in seen), "nothing was ever cut: this tests nothing"


def test_topics_and_days_of_both_are_joined_and_the_leftovers_stay_last() -> None:
    first, second, third = (replace(fixed_view.TRAIN, story=n) for n in (1, 2, 3))
    day, month = fixed_view.TRAIN.date, fixed_view.MOSS.date

    def section(topic: str, label: PartialDate, *entries: Entry) -> Section:
        return Section(topic, topic, (DateGroup(label, entries),))

    view = replace(fixed_view.view("nl"), sections=(section("sport", day, first),))
    whole = replace(
        view,
        sections=(*view.sections, section("other", day, second)),
        beyond=(section("other", day, third), section("other-topic", month, replace(first, story=4))),
    )
    made = beyond.with_rest(view, whole)
    assert [(s.topic, [e.story for e in s.entries]) for s in made.beyond] == [("other-topic", [4]), ("other", [2, 3])]
    assert len(made.beyond[1].groups) == 1
