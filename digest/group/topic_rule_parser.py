"""Reads a topic's rule. An error names the character and says how to mend it.

either    = all { "or" all }
all       = part { [ "and" ] part }
part      = "not" part | "(" either ")" | condition
condition = [ field ":" value { "," ] value
value     = word | "=" word | '"' words '"' | word "*" | "*" word
"""

from __future__ import annotations

import difflib
from functools import cache
from typing import NoReturn

from babel import Locale

from digest.group.lexicon import TOPIC_NAMES
from digest.group.topic_rule_lexer import END, QUOTED, WORD, RuleError, Token, lex
from digest.group.topic_rules import (
    FIELDS,
    STAR_FIELDS,
    TERM_FIELDS,
    Condition,
    How,
    Not,
    Rule,
    Value,
    all_of,
    either_of,
)
from digest.group.words import tokens

#: Brackets in brackets and `not not` deeper than this are a mistake, and must not exhaust the stack.
_DEEPEST = 40
_SHORTEST_START = 2
#: How other programs say it.
_FOREIGN = {"&": "and", "&&": "and", "|": "or", "||": "or", "!": "not", "-": "not", "–": "not"}


def parse(text: str) -> Rule:
    """The rule that a text says. Raises RuleError."""
    return _Parser(text).rule()


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = list(lex(text))
        self._next = 0
        self._depth = 0

    def rule(self) -> Rule:
        if self._here.kind == END:
            self._fail("a rule needs a word at least", self._here, 'like: euro or "single currency"')
        found = self._either()
        if self._here.kind != END:
            self._fail("this ) closes nothing", self._here, "take it away, or put a ( before")
        return found

    @property
    def _here(self) -> Token:
        return self._tokens[self._next]

    def _take(self) -> Token:
        token = self._here
        self._next += token.kind != END
        return token

    def _fail(self, what: str, token: Token, mend: str) -> NoReturn:
        raise self._error(what, token, mend)

    def _error(self, what: str, token: Token, mend: str) -> RuleError:
        return RuleError(what, self._text, token.at, mend)

    def _either(self) -> Rule:
        parts = [self._all()]
        while self._here.keyword == "or":
            self._take()
            parts.append(self._all())
        return either_of(parts)

    def _all(self) -> Rule:
        parts = [self._part()]
        while self._here.kind not in (END, ")") and self._here.keyword != "or":
            if self._here.keyword == "and":
                self._take()
            parts.append(self._part())
        return all_of(parts)

    def _part(self) -> Rule:
        token = self._here
        if token.keyword == "not":
            self._deeper()
            self._take()
            found: Rule = Not(self._part())
        elif token.kind == "(":
            self._deeper()
            self._take()
            found = self._either()
            if self._take().kind != ")":
                self._fail("this ( is not closed", token, "put a ) where the group ends")
        elif token.kind in (END, ")") or token.keyword:
            self._nothing(token)
        else:
            return self._condition()
        self._depth -= 1
        return found

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            self._fail(f"brackets and not stand more than {_DEEPEST} deep here", self._here, "say it with fewer")

    def _nothing(self, token: Token) -> NoReturn:
        """A condition was due, and something else is there."""
        before = self._tokens[self._next - 1] if self._next else None
        if before is None:
            self._fail(f"nothing stands before {token.text!r}", token, "begin with a word")
        if before.kind == "(" and token.kind == ")":
            self._fail("nothing stands between these brackets", before, "put a word between them, or take them away")
        if token.kind == END:
            mend = "put a word after it" if before.kind == "(" else "put a word after it, or take it away"
            self._fail(f"nothing follows {before.text!r}", before, mend)
        mend = 'put a word between them; the word itself stands in quotes, like "or"'
        self._fail(f"nothing stands between {before.text!r} and {token.text!r}", before, mend)

    def _condition(self) -> Condition:
        name, colon = self._here, self._tokens[min(self._next + 1, len(self._tokens) - 1)]
        if name.kind == ":":
            self._fail("no field stands before this :", name, f"one of {', '.join(FIELDS)}")
        field = ""
        if name.kind in (WORD, QUOTED) and colon.kind == ":":
            field = self._field(name)
            self._next += 2
        values = [self._value(field)]
        while self._here.kind == ",":
            if not field:
                mend = "between words write or; a number with a comma stands in quotes"
                self._fail("a comma joins the values of a field, as in lang:nl,de", self._here, mend)
            self._take()
            values.append(self._value(field))
        if self._here.kind in (":", "="):
            self._fail(
                f"this {self._here.text} is out of place", self._here, "a text with such a sign stands in quotes"
            )
        return Condition(tuple(dict.fromkeys(values)), field)

    def _field(self, name: Token) -> str:
        if name.kind == WORD and name.text.lower() in FIELDS:
            return name.text.lower()
        near = difflib.get_close_matches(name.text.lower(), FIELDS, n=1)
        known = f"did you mean {near[0]}:" if near else f"there is {', '.join(f'{f}:' for f in FIELDS)}"
        raise self._error(f"there is no field {name.text!r}", name, f"{known}; a text with a : in it stands in quotes")

    def _value(self, field: str) -> Value:
        """The next one; `field` says what it may be."""
        token = self._take()
        if token.kind in ("=", "*"):
            return self._marked(token, field)
        if token.kind not in (WORD, QUOTED) or token.keyword:
            self._no_value(token, field)
        if self._here.kind == "*" and self._here.glued:
            return self._start(token, field)
        self._check_foreign(token)
        # The name of a source is compared as a whole, in quotes or not.
        exact = token.kind == QUOTED and field in TERM_FIELDS
        return Value(self._checked(token, field), How.EXACT if exact else How.WORD)

    def _no_value(self, token: Token, field: str) -> NoReturn:
        if not field:
            self._fail(f"{token.text!r} is no word", token, "put a word here")
        mend = f"put {FIELDS[field]} here"
        if token.keyword:
            mend = f'the word itself stands in quotes: {field}:"{token.text}"'
        elif token.kind == "(":
            mend = f"any of several is {field}:a,b"
        self._fail(f"after {field}: comes {FIELDS[field]}", token, mend)

    def _marked(self, mark: Token, field: str) -> Value:
        """`=word` or `*word`."""
        word = self._take()
        if not word.glued or word.kind not in (WORD, QUOTED):
            self._fail(f"no word follows this {mark.text}", mark, f"write {mark.text}word, without a space")
        if self._here.kind == "*" and self._here.glued:
            self._fail(f"a * does not go with {mark.text}{word.text}", self._here, "take one of the signs away")
        if mark.kind == "*":
            self._check_star(mark, word, field)
            return Value(self._checked(word, field), How.END)
        if field not in TERM_FIELDS:
            self._fail(f"a = goes with words, not with {field}:", mark, "take it away")
        return Value(self._checked(word, field), How.EXACT)

    def _start(self, word: Token, field: str) -> Value:
        """`word*`."""
        star = self._take()
        if self._here.glued and self._here.kind in (WORD, QUOTED, "*"):
            self._fail("a * stands at the beginning or the end of a word", star, "as in eur* or *bank")
        self._check_star(star, word, field)
        self._check_foreign(word)
        return Value(self._checked(word, field), How.START)

    def _check_star(self, star: Token, word: Token, field: str) -> None:
        if field not in STAR_FIELDS:
            self._fail(f"a * does not go with {field}:", star, "take it away")
        if word.kind != WORD:
            self._fail("a * goes with a single word, not with a phrase", star, "as in eur* or *bank")
        if field in TERM_FIELDS and len(list(tokens(word.text, "und"))) > 1:
            self._fail(f"{word.text!r} is more than one word, so no * goes with it", star, "as in eur* or *bank")
        if sum(c.isalnum() for c in word.text) < _SHORTEST_START:
            self._fail(f"{word.text!r} is too short for a *", star, f"at least {_SHORTEST_START} letters")

    def _checked(self, token: Token, field: str) -> str:
        if field == "lang":
            return self._language(token)
        if field == "topic":
            return self._topic(token)
        if not any(True for _ in tokens(token.text, "und")):
            self._fail(f"{token.text!r} has no word in it", token, "put a word or a phrase here")
        return token.text

    def _check_foreign(self, token: Token) -> None:
        if token.kind == QUOTED:
            return
        mark = token.text if token.text in _FOREIGN else token.text[0]
        word = token.text.removeprefix(mark)
        if mark in _FOREIGN:
            self._fail(f"{token.text!r} is said in words here", token, f"write {_FOREIGN[mark]} {word}".rstrip())
        if mark == "+":
            self._fail("a + has no meaning here", token, "take it away: words side by side must all be there")

    def _language(self, token: Token) -> str:
        code = token.text.lower()
        if code not in _languages():
            self._fail(f"{token.text!r} is no language", token, "give its code, like nl, de or en")
        return code

    def _topic(self, token: Token) -> str:
        name = token.text.lower()
        if name not in TOPIC_NAMES:
            near = difflib.get_close_matches(name, TOPIC_NAMES, n=1)
            mend = f"did you mean {near[0]}?" if near else f"one of {', '.join(TOPIC_NAMES)}"
            self._fail(f"{token.text!r} is no default topic", token, mend)
        return name


@cache
def _languages() -> frozenset[str]:
    """Codes of two or three letters, and that for texts whose language nobody knows."""
    codes = map(str, Locale("en").languages)
    return frozenset(code for code in codes if code.isalpha()) | {"und"}
