"""Which variant of an edition the archive shows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from digest.audience.archiving import by_language, shown
from digest.model.archive import Candidate

ZONE = "Europe/Brussels"
ONE = Candidate(1, 10, ZONE, "nl", datetime(2026, 3, 2, 6, tzinfo=UTC), readers=5, entries=8, whole=True)


def test_of_each_language_the_one_that_most_readers_had() -> None:
    rare, other = replace(ONE, variant=2, readers=4, entries=30), replace(ONE, variant=3, language="en", readers=1)
    assert by_language([rare, ONE, other], ZONE) == {"nl": ONE, "en": other}


def test_the_publications_own_zone_goes_before_any_number_of_readers() -> None:
    away = replace(ONE, variant=2, edition=11, zone="Asia/Tokyo", readers=900)
    assert by_language([away, ONE], ZONE)["nl"] == ONE
    assert by_language([away], ZONE)["nl"] == away, "a language that is read elsewhere alone"


def test_all_topics_go_before_a_choice_of_them_whoever_had_it() -> None:
    chosen = replace(ONE, variant=2, readers=900, entries=30, whole=False)
    away = replace(ONE, variant=3, edition=11, zone="Asia/Tokyo", readers=1)
    assert by_language([chosen, away], ZONE)["nl"] == away
    assert by_language([chosen], ZONE)["nl"] == chosen


def test_where_as_many_had_several_the_one_that_tells_most_and_always_the_same() -> None:
    fuller, twin = replace(ONE, variant=7, entries=9), replace(ONE, variant=2)
    assert by_language([ONE, twin, fuller], ZONE)["nl"] == fuller
    assert by_language([twin, ONE], ZONE) == by_language([ONE, twin], ZONE) == {"nl": ONE}


def test_the_visitors_language_then_the_one_that_is_read_most() -> None:
    offered = by_language([ONE, replace(ONE, variant=2, language="en", readers=9)], ZONE)
    assert shown(offered, ["fr", "nl", "en"]).language == "nl"
    assert shown(offered, ["fr"]).language == "en"
    assert shown(offered, []).language == "en"
