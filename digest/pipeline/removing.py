"""Taking articles down: gone from the database, from their stories and from all that is still to be mailed.

One transaction, under the lock of the grouping writer. Nobody is owed anything again by it: numbers stay as they are.
"""

from __future__ import annotations

import html
import quopri
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from digest.compose import stored
from digest.errors import NotFound, UsageError
from digest.model.article import Article
from digest.pipeline import group, reviewing
from digest.pipeline.corrections import counted
from digest.pipeline.services import Services
from digest.store import articles, counters, removal, stories, withdrawal
from digest.store.removal import Copy
from digest.store.stories import Connection
from digest.store.withdrawal import Withdrawn

#: Characters of a sentence by which a mail is known that quotes it; shorter ones stand in many.
_TELLING = 25


@dataclass(frozen=True, slots=True)
class Done:
    """`before`: names that were given of articles that had been removed already."""

    articles: tuple[Article, ...]
    before: tuple[str, ...]
    stories: tuple[int, ...]  # that have no article left
    copies: tuple[Copy, ...]
    withdrawn: Withdrawn


def find(connection: Connection, names: Sequence[str]) -> tuple[list[Article], list[str]]:
    """The articles, and the names of those that are removed already. Raises NotFound for what never was one."""
    found: dict[int, Article] = {}
    before = []
    for name in dict.fromkeys(names):
        article = articles.find(connection, name)
        if article is not None:
            found[article.id] = article
        elif removal.find(connection, name):
            before.append(name)
        else:
            raise NotFound("article", name)
    return list(found.values()), before


def remove(services: Services, names: Sequence[str], reason: str) -> Done:
    """Raises NotFound, and then nothing was removed."""
    reason = " ".join(reason.split())
    if not reason:
        raise UsageError("a removal needs a reason", mend='like --reason "the publisher asked for it"')
    with services.database.read() as connection:
        find(connection, names)  # what is refused anyway need not wait for the grouping
    # The grouper in memory is not kept: the next pass, in whatever process, makes it anew from the database.
    with group.writer(services) as kept, services.database.write() as connection:
        found, before = find(connection, names)
        ids = [article.id for article in found]
        if not ids:
            return Done((), tuple(before), (), (), Withdrawn())
        now = services.clock()
        copies = removal.copies(connection, ids)
        shown = _shown_in(connection, found, ids)
        copied = _copied_in(connection, found, ids) - shown
        stay, gone = kept.grouper.remove([a.id for a in found if a.story is not None])
        removal.erase(connection, ids, reason, now)
        removal.close_stories(connection, gone, now)
        removal.forget_old_titles(connection, stay)
        reviewing.save(connection, kept.grouper, {story: stories.last_seq(connection, story) for story in stay})
        withdrawn = withdrawal.withdraw(connection, shown, now)
        withdrawal.drop_views(connection, copied)
        counted(connection, kept)
        counters.advance(connection, counters.REMOVED, counters.last(connection, counters.REMOVED) + 1)
        return Done(tuple(found), tuple(before), gone, tuple(copies), withdrawn)


def _shown_in(connection: Connection, found: Sequence[Article], ids: Sequence[int]) -> set[int]:
    """Variants that show them, or may: told by the stories, or known by the words where articles moved since."""
    number = removal.first_number(connection, ids)
    if number is None:
        return set()
    lines = {a.storyline for a in found if a.storyline is not None}
    told = withdrawal.told_in(connection, lines, {a.story for a in found if a.story is not None}, number)
    needles = needles_of(removal.texts(connection, ids))
    others = ((i, message) for i, message in withdrawal.messages(connection, number) if i not in told)
    return told | {i for i, message in others if shows(message, needles)}


def _copied_in(connection: Connection, found: Sequence[Article], ids: Sequence[int]) -> set[int]:
    """Variants whose copy on the web shows them, or may, among what did not fit in the mail."""
    number = removal.first_number(connection, ids)
    if number is None:
        return set()
    lines = {a.storyline for a in found if a.storyline is not None}
    listed = withdrawal.listed_in(connection, lines, {a.story for a in found if a.story is not None}, number)
    needles = needles_of(removal.texts(connection, ids))
    others = ((i, stored.texts(view)) for i, view in withdrawal.views(connection, number) if i not in listed)
    return listed | {i for i, said in others if any(needle in said for needle in needles)}


def needles_of(texts: Iterable[str]) -> tuple[str, ...]:
    """What gives a text away: its sentences as far as they are telling, and addresses."""
    pieces = (piece for text in texts for piece in re.split(r"(?<=[.!?…])\s+", " ".join(text.split())))
    return tuple(dict.fromkeys(piece for piece in pieces if len(piece) >= _TELLING))


def shows(message: bytes, needles: Iterable[str]) -> bool:
    """Whether a stored message has one of these pieces in its text or its markup."""
    text = html.unescape(quopri.decodestring(message).decode("utf-8", "replace"))
    plain = " ".join(text.split())
    return any(needle in plain for needle in needles)
