"""Corrections by hand in a real store: what moves, what stays, what readers are (not) sent again."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

import pytest
import sqlalchemy as sa

from digest.compose import present
from digest.errors import DigestError, UsageError
from digest.group.correcting import violated
from digest.group.records import Merge
from digest.group.rulings import Level
from digest.pipeline import corrections, deliver, group, ingest, reviewing, undoing
from digest.store import corrections as stored
from digest.store import counters, stories
from digest.store import tables as t
from tests.support import home
from tests.support.home import House

STORY, LINE = Level.STORY, Level.STORYLINE
READER = "reader@example.com"


def story_of(house: House, number: int) -> int:
    """The story of the article with this number."""
    with house.services.database.read() as connection:
        query = (
            sa.select(t.story_article.c.story_id)
            .join(t.article, t.article.c.id == t.story_article.c.article_id)
            .where(t.article.c.external_id == str(number))
        )
        return connection.execute(query).scalar_one()


def line_of(house: House, number: int) -> int:
    with house.services.database.read() as connection:
        return stories.load(connection, [story_of(house, number)])[story_of(house, number)].storyline


def live(house: House) -> list[int]:
    with house.services.database.read() as connection:
        return sorted(s.id for s in stories.listing(connection))


def merge(house: House, *ids: int, level: Level = STORY) -> list[corrections.Done]:
    return corrections.merge(house.services, level, ids, "one event")


def split(house: House, story: int, *numbers: int, into: int | None = None) -> corrections.Done:
    return corrections.split_story(house.services, story, list(map(str, numbers)), into, "two events")


def check(house: House) -> None:
    """The rows say what a grouper that is rebuilt from them says, and no ruling is gone against."""
    with house.services.database.read() as connection:
        kept = dict(house.services.memory)
        house.services.memory.clear()
        grouper = group._grouper(house.services, None).grouper
        house.services.memory.update(kept)
        assert not violated(grouper._state)
        mine = house.services.memory.get("grouper")
        if mine is not None:
            assert mine.grouper._state.stories == grouper._state.stories
            assert mine.grouper._state.line_of == grouper._state.line_of
        rows = connection.execute(sa.select(t.story)).mappings().all()
        for row in rows:
            if row["merged_into"] is None:
                profile = grouper.story_profile(row["id"])
                assert row["storyline_id"] == profile.storyline
                assert row["last_seq"] == stories.last_seq(connection, row["id"])
                assert sorted(row["topics"]) == sorted(profile.topics)
                assert list(stories.article_ids(connection, row["id"])) == sorted(profile.articles)
            else:
                found = stories.get(connection, row["id"])
                assert found is not None
                assert found.articles, "a redirect leads to a live story in one step"
        for (number,) in connection.execute(sa.select(t.storyline.c.id)):
            now = stories.storyline(connection, number)
            assert now is not None
            assert stories.of_storylines(connection, [now])
        assert counters.last(connection, counters.STORY) >= max((row["id"] for row in rows), default=0)
        assert stored.listing(connection) is not None


def test_merging_leaves_a_redirect_and_the_oldest_id(house: House) -> None:
    home.take_in(house, 1, 2, 3)
    first, second, third = (story_of(house, n) for n in (1, 2, 3))
    done = merge(house, third, first, second)
    assert [(d.correction.subject, d.correction.object) for d in done] == [(first, second), (first, third)]
    assert live(house) == [first]
    with house.services.database.read() as connection:
        assert stories.redirects(connection, [second, third]) == {second: first, third: first}
        assert {stories.storyline(connection, i) for i in (1, 2, 3)} == {1}
    check(house)
    with pytest.raises(UsageError, match=f"only one story, {first}; story {second} was merged into {first} before"):
        merge(house, first, second)


def test_a_correction_is_followed_through_redirects(house: House) -> None:
    home.take_in(house, 1, 2, 3)
    merge(house, 1, 2)
    (done,) = merge(house, 2, 3)
    assert done.followed == {2: 1}
    assert (done.correction.subject, done.correction.object) == (1, 3)


def test_splitting_makes_a_story_of_its_own_that_continues_the_old_one(house: House) -> None:
    home.take_in(house, 1, 2, 3)
    merge(house, 1, 2, 3)
    done = split(house, 1, 3)
    assert done.correction.object == story_of(house, 3) == 4
    assert done.ended == (2,), "the merge of 3 no longer holds"
    assert line_of(house, 3) == line_of(house, 1)
    check(house)
    again = merge(house, 1, 4)[0]
    assert again.ended == (3,)
    check(house)


def why(house: House, number: int) -> str:
    """Why the article with this number is in its story."""
    with house.services.database.read() as connection:
        article = connection.execute(sa.select(t.article.c.id).where(t.article.c.external_id == str(number)))
        return stories.why(connection, story_of(house, number))[article.scalar_one()]


def test_why_an_article_is_where_it_is(house: House) -> None:
    home.take_in(house, 1, 2, 3)
    first = why(house, 1)
    assert first == why(house, 2) == "nothing like it so far"
    merge(house, 1, 2)
    assert (why(house, 1), why(house, 2)) == (first, "came with story 2, merged by hand (correction 1)")
    split(house, 1, 2, into=3)
    assert why(house, 2) == "put here by hand (correction 2)"
    home.take_in(house, 2, version=2)
    assert why(house, 2) == "put here by hand (correction 2)", "a new revision is where it is for the old reason"
    undoing.undo(house.services, 2)
    assert why(house, 2) == "came with story 2, merged by hand (correction 1)"
    undoing.undo(house.services, 1)
    assert why(house, 2) == first
    check(house)


def test_what_came_since_goes_along_when_a_correction_is_undone(house: House) -> None:
    home.take_in(house, 1, 2, 3, 4)
    merge(house, 1, 2, 3)
    split(house, 1, 2)
    with house.services.database.write() as connection:  # as corrections of earlier versions are stored
        row = connection.execute(sa.select(t.correction.c.before).where(t.correction.c.id == 3)).scalar_one()
        del row["why"]
        connection.execute(sa.update(t.correction).where(t.correction.c.id == 3).values(before=row))
    undoing.undo(house.services, 3)
    assert why(house, 2) == "back here: correction 3 was undone"


def test_stories_that_prove_the_same_say_so(house: House) -> None:
    """Two papers' first reports differ; later ones make it clear that it is one event."""
    home.take_in(house, 1, 2)
    found = Merge("story", 2, 1, "93 % sure, most like article 1")
    house.services.memory.clear()
    with group.writer(house.services) as kept, house.services.database.write() as connection:
        kept.grouper._state.merge_stories(2, 1)
        stories.merge_story(connection, 2, 1, reviewing.why_merged(found))
    assert why(house, 2) == "came with story 2, which proved to be the same: 93 % sure, most like article 1"


def test_a_split_and_its_title_are_one_correction_or_none(house: House) -> None:
    home.take_in(house, 1, 2, 3)
    merge(house, 1, 2)
    with house.services.database.read() as connection:
        automatic = stories.load(connection, [2])[2].title
    done = corrections.split_story(house.services, 1, ["2"], None, "", automatic)
    assert done.title == automatic
    corrections.rename(house.services, STORY, 3, "The strike", "")
    merge(house, 1, 4)
    done = corrections.split_story(house.services, 1, ["2"], 3, "", "The strike")
    assert (done.title, story_of(house, 2)) == ("The strike", 3), "it is called so already: nothing to do for that"
    check(house)


def in_force(house: House) -> list[int]:
    with house.services.database.read() as connection:
        return [c.id for c in stored.listing(connection) if c.undone_at is None]


def test_undoing_a_split_takes_its_title_back(house: House) -> None:
    home.take_in(house, 1, 2, 3)
    merge(house, 1, 2)
    corrections.rename(house.services, STORY, 3, "The quay", "")
    corrections.split_story(house.services, 1, ["2"], None, "", "The strike")
    corrections.split_storyline(house.services, line_of(house, 1), [story_of(house, 2)], None, "", "Strikes")
    assert [c.title for c in undoing.undo(house.services, 5).named] == ["Strikes"]
    assert [c.title for c in undoing.undo(house.services, 3).named] == ["The strike"]
    assert in_force(house) == [2, 1]
    check(house)
    corrections.split_story(house.services, 1, ["2"], 3, "", "The strike")
    undoing.undo(house.services, 7)
    with house.services.database.read() as connection:
        assert stories.load(connection, [3])[3].title == "The quay"
    assert in_force(house) == [2, 1]


def test_a_title_given_after_a_split_stays_out_of_its_undoing_and_goes_by_itself(house: House) -> None:
    home.take_in(house, 1, 2)
    merge(house, 1, 2)
    corrections.split_story(house.services, 1, ["2"], None, "", "The strike")
    corrections.rename(house.services, STORY, story_of(house, 2), "Strikes", "")
    undoing.undo(house.services, 2)
    assert in_force(house) == [4, 1]
    undoing.undo(house.services, 4)
    assert in_force(house) == [1]
    with house.services.database.read() as connection:
        assert not stories.load(connection, [1])[1].given


def test_a_title_that_cannot_be_given_leaves_all_as_it_was(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    home.take_in(house, 1, 2)
    merge(house, 1, 2)
    before = home.all_rows(house)

    def refuse(*_: object) -> None:
        raise UsageError("not this one")

    with monkeypatch.context() as patch:
        patch.setattr(corrections.corrections, "give_title", refuse)
        with pytest.raises(UsageError, match="not this one"):
            corrections.split_story(house.services, 1, ["2"], None, "", "A title")
    assert home.all_rows(house) == before
    check(house)


def test_a_merge_of_several_is_all_or_nothing(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    home.take_in(house, 1, 2, 3, 4)
    before = home.all_rows(house)
    add, calls = corrections.corrections.add, []

    def add_two(*args: object) -> None:
        calls.append(args)
        if len(calls) == 3:
            raise UsageError("no third one")
        add(*args)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(corrections.corrections, "add", add_two)
        with pytest.raises(UsageError, match="no third one"):
            merge(house, 1, 2, 3, 4)
    assert home.all_rows(house) == before
    home.take_in(house, 5)
    check(house)
    assert [d.correction.object for d in merge(house, 4, 3, 2, 1)] == [2, 3, 4]
    check(house)


def test_an_article_moves_into_another_story(house: House) -> None:
    home.take_in(house, 1, 2, 3)
    merge(house, 1, 2)
    done = split(house, 1, 2, into=3)
    assert story_of(house, 2) == 3
    assert done.correction.object == 3
    assert line_of(house, 2) == line_of(house, 3)
    check(house)
    with house.services.database.read() as connection:
        assert "by hand" in stories.why(connection, 3)[2]


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (lambda h: merge(h, 1, 99), "there is no story '99'"),
        (lambda h: merge(h, 1, 1), "only one story"),
        (lambda h: split(h, 1, 99), "there is no article '99'"),
        (lambda h: split(h, 1, 3), "article 3 is in story 3, not in story 1"),
        (lambda h: split(h, 1, 1, 2), "all the articles of story 1.*leave at least one"),
        (lambda h: split(h, 1, 1, 2, into=3), "digest story merge 1 3"),
        (lambda h: split(h, 1, 2, into=1), "is where they are"),
        (lambda h: corrections.split_storyline(h.services, 1, [3], None, ""), "story 3 is in storyline 3"),
        (lambda h: corrections.split_storyline(h.services, 1, [1], None, ""), "all the stories of storyline 1"),
        (lambda h: corrections.split_storyline(h.services, 9, [1], None, ""), "there is no storyline '9'"),
        (lambda h: corrections.rename(h.services, STORY, 1, " \n ", ""), "needs a word"),
        (lambda h: corrections.rename(h.services, STORY, 1, "x" * 201, ""), "at most 200"),
        (lambda h: corrections.rename(h.services, STORY, 1, None, ""), "automatic title already"),
        (lambda h: undoing.undo(h.services, 77), "there is no correction 77"),
    ],
)
def test_what_cannot_be_is_said_in_one_line_and_changes_nothing(house: House, asked, says: str) -> None:  # type: ignore[no-untyped-def]
    home.take_in(house, 1, 2, 3)
    merge(house, 1, 2)
    before = home.all_rows(house)
    with pytest.raises(DigestError, match=says) as error:
        asked(house)
    assert "\n" not in str(error.value)
    assert home.all_rows(house) == before
    check(house)


def test_a_crash_in_the_middle_leaves_all_as_it_was(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    home.take_in(house, 1, 2, 3)
    before = home.all_rows(house)

    def crash(*_: object) -> None:
        raise RuntimeError("pulled the plug")

    with monkeypatch.context() as patch:
        patch.setattr(corrections.corrections, "add", crash)
        with pytest.raises(RuntimeError):
            merge(house, 1, 2)
    assert home.all_rows(house) == before
    home.take_in(house, 4)
    assert len({story_of(house, n) for n in (1, 2, 3, 4)}) == 4
    check(house)


def test_titles_of_the_operators_own(house: House) -> None:
    home.take_in(house, 1, 2)
    automatic = corrections.title_of
    corrections.rename(house.services, STORY, 2, "The\tlong  strike\n", "clearer")
    corrections.rename(house.services, LINE, 2, "Strikes", "")
    home.take_in(house, 2, version=2)
    with house.services.database.read() as connection:
        found = stories.load(connection, [2])[2]
        assert (found.title, found.given) == ("The long strike", True)
        assert automatic(connection, LINE, 2) == "Strikes"
    merge(house, 1, 2)
    with house.services.database.read() as connection:
        assert stories.load(connection, [1])[1].title == "The long strike"
        assert stories.storyline_titles(connection, [1]) == {1: "Strikes"}
    undoing.undo(house.services, 3)
    with house.services.database.read() as connection:
        assert not stories.load(connection, [1])[1].given
        assert stories.load(connection, [2])[2].given
        assert stories.storyline_titles(connection, [1, 2]) == {2: "Strikes"}
    corrections.rename(house.services, STORY, 2, None, "")
    undoing.undo(house.services, 4)
    assert undoing.undo(house.services, 1).title != "The long strike"


def test_undo_brings_old_ids_and_redirects_back(house: House) -> None:
    home.take_in(house, 1, 2, 3)
    merge(house, 2, 3)
    merge(house, 1, 2)
    with pytest.raises(UsageError, match="first: digest story undo 2"):
        undoing.undo(house.services, 1)
    undoing.undo(house.services, 2)
    check(house)
    with house.services.database.read() as connection:
        assert stories.redirects(connection, [1, 2, 3]) == {3: 2}
        assert stories.storyline(connection, 3) == 2
    with pytest.raises(UsageError, match="undone already"):
        undoing.undo(house.services, 2)
    undoing.undo(house.services, 1)
    assert live(house) == [1, 2, 3]
    check(house)


def test_another_process_learns_of_a_correction(house: House) -> None:
    """`digest serve` keeps a grouper in memory while the operator corrects in a process of his own."""
    home.take_in(house, 1, 2)
    corrections.merge(replace(house.services, memory={}), STORY, [1, 2], "")
    other = "Divers found an anchor below the pier, says Ruth Ambeck. The museum of Pollenhaven hopes to show it."
    ingest.ingest(house.services, [replace(home.raw(3, house.clock()), title="Divers find an anchor", text=other)])
    group.group(house.services)
    check(house)
    assert live(house) == [1, 3]
    undoing.undo(replace(house.services, memory={}), 1)
    home.take_in(house, 4)
    check(house)
    assert live(house) == [1, 2, 3, 4]


# --- what readers are sent ------------------------------------------------------------------------


def told(house: House) -> Counter[str]:
    messages = deliver.Messages(house.services)
    found: Counter[str] = Counter()
    for delivery in home.listing(house):
        found.update(home.tokens(messages.of(delivery)[1]))
    return found


def mail(house: House) -> None:
    house.clock.go(hours=25)
    home.publish_now(house)
    home.deliver_all(house)


def take_in(house: House, *numbers: int, version: int = 1) -> None:
    """As `home.take_in`, each from a publisher of its own, so that mails list each as a source."""
    raws = [replace(home.raw(n, house.clock(), version=version), publisher=f"Paper {n}") for n in numbers]
    ingest.ingest(house.services, raws)
    group.group(house.services)


@pytest.mark.parametrize("seed", range(12))
def test_corrections_neither_lose_nor_repeat_news(house: House, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(present, "SHOWN_SOURCES", 100)
    chance = random.Random(seed)
    home.publication(house)
    home.subscribe(house, READER)
    made = 0
    for _ in range(14):
        step = chance.choice(["news", "news", "mail", "merge", "merge", "split", "move", "undo", "line", "restart"])
        if step == "news":
            take_in(house, made + 1, made + 2)
            made += 2
        elif step == "mail":
            mail(house)
        elif step == "restart":
            house.services.memory.clear()
        else:
            _correct(house, step, chance)
        check(house)
    take_in(house, made + 1)
    mail(house)
    assert all(count == 1 for count in told(house).values()), "no title twice"
    mails = [deliver.Messages(house.services).of(d)[1].decode() for d in home.listing(house)]
    for number in range(1, made + 2):
        # Its title, or where all are quoted that are named, its own words.
        mine = {home.token(number), *(home.word(number * 37 + n).capitalize() for n in range(8))}
        assert any(word in mail for mail in mails for word in mine), number


def _correct(house: House, step: str, chance: random.Random) -> None:
    held = live(house)
    with house.services.database.read() as connection:
        found = stories.load(connection, held)
        free = [c.id for c in stored.listing(connection) if not stored.later_on_the_same(connection, c.id)]
        free = [c.id for c in stored.listing(connection, ids=free) if c.undone_at is None]
    several = [s for s in found.values() if len(s.articles) > 1]
    if step == "merge" and len(held) > 1:
        merge(house, *chance.sample(held, 2))
    elif step == "line" and len(lines := sorted({s.storyline for s in found.values()})) > 1:
        merge(house, *chance.sample(lines, 2), level=LINE)
    elif step in ("split", "move") and several:
        story = chance.choice(several)
        keys = [str(a) for a in chance.sample(story.articles, chance.randint(1, len(story.articles) - 1))]
        with house.services.database.read() as connection:
            names = [stories.article_keys(connection, [int(k)])[int(k)] for k in keys]
        others = [s for s in held if s != story.id]
        into = chance.choice(others) if step == "move" and others else None
        corrections.split_story(house.services, story.id, names, into, "")
    elif step == "undo" and free:
        undoing.undo(house.services, chance.choice(free))


def test_news_of_a_parted_story_is_an_update_to_who_had_the_whole(house: House) -> None:
    home.publication(house)
    home.subscribe(house, READER)
    take_in(house, 1, 2)
    merge(house, 1, 2)
    mail(house)
    split(house, 1, 2)
    take_in(house, 2, version=2)
    mail(house)
    with house.services.database.read() as connection:
        kinds = connection.execute(
            sa.select(t.variant_entry.c.kind).where(t.variant_entry.c.story_id == story_of(house, 2))
        )
        assert list(kinds.scalars()) == ["updated"]
    assert told(house)[home.token(2, 2)] == 1
    assert told(house)[home.token(2)] <= 1
