"""What only the operator's copy says in its footer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from digest.compose.words import Words
from digest.model.publication import Failing

_NAMED = 5  # sources


def operator(found: Failing | None, words: Words, near: date, outside: Callable[[str], str]) -> str:
    """Which sources fail and what is held back, as seen on the day `near`; empty in every other copy.

    `outside` makes the name of a source fit for the mail.
    """
    if found is None:
        return ""
    return " · ".join(filter(None, (_failing(found, words, near, outside), _held(found, words, outside))))


def _failing(found: Failing, words: Words, near: date, outside: Callable[[str], str]) -> str:
    if not found.sources:
        return ""
    return words.say(
        "%(failing)s of %(all)s sources failing since %(day)s: %(names)s",
        failing=len(found.sources),
        all=found.all,
        day=words.since(found.since, near),
        names=_listed([outside(name) for name in found.names], words),
    )


def _held(found: Failing, words: Words, outside: Callable[[str], str]) -> str:
    if not found.held:
        return ""
    one = "%(n)s article is held back from: %(names)s (digest source release)"
    many = "%(n)s articles are held back from: %(names)s (digest source release)"
    names = _listed([outside(name) for name, _ in found.held], words)
    return words.count(one, many, sum(number for _, number in found.held), names=names)


def _listed(names: Sequence[str], words: Words) -> str:
    return words.comma.join([*names[:_NAMED], *["…"] * (len(names) > _NAMED)])
