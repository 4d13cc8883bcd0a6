"""Stories and storylines: what joins, what must not, and that a restart changes nothing."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from dataclasses import replace
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest.group import merging
from digest.group.features import Features, extract
from digest.group.grouper import Grouper
from digest.group.records import Member, Placement, Review
from digest.group.topics import default_topics
from digest.model.article import Article
from tests.support.examples import up_to

Make = Callable[..., Article]


def fresh() -> Grouper:
    return Grouper(1, 1, default_topics())


def place_all(articles: Iterable[Article]) -> tuple[Grouper, list[Placement]]:
    grouper = fresh()
    return grouper, [grouper.place(a) for a in articles]


def stream(make: Make, news: SimpleNamespace) -> list[Article]:
    """Out of date order and years apart, like real arrivals."""
    return [
        make(news.trial["nl"], "nl", "2024-03-11"),
        make(news.bridge["de"], "de", "2022-05-17"),
        make(news.budget, "nl", "2022-05-19"),
        make(news.bridge["nl"], "nl", "2022-05"),
        make(news.elsewhere, "en", "2022-05-18"),
        make(news.trial["en"], "en", "2024-03-12"),
        make(news.bridge["it"], "it", "2022-05-17"),
        make(news.bridge["en"], "en", "2022-05-18"),
    ]


def final(grouper: Grouper, articles: list[Article]) -> list[tuple[int, int]]:
    return [(grouper.member(a.id).story, grouper.member(a.id).storyline) for a in articles]


def test_one_event_in_four_languages_is_one_story(make: Make, news: SimpleNamespace) -> None:
    _, placements = place_all(make(text, language, "2022-05-17") for language, text in news.bridge.items())
    assert {p.story for p in placements} == {1}
    assert [p.new_story for p in placements] == [True, False, False, False]
    assert "likeness" in placements[1].why


def test_a_later_event_is_a_new_story_of_the_same_storyline(make: Make, news: SimpleNamespace) -> None:
    _, (first, later) = place_all(
        [make(news.bridge["nl"], "nl", "2022-05-17"), make(news.trial["nl"], "nl", "2024-03-11")]
    )
    assert later.new_story
    assert not later.new_storyline
    assert later.storyline == first.storyline
    assert "continues article" in later.why


def test_the_same_actors_in_another_affair_stay_apart(make: Make, news: SimpleNamespace) -> None:
    articles = stream(make, news)
    grouper, _ = place_all(articles)
    grouper.review()
    bridge, budget = grouper.member(articles[1].id), grouper.member(articles[2].id)
    assert bridge.story != budget.story


def test_the_same_kind_of_event_elsewhere_stays_apart(make: Make, news: SimpleNamespace) -> None:
    articles = stream(make, news)
    grouper, _ = place_all(articles)
    grouper.review()
    here, elsewhere = grouper.member(articles[7].id), grouper.member(articles[4].id)
    assert here.story != elsewhere.story
    assert here.storyline != elsewhere.storyline


def test_two_people_of_one_name_stay_apart(make: Make, news: SimpleNamespace) -> None:
    runner = """Brakel wins the Harbour Mile in Tessport
Runner Lise Brakel won the Harbour Mile in Tessport on Sunday in 4:21, ahead of the favourite Mona Okafor."""
    engineer = make(news.bridge["en"], "en", "2022-05-18")
    _, placements = place_all([engineer, make(runner, "en", "2022-05-18")])
    assert placements[1].new_storyline


def test_near_duplicates_join_by_their_signature(make: Make) -> None:
    signature = bytes(range(64))
    nearly = signature[:-4] + b"\xff\xff\xff\xff"
    _, placements = place_all(
        [
            make("Kurz notiert", "de", "2022-05-17", signature=signature),
            make("In Kürze", "de", "2022-05-18", signature=nearly),
            make("Gänzlich anderes", "de", "2022-05-18", signature=bytes(64)),
        ]
    )
    assert [p.story for p in placements] == [1, 1, 2]
    assert "nearly the same text" in placements[1].why


def test_the_same_text_years_later_is_another_story(make: Make, news: SimpleNamespace) -> None:
    _, placements = place_all(
        make(news.bridge["en"], "en", date, signature=bytes(64)) for date in ("2019-05-17", "2022-05-17")
    )
    assert placements[1].new_story


def test_a_month_is_an_interval(make: Make, news: SimpleNamespace) -> None:
    same_month = [make(news.bridge["nl"], "nl", "2022-05"), make(news.bridge["de"], "de", "2022-05-29")]
    _, placements = place_all(same_month)
    assert placements[0].story == placements[1].story
    _, placements = place_all([make(news.bridge["nl"], "nl", "2022-05"), make(news.bridge["de"], "de", "2022-07-29")])
    assert placements[0].story != placements[1].story


def test_a_revision_stays_in_its_story(make: Make, news: SimpleNamespace) -> None:
    first = make(news.bridge["nl"], "nl", "2022-05-17")
    grouper, _ = place_all([first])
    again = grouper.place(
        replace(first, paragraphs=(*first.paragraphs, "Een derde bestuurder wordt vermist."), ordinal=2)
    )
    assert (again.story, again.new_story, again.new_storyline) == (1, False, False)
    assert grouper.story_profile(1).articles == (first.id,)
    assert again.features != grouper.place(first).features


def test_a_restart_changes_nothing(make: Make, news: SimpleNamespace) -> None:
    articles = stream(make, news)
    for cut in range(len(articles)):
        live, _ = place_all(articles[:cut])
        kept = [grouper_member(live, a) for a in articles[:cut]]
        restarted = Grouper(live.next_story, live.next_storyline, default_topics())
        restarted.restore(reversed(kept))
        assert [restarted.place(a) for a in articles[cut:]] == [live.place(a) for a in articles[cut:]]
        touched = {grouper_member(live, a).story for a in articles}
        assert restarted.review(touched) == live.review(touched)
        assert final(restarted, articles) == final(live, articles)


def grouper_member(grouper: Grouper, article: Article) -> Member:
    """As the store keeps it: features through JSON."""
    member = grouper.member(article.id)
    return replace(member, features=Features.from_json(extract(article).to_json()))


def test_it_decides_the_same_each_time(make: Make, news: SimpleNamespace) -> None:
    articles = stream(make, news)
    assert place_all(articles)[1] == place_all(articles)[1]


def test_merges_keep_the_older_id_and_lose_nobody(make: Make, news: SimpleNamespace) -> None:
    articles = stream(make, news)
    for order in itertools.islice(itertools.permutations(articles), 0, None, 1501):
        grouper, placements = place_all(order)
        before = {p.article for p in placements}
        for merge in grouper.review().merges:
            assert merge.winner < merge.loser
            assert merge.kind in {"story", "storyline"}
            assert merge.why
        stories = {grouper.member(a).story for a in before}
        held = [a for s in sorted(stories) for a in grouper.story_profile(s).articles]
        assert sorted(held) == sorted(before)
        assert grouper.review() == Review((), ())


def test_the_merge_pass_joins_stories_that_a_later_article_bridges(make: Make, news: SimpleNamespace) -> None:
    articles = stream(make, news)
    grouper, _ = place_all(articles)
    grouper.review()
    profiles = {grouper.story_profile(grouper.member(articles[i].id).story).id for i in (1, 3, 6, 7)}
    assert len(profiles) == 1
    lines = {grouper.member(articles[i].id).storyline for i in (0, 1, 3, 5, 6, 7)}
    assert len(lines) == 1


@pytest.mark.parametrize(("other_side", "merges"), [(9.0, 1), (-9.0, 0)])
def test_both_sides_are_asked_before_stories_merge(
    make: Make, monkeypatch: pytest.MonkeyPatch, other_side: float, merges: int
) -> None:
    """What one of two stories takes for the same event, the other may not."""
    monkeypatch.setattr(merging, "measure_pair", lambda *_: (other_side, 0.0))
    grouper = fresh()
    text = "Maira Dunvale opened the Ostmoor bridge {}, and 4,000 people came to see it. The council had paid for it."
    told = [make("The bridge is open\n" + text.format(when), "en", "2022-05-17") for when in ("at noon", "on Tuesday")]
    grouper.restore(Member(a.id, number, 1, a.published, "en", "", b"", extract(a)) for number, a in enumerate(told, 1))
    assert len(grouper.review(recheck=[1, 2]).merges) == merges


def test_a_profile_tells_dates_languages_and_lead(make: Make, news: SimpleNamespace) -> None:
    articles = [make(news.bridge["nl"], "nl", "2022-05-18"), make(news.bridge["de"], "de", "2022-05-17")]
    grouper, _ = place_all(articles)
    profile = grouper.story_profile(1)
    assert (profile.first, profile.last) == (articles[1].published, articles[0].published)
    assert profile.languages == ("de", "nl")
    assert profile.lead == grouper.lead(1)
    assert profile.lead in profile.articles
    assert profile.topics[0] == "disaster-accident"


def test_articles_without_any_features_each_stand_alone(make: Make) -> None:
    _, placements = place_all([make("…", "und", "2022-05-17"), make("", "nl", "2022-05-17"), make("的", "zh", "2022")])
    assert [p.story for p in placements] == [1, 2, 3]


@settings(max_examples=up_to(40), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_every_article_is_in_exactly_one_story(make: Make, data: st.DataObject) -> None:
    words = ["Valkenrade", "Dewolf", "Brakel", "Oster", "bridge", "court", "the", "48", "1931", "Caldermouth", "goal"]
    texts = data.draw(st.lists(st.lists(st.sampled_from(words), max_size=12), min_size=1, max_size=15))
    dates = st.sampled_from(["2022", "2022-05", "2022-05-17", "2022-05-20", "2024-03-11"])
    articles = [make(" ".join(t), "en", data.draw(dates)) for t in texts]
    grouper, placements = place_all(articles)
    grouper.review()
    held: list[int] = []
    for story in {grouper.member(p.article).story for p in placements}:
        profile = grouper.story_profile(story)
        assert all(grouper.member(a).storyline == profile.storyline for a in profile.articles)
        held += profile.articles
    assert sorted(held) == [a.id for a in articles]


def test_a_story_is_a_matter_of_days(make: Make, news: SimpleNamespace) -> None:
    """However alike: three weeks later it is another event, of the same storyline."""
    _, near = place_all(make(news.bridge["en"], "en", date) for date in ("2022-05-17", "2022-05-20"))
    assert not near[1].new_story
    _, far = place_all(make(news.bridge["en"], "en", date) for date in ("2022-05-17", "2022-06-07"))
    assert far[1].new_story
    assert far[1].storyline == far[0].storyline
