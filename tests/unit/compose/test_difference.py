"""What is different between two mails of one edition."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from digest.compose.difference import Difference, Item, applied, difference


def item(*stories: int, headline: str = "", kind: str = "new", section: str = "sport", says: str = "") -> Item:
    return Item(frozenset(stories), section, kind, headline or f"Story {stories[0]}", frozenset(says))


ONE, TWO, THREE, FOUR = (item(n) for n in (1, 2, 3, 4))


@st.composite
def mails(draw: st.DrawFn) -> tuple[Item, ...]:
    """Entries that share no story with each other, as in a mail."""
    stories = draw(st.lists(st.integers(1, 12), unique=True, max_size=10))
    cuts = draw(st.lists(st.booleans(), min_size=len(stories), max_size=len(stories)))
    groups: list[list[int]] = []
    for story, alone in zip(stories, cuts, strict=True):
        groups.append([story]) if alone or not groups else groups[-1].append(story)
    ab = st.sampled_from(["a", "b"])
    return tuple(item(*g, headline=draw(ab), kind=draw(ab), section=draw(ab), says=draw(ab)) for g in groups)


@given(mails())
def test_between_equal_mails_there_is_none(mail: tuple[Item, ...]) -> None:
    assert difference(mail, mail) == Difference()
    assert not difference(mail, mail)


@given(mails(), mails())
def test_applied_it_gives_the_other_mail(one: tuple[Item, ...], other: tuple[Item, ...]) -> None:
    found = difference(one, other)
    assert applied(one, found) == other
    assert bool(found) == (one != other)


@given(mails(), mails())
def test_each_entry_is_named_once(one: tuple[Item, ...], other: tuple[Item, ...]) -> None:
    found = difference(one, other)
    old = [p.at for p in found.fell] + [c.before.at for c in found.changed]
    new = [p.at for p in found.came] + [c.after.at for c in found.changed]
    assert len(old) == len(set(old))
    assert len(new) == len(set(new))
    assert len(one) - len(found.fell) == len(other) - len(found.came)


def test_one_that_comes_in_on_top_moves_no_other() -> None:
    found = difference([ONE, TWO, THREE], [FOUR, ONE, TWO, THREE])
    assert [(p.at, p.item) for p in found.came] == [(0, FOUR)]
    assert not found.fell
    assert not found.changed


def test_as_few_as_possible_count_as_moved() -> None:
    (changed,) = difference([ONE, TWO, THREE, FOUR], [FOUR, ONE, TWO, THREE]).changed
    assert (changed.before.item, changed.before.at, changed.after.at, changed.moved) == (FOUR, 3, 0, True)


def test_what_changed_in_an_entry_is_no_move() -> None:
    (changed,) = difference([ONE, TWO], [ONE, item(2, kind="updated", headline="Other")]).changed
    assert not changed.moved
    assert (changed.before.item.kind, changed.after.item.kind) == ("new", "updated")


def test_entries_are_known_again_by_what_they_have_in_common() -> None:
    found = difference([item(1, 2, 3), FOUR], [item(3), item(1, 2), FOUR])
    assert [p.item for p in found.came] == [item(3)]
    assert [(c.before.item, c.after.item) for c in found.changed] == [(item(1, 2, 3), item(1, 2))]
