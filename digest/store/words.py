"""[pure] What somebody looks for in articles, from words as they were typed to a query that FTS5 cannot misread.

Every word and phrase is quoted, so nothing of it is FTS5's own syntax.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from digest.errors import UsageError
from digest.store.spacing import spaced

_MOST = 50
_LONGEST = 500  # characters
_QUOTES = str.maketrans("“”„‟«»", '""""""')
#: A minus sign stands for the hyphen that a command line would take for an option's.
MINUS = "\u2212"
_PIECE = re.compile(rf'([-{MINUS}]?)(?:"([^"]*)"?(\*?)|([^\s"]+))')


@dataclass(frozen=True, slots=True)
class Term:
    """A word or a phrase. `prefix`: its last word may go on."""

    text: str
    prefix: bool = False
    without: bool = False

    @property
    def quoted(self) -> str:
        return f'"{spaced(self.text)}"' + (" *" if self.prefix else "")


def parse(words: Sequence[str]) -> tuple[Term, ...]:
    """Each of `words` as the shell gave it: one with spaces and no quotation marks is a phrase.

    Raises UsageError where nothing is left to look for.
    """
    if sum(map(len, words)) > _LONGEST:
        raise UsageError(f"that is too much to look for: at most {_LONGEST} characters")
    terms = [term for word in words for term in _terms(_typed(word)) if has_a_word(term.text)]
    if len(terms) > _MOST:
        raise UsageError(f"that is too much to look for: at most {_MOST} words and phrases")
    if not terms:
        raise UsageError("there is no word to look for", mend="like: digest article search bridge")
    if all(term.without for term in terms):
        raise UsageError("there is only what must not be in them", mend="add a word that must be")
    return tuple(terms)


def match(terms: Sequence[Term]) -> str:
    """FTS5's query."""
    wanted = " AND ".join(term.quoted for term in terms if not term.without)
    barred = " OR ".join(term.quoted for term in terms if term.without)
    return f"({wanted}) NOT ({barred})" if barred else f"({wanted})"


def _typed(word: str) -> str:
    text = word.translate(_QUOTES)
    # Bytes that are no text come as lone surrogates, which no database takes.
    text = "".join(" " if unicodedata.category(c) in ("Cc", "Cs") else c for c in text).strip()
    if '"' in text or not any(c.isspace() for c in text):
        return text
    sign, rest = (text[0], text[1:]) if text[0] in f"-{MINUS}" else ("", text)
    parts = rest.split()
    if any(part[0] in f"-{MINUS}" or part.endswith("*") for part in parts[:-1]) or parts[-1][0] in f"-{MINUS}":
        return text  # it has signs of its own: a whole query in one piece
    return f'{sign}"{rest.removesuffix("*")}"' + ("*" if rest.endswith("*") else "")


def _terms(text: str) -> list[Term]:
    found = []
    for sign, phrase, star, word in _PIECE.findall(text):
        prefix = bool(star) or word.endswith("*")
        found.append(Term(phrase or word.rstrip("*"), prefix, bool(sign)))
    return found


def has_a_word(text: str) -> bool:
    return any(unicodedata.category(c)[0] in "LN" for c in text)
