"""The same article again, whatever a site does to its ids, links, dates and texts: see docs/articles.md."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest.model.article import Article, RawArticle, Standing
from digest.model.dates import PartialDate, Precision
from digest.pipeline import fetching, group, intake
from digest.pipeline import sources as source_pipeline
from digest.pipeline.ingest_report import IngestReport
from digest.store import articles
from digest.store import tables as t
from tests.support import home
from tests.support.home import House
from tests.support.polled import Wire, wired

Counts = tuple[int, int, int, int]


@pytest.fixture
def wire(house: House, monkeypatch: pytest.MonkeyPatch) -> Wire:
    """With a feed that was fetched once, empty. What it gives is normalised right here, which is quicker."""
    made = wired(house, monkeypatch, "https://old.example/feed")
    fetch(house, made)
    return made


def fetch(house: House, wire: Wire, *gives: RawArticle) -> Counts:
    """New, updated, known, held."""
    wire.gives = list(gives)
    house.clock.go(hours=1)
    found = fetching.fetch(house.services, everything=True)
    assert not found.failed
    report: IngestReport = found.articles
    return report.new, report.updated, report.known, report.held


def stored(house: House, **where: str) -> list[Article]:
    with house.services.database.read() as connection:
        return articles.listing(connection, **where)  # type: ignore[arg-type]


def entries(house: House, count: int = 12, *, first: int = 1) -> list[RawArticle]:
    now = house.clock()
    return [linked(home.raw(n, now, days_old=n / 10), f"https://old.example/{n}") for n in range(first, first + count)]


def linked(article: RawArticle, url: str) -> RawArticle:
    return dataclasses.replace(article, url=url)


def short(house: House, number: int, title: str = "Weather report", hours_old: float = 0) -> RawArticle:
    date = PartialDate(house.clock() - timedelta(hours=hours_old), Precision.MINUTE)
    url = f"https://old.example/w/{number}"
    return RawArticle(text="", origin="feed", identity=f"id:w{number}", title=title, date=date, url=url, language="en")


# --- what a site may do to all its entries at once ---------------------------------------------------


def new_ids(article: RawArticle) -> RawArticle:
    return dataclasses.replace(article, identity=f"id:new-{article.external_id}")


def new_domain(article: RawArticle) -> RawArticle:
    url = (article.url or "").replace("old.example", "www.new.example/story")
    return dataclasses.replace(new_ids(article), url=url)


def tracked(article: RawArticle) -> RawArticle:
    return dataclasses.replace(new_ids(article), url=f"{article.url}?utm_source=rss&utm_medium={article.external_id}")


def footer(article: RawArticle) -> RawArticle:
    return dataclasses.replace(
        article,
        text=f"{article.text}\n\nSubscribe to the Hollis Letter: all of the county in your mailbox each morning.",
    )


def counter(article: RawArticle) -> RawArticle:
    return dataclasses.replace(article, text=f"{article.text} {len(article.text) * 37} people looked at this.")


def retouched(article: RawArticle) -> RawArticle:
    return dataclasses.replace(article, text=article.text.replace("many guests", "a great many guests"))


def rewritten(article: RawArticle) -> RawArticle:
    return dataclasses.replace(article, text=f"A word on {article.title} and on nothing else is all that is left here.")


@pytest.mark.parametrize("first", [True, False])
def test_an_id_given_twice_beside_an_entry_without_one(house: House, wire: Wire, first: bool) -> None:
    """Two under one id go by their addresses, and a third had the address of one of them all along."""
    if not first:
        fetch(house, wire, home.raw(9, house.clock()))
    one, two, three = (home.raw(n, house.clock()) for n in (1, 2, 3))
    page = "https://old.example/page"
    found = [
        dataclasses.replace(one, identity="id:1", url=page),
        dataclasses.replace(two, identity="id:1", url="https://old.example/2"),
        dataclasses.replace(three, identity=f"url:{page}", url=page),
    ]
    assert fetch(house, wire, *found) == (3, 0, 0, 0)
    assert fetch(house, wire, *found) == (0, 0, 3, 0)
    assert fetch(house, wire, *reversed(found)) == (0, 0, 3, 0)


def test_new_ids_are_looked_for_among_the_last_articles(
    house: House, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "_LEAST_RECENT", 0)
    old = entries(house)
    fetch(house, wire, *old)
    assert fetch(house, wire, *(counter(new_domain(article)) for article in old[-2:])) == (0, 2, 0, 0)
    assert fetch(house, wire, *(counter(new_domain(article)) for article in old[:2])) == (2, 0, 0, 0), "as documented"


def test_of_two_that_are_nearly_the_same_as_one_that_is_gone_one_is_it(house: House, wire: Wire) -> None:
    (old,) = entries(house, 1)
    more = " ".join(home.word(n) for n in range(100, 200))
    old = dataclasses.replace(old, text=f"{old.text} Asked were {more}.")
    fetch(house, wire, old)
    two = [
        dataclasses.replace(old, identity=f"id:n{n}", title=f"{word} asks all", text=f"{old.text} {word}.", url=None)
        for n, word in enumerate(("Kemlov", "Garhox"))
    ]
    assert fetch(house, wire, *two) == (1, 1, 0, 0)


def test_what_is_news_does_not_take_the_place_of_what_is_held(house: House, wire: Wire) -> None:
    fetch(house, wire, *entries(house, 3))
    flood = [home.raw(n, house.clock(), days_old=30) for n in range(20, 50)]
    assert fetch(house, wire, *flood)[3] == 30
    today = home.raw(20, house.clock(), version=2)
    assert fetch(house, wire, today) == (0, 1, 0, 0)
    (article,) = [article for article in stored(house) if article.identity == today.identity]
    assert (article.ordinal, article.standing) == (2, Standing.NEWS)
    assert article.published == flood[0].date, "the first date"


@pytest.mark.parametrize("change", [new_ids, new_domain, tracked])
def test_new_ids_for_all_are_no_news(house: House, wire: Wire, change: object) -> None:
    old = entries(house)
    assert fetch(house, wire, *old) == (12, 0, 0, 0)
    keys = {article.key for article in stored(house)}
    moved = [change(article) for article in old]  # type: ignore[operator]
    assert fetch(house, wire, *moved) == (0, 0, 12, 0)
    assert fetch(house, wire, *moved) == (0, 0, 12, 0)
    assert {article.key for article in stored(house)} == keys
    # From now on they go by their new ids: an update is known for what it is.
    update = dataclasses.replace(home.raw(3, house.clock(), version=5), identity=moved[2].identity, url=moved[2].url)
    assert fetch(house, wire, *moved[:2], update, *moved[3:]) == (0, 1, 11, 0)
    assert fetch(house, wire, *old) == (0, 0, 12, 0), "and back again"


@pytest.mark.parametrize("ids", [new_ids, new_domain, tracked])
@pytest.mark.parametrize("text", [footer, counter, retouched, rewritten])
def test_new_ids_and_other_words_are_held_and_shown(house: House, wire: Wire, ids: object, text: object) -> None:
    old = entries(house)
    fetch(house, wire, *old)
    moved = [text(ids(article)) for article in old]  # type: ignore[operator]
    fresh = linked(home.raw(50, house.clock()), "https://www.new.example/story/50")
    new, updated, known, held = fetch(house, wire, fresh, *moved)
    assert (new, updated) == (1, 0)
    assert known + held == 12
    assert len(stored(house)) == 13, "no article twice"
    assert fetch(house, wire, fresh, *moved) == (0, 0, 13, 0), "the same again changes nothing"
    assert source_pipeline.show(house.services, "wire").held == held
    assert source_pipeline.release(house.services, "wire") == held
    assert fetch(house, wire, fresh, *moved) == (0, 0, 13, 0)
    assert source_pipeline.show(house.services, "wire").held == 0


def test_a_footer_under_new_ids_changes_nothing(house: House, wire: Wire) -> None:
    old = entries(house)
    fetch(house, wire, *old)
    assert fetch(house, wire, *(footer(new_domain(article)) for article in old)) == (0, 0, 12, 0)


def test_what_changes_at_each_fetch_does_not_pile_up(house: House, wire: Wire) -> None:
    old = entries(house)
    fetch(house, wire, *old)
    for n in range(6):
        fetch(
            house,
            wire,
            *(
                dataclasses.replace(a, identity=f"id:{n}-{a.external_id}", text=f"{a.text} Seen {n * 7 + 3} times.")
                for a in old
            ),
        )
    with house.services.database.read() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(t.revision)).scalar_one() <= 24
    assert len(stored(house)) == 12
    source_pipeline.release(house.services, "wire")
    group.group(house.services)
    with house.services.database.read() as connection:
        found = articles.visible(connection, [a.id for a in stored(house)], 1000)
    assert all("Seen 38 times" in article.text for article in found.values()), "the last that was held"


def test_a_move_with_the_date_of_the_move(house: House, wire: Wire) -> None:
    old = entries(house)
    fetch(house, wire, *old)
    today = PartialDate(house.clock(), Precision.MINUTE)
    moved = [dataclasses.replace(retouched(new_domain(article)), date=today) for article in old]
    assert fetch(house, wire, *moved) == (0, 0, 0, 12)
    dates = {article.published for article in stored(house)}
    assert today not in dates, "each keeps its first date"


def test_of_a_churned_feed_what_should_have_come_before_is_held(house: House, wire: Wire) -> None:
    old = entries(house)
    fetch(house, wire, *old)
    house.clock.go(days=3)
    fetch(house, wire, *old)
    unknown = linked(home.raw(60, house.clock(), days_old=2), "https://www.new.example/story/60")
    fresh = linked(home.raw(61, house.clock()), "https://www.new.example/story/61")
    assert fetch(house, wire, fresh, unknown, *map(new_domain, old)) == (1, 0, 12, 1)
    (held,) = stored(house, standing="quarantined")
    assert held.identity == unknown.identity


def test_a_feed_whose_ids_never_hold_still_tells_its_news(house: House, wire: Wire) -> None:
    old = entries(house)
    for n in range(3):
        fetch(house, wire, *(dataclasses.replace(a, identity=f"id:{n}-{a.external_id}") for a in old))
    fresh = linked(home.raw(50, house.clock()), "https://old.example/50")
    update = linked(home.raw(2, house.clock(), version=4), "https://old.example/2")
    given = [fresh, old[0], update, *old[2:]]
    found = fetch(house, wire, *(dataclasses.replace(a, identity=f"id:x-{a.external_id}") for a in given))
    assert found == (1, 1, 11, 0)
    assert {a.standing for a in stored(house)[:10]} == {Standing.NEWS}


def test_ids_that_count_places_in_the_list(house: House, wire: Wire) -> None:
    def placed(given: Iterable[RawArticle]) -> list[RawArticle]:
        return [dataclasses.replace(article, identity=f"id:{n}") for n, article in enumerate(given)]

    old = entries(house)
    fetch(house, wire, *placed(old))
    for n in range(1, 4):
        fresh = linked(home.raw(50 + n, house.clock()), f"https://old.example/{50 + n}")
        old = [fresh, *old[:-1]]
        assert fetch(house, wire, *placed(old)) == (1, 0, 11, 0)
    assert len(stored(house)) == 15


# --- single entries ------------------------------------------------------------------------------------


def test_a_few_words_on_another_day_are_another_article(house: House, wire: Wire) -> None:
    given: list[RawArticle] = []
    for n in range(4):
        house.clock.go(days=1)
        given.insert(0, short(house, n))
        assert fetch(house, wire, *given) == (1, 0, n, 0)
    assert fetch(house, wire, *given) == (0, 0, 4, 0)


def test_a_few_words_on_the_same_day_are_the_same(house: House, wire: Wire) -> None:
    assert fetch(house, wire, short(house, 1)) == (1, 0, 0, 0)
    assert fetch(house, wire, short(house, 2, hours_old=1), short(house, 1)) == (0, 0, 2, 0)


def test_a_form_that_is_filled_in_each_day_is_news_each_day(house: House, wire: Wire) -> None:
    """Nearly the same text, the same title; but both stand in the feed, or they are of two days."""
    text = " ".join(f"Station {home.word(n)} measured {{}} metres at the lock of {home.word(n + 9)}." for n in range(9))
    given: list[RawArticle] = []
    for n in range(3):
        house.clock.go(days=1)
        article = dataclasses.replace(short(house, n, "Water levels"), text=text.format(*[n, *range(1, 9)]))
        given.insert(0, article)
        assert fetch(house, wire, *given[:2]) == (1, 0, min(n, 1), 0)


def test_the_same_page_with_another_headline_is_an_update(house: House, wire: Wire) -> None:
    first = linked(home.raw(1, house.clock()), "https://old.example/1")
    fetch(house, wire, first)
    again = dataclasses.replace(
        first, identity="id:1-second", title="All is told anew", text=f"{first.text} The bridge of Orme was closed too."
    )
    assert fetch(house, wire, again) == (0, 1, 0, 0)
    (article,) = stored(house)
    assert article.published == first.date
    assert article.ordinal == 2


def test_nearly_the_same_text_in_the_place_of_the_old_one_is_an_update(house: House, wire: Wire) -> None:
    """With a headline, a link and an id of its own: as where all three are made of the headline."""
    text = " ".join(f"Then {home.word(n)} and {home.word(n + 50)} went from the lock to the mill." for n in range(12))
    first = dataclasses.replace(entries(house, 1)[0], text=text)
    fetch(house, wire, first)
    again = dataclasses.replace(
        first,
        identity="id:1-b",
        title="All is told anew here",
        url="https://old.example/anew",
        text=f"{text} It rained.",
    )
    again = dataclasses.replace(again, date=PartialDate(house.clock(), Precision.MINUTE))
    assert fetch(house, wire, again) == (0, 1, 0, 0)
    other = dataclasses.replace(again, identity="id:1-c", title="One more of it", url="https://old.example/c")
    other = dataclasses.replace(other, text=f"{text} It rained and snowed.")
    assert fetch(house, wire, again, other) == (1, 0, 1, 0), "beside it, it is another one"


def test_pieces_of_one_live_page_are_articles_of_their_own(house: House, wire: Wire) -> None:
    for n in range(3):
        piece = linked(home.raw(n, house.clock()), f"https://old.example/live#post-{n}")
        assert fetch(house, wire, piece) == (1, 0, 0, 0)


def test_one_entry_under_two_ids_is_one_article_and_stays_so(house: House, wire: Wire) -> None:
    one = entries(house, 1)[0]
    other = dataclasses.replace(one, identity="id:1-sport", url="https://old.example/sport/1")
    assert fetch(house, wire, one, other) == (1, 0, 1, 0)
    assert fetch(house, wire, other, one) == (0, 0, 2, 0)
    # Both are updated, and the copy stands first.
    one, other = (dataclasses.replace(a, text=f"{a.text} The lock of Orme is shut.") for a in (one, other))
    assert fetch(house, wire, other, one) == (0, 1, 1, 0)
    assert fetch(house, wire, other, one) == (0, 0, 2, 0)
    assert fetch(house, wire, other) == (0, 0, 1, 0)
    assert fetch(house, wire, one) == (0, 0, 1, 0)
    # One is updated, and the copy stays behind.
    newer = dataclasses.replace(one, text=f"{one.text} The mill of Brill is open.")
    assert fetch(house, wire, other, newer) == (0, 1, 1, 0)
    assert fetch(house, wire, newer, other) == (0, 0, 2, 0)
    assert len(stored(house)) == 1


def test_the_same_entry_twice_in_one_body_counts_with_its_later_date(house: House, wire: Wire) -> None:
    old = home.raw(1, house.clock(), days_old=1)
    update = home.raw(1, house.clock(), version=2)
    assert fetch(house, wire, old, update, old) == (1, 0, 2, 0)
    assert home.token(1, 2) in stored(house)[0].title


def test_one_id_for_all_entries_is_none(house: House, wire: Wire) -> None:
    """As in feeds that write the site's address there, with or without links of their own."""
    linked_ones = [dataclasses.replace(a, identity="id:https://old.example/") for a in entries(house, 5)]
    bare = [dataclasses.replace(home.raw(n, house.clock()), identity="id:x", url="https://e.example/") for n in (7, 8)]
    assert fetch(house, wire, *linked_ones, *bare) == (7, 0, 0, 0)
    assert fetch(house, wire, *linked_ones, *bare) == (0, 0, 7, 0)
    assert fetch(house, wire, linked_ones[2]) == (0, 0, 1, 0)
    assert len(stored(house)) == 7


def test_an_id_that_is_given_to_another_article(house: House, wire: Wire) -> None:
    first = entries(house, 1)[0]
    fetch(house, wire, first)
    house.clock.go(days=9)
    second = dataclasses.replace(entries(house, 1, first=2)[0], identity=first.identity)
    assert fetch(house, wire, second) == (1, 0, 0, 0)
    assert fetch(house, wire, second) == (0, 0, 1, 0)
    assert len({article.key for article in stored(house)}) == 2
    assert {article.identity for article in stored(house)} == {first.identity, ""}
    third = dataclasses.replace(home.raw(2, house.clock(), version=3), identity=first.identity, url=second.url)
    assert fetch(house, wire, third) == (0, 1, 0, 0)
    assert len(stored(house)) == 2
    assert fetch(house, wire, first) == (0, 0, 1, 0), "the first one again, under its old id"


def test_a_new_headline_and_a_new_link_within_the_day_are_an_update(house: House, wire: Wire) -> None:
    first = entries(house, 1)[0]
    fetch(house, wire, first)
    later = dataclasses.replace(entries(house, 1, first=2)[0], identity=first.identity, date=first.date)
    assert fetch(house, wire, later) == (0, 1, 0, 0)


def test_dates_that_move_with_the_clock_change_nothing(house: House, wire: Wire) -> None:
    given = entries(house, 5)
    fetch(house, wire, *given)
    group.group(house.services)
    before = {article.identity: article.published for article in stored(house)}
    for _ in range(3):
        now = PartialDate(house.clock.go(days=1), Precision.MINUTE)
        assert fetch(house, wire, *(dataclasses.replace(article, date=now) for article in given)) == (0, 0, 5, 0)
    assert {article.identity: article.published for article in stored(house)} == before


def test_entries_without_date_link_or_id(house: House, wire: Wire) -> None:
    given = [dataclasses.replace(a, identity="", url=None, date=None, external_id=None) for a in entries(house, 5)]
    given.append(dataclasses.replace(short(house, 1), identity="", url=None, date=None))
    assert fetch(house, wire, *given) == (6, 0, 0, 0)
    house.clock.go(days=2)
    assert fetch(house, wire, *given) == (0, 0, 6, 0)
    given[0] = retouched(given[0])
    assert fetch(house, wire, *given) == (0, 1, 5, 0), "nearly the same text is the same article"


def test_two_texts_by_turns_are_no_updates_for_ever(house: House, wire: Wire) -> None:
    """Servers that do not agree on what is newest."""
    one, other = home.raw(1, house.clock()), home.raw(1, house.clock(), version=2)
    for _ in range(6):
        fetch(house, wire, one)
        fetch(house, wire, other)
    assert stored(house)[0].ordinal <= 4


def test_look_ups_do_not_grow_with_the_articles(house: House, wire: Wire) -> None:
    """Neither with those of a batch nor with those that the source has."""

    def statements(*given: RawArticle) -> int:
        seen: list[str] = []
        database = house.services.database
        sa.event.listen(database.engine, "before_cursor_execute", lambda *a: seen.append(a[2]))
        fetch(house, wire, *given)
        return sum(not statement.startswith("INSERT") for statement in seen)

    def courses(number: int, first: int) -> list[int]:
        new = entries(house, number, first=first)
        changed = list(map(retouched, new))
        return [statements(*given) for given in (new, changed, [new_domain(counter(article)) for article in changed])]

    few, many = courses(5, 0), courses(60, 100)
    assert all(b <= a + 5 for a, b in zip(few, many, strict=True)), (few, many)


CHANGES = [new_ids, new_domain, tracked, retouched, counter]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_a_site_does_no_article_comes_twice_and_none_is_lost(
    data: st.DataObject, house: House, wire: Wire
) -> None:
    """In any order, with any entries left out, copied, moved or retouched: as many articles as were ever given."""
    base = len(stored(house)) + 1
    source_pipeline.release(house.services, "wire")
    all_of_them = entries(house, 10, first=base * 20)
    given_so_far: set[str] = set()
    state = {a.external_id: a for a in all_of_them}
    before = len(stored(house))
    for _ in range(data.draw(st.integers(1, 5))):
        change = data.draw(st.sampled_from([None, *CHANGES]))
        if change:
            # Applied to the entry as it was, so that ids stay short; all of them, or some.
            chosen = data.draw(st.sets(st.sampled_from(sorted(state, key=str))))
            state = {name: change(a) if name in chosen else a for name, a in state.items()}
        shown = data.draw(st.permutations(sorted(state, key=str)))[: data.draw(st.integers(1, 10))]
        body = [state[name] for name in shown]
        fetch(house, wire, *body)
        given_so_far |= set(shown)
        assert len(stored(house)) - before == len(given_so_far)
        again = fetch(house, wire, *body)
        assert again == (0, 0, len(body), 0), "the same body again changes nothing"
