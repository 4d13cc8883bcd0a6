"""The word lists of data/*.toml as regular expressions over folded text, read once."""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from importlib.resources import files

from digest.ingest import plain

# Letters that no decomposition takes apart, and the shapes of one apostrophe.
_LIKE = str.maketrans("łøđ’‘ʼ`´", "lod'''''")


def folded(text: str) -> str:
    """How text must look before a pattern of ours is tried on it."""
    return plain.fold(text).translate(_LIKE)


class Vocabulary:
    """The compiled lists of one file: `vocabulary["strong"]` matches any of its `phrases`, folded."""

    def __init__(self, lists: dict[str, dict[str, list[str]]]) -> None:
        self.phrases = {
            name: {folded(entry) for entries in by_language.values() for entry in entries}
            for name, by_language in lists.items()
        }
        self._patterns = {name: _union(phrases) for name, phrases in self.phrases.items()}

    def __getitem__(self, name: str) -> str:
        """A group to build an expression with; it matches whole words."""
        return self._patterns[name]


def _union(phrases: set[str]) -> str:
    """One alternation for hundreds of entries: the bounds stand once, outside, and the entries are
    sorted by their first letters, or every list would cost a millisecond a paragraph."""
    classes: dict[tuple[bool, bool], set[str]] = {}
    for entry in phrases:
        bounds = (entry[0].isalnum(), entry[-1].isalnum())
        classes.setdefault(bounds, set()).add(entry.removeprefix("*"))
    parts = [
        ("(?<!\\w)" if left else "") + _by_first_letters(entries, 2) + ("(?!\\w)" if right else "")
        for (left, right), entries in sorted(classes.items())
    ]
    return "(?:" + "|".join(parts) + ")"


def _by_first_letters(entries: set[str], depth: int) -> str:
    groups: dict[str, set[str]] = {}
    for entry in entries:
        groups.setdefault(entry[:1], set()).add(entry[1:])
    parts = []
    for first, rest in sorted(groups.items(), key=lambda group: group[0], reverse=True):
        if depth > 1 and first.isalnum() and len(rest) > 1:
            parts.append(re.escape(first) + _by_first_letters(rest, depth - 1))
        else:  # longest first: an alternation takes the first that fits
            parts.extend(_pattern(first + end) for end in sorted(rest, key=lambda e: (-len(e), e)))
    return "(?:" + "|".join(parts) + ")"


def _pattern(entry: str) -> str:
    return (
        re.escape(entry).replace(r"\ \.\.\.\ ", r"\b[^.!?]{0,40}?\b").replace(r"\*", r"[\w-]*").replace(r"\ ", r"\s+")
    )


@lru_cache(maxsize=4)
def load(name: str = "boilerplate") -> Vocabulary:
    text = files("digest.ingest").joinpath("data", f"{name}.toml").read_text(encoding="utf-8")
    return Vocabulary(tomllib.loads(text))
