"""Style sheets and `style=` attributes as lists of declarations. Pure; whatever cannot be read is left out,
as a mail client would."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import tinycss2

_DEEPEST = 24  # brackets inside brackets: more is no style sheet, and the parser's functions are recursive


@dataclass(frozen=True, slots=True)
class Declaration:
    name: str
    value: tuple[Any, ...]  # tokens, white space left out
    important: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """`media`: the conditions around it, outermost first."""

    selector: str
    tokens: tuple[Any, ...]  # of the selector
    declarations: tuple[Declaration, ...]
    media: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """`at_rules`: the names of all there are; `queries`: the conditions of the media rules."""

    rules: tuple[Rule, ...] = ()
    at_rules: tuple[str, ...] = ()
    queries: tuple[str, ...] = ()
    comments: bool = False


def declarations(text: str) -> tuple[Declaration, ...]:
    """Of a `style=` attribute, or of the inside of a rule."""
    if _too_deep(text):
        return ()
    return _declared(tinycss2.parse_blocks_contents(text, skip_comments=True, skip_whitespace=True))


def read_sheet(text: str) -> Sheet:
    if not text.strip() or _too_deep(text):
        return Sheet()
    nodes = tinycss2.parse_stylesheet(text, skip_comments=True, skip_whitespace=True)
    rules: list[Rule] = []
    names: list[str] = []
    queries: list[str] = []
    _walk(nodes, (), rules, names, queries)
    return Sheet(tuple(rules), tuple(names), tuple(queries), "/*" in text)


def words(tokens: Sequence[Any]) -> Iterator[Any]:
    """All tokens, also those inside of functions and brackets."""
    for token in tokens:
        yield token
        inner = getattr(token, "arguments", None) or getattr(token, "content", None)
        if inner:
            yield from words(inner)


def _walk(
    nodes: Sequence[Any], media: tuple[str, ...], rules: list[Rule], names: list[str], queries: list[str]
) -> None:
    for node in nodes:
        if node.type == "qualified-rule":
            inside = tinycss2.parse_blocks_contents(node.content, skip_comments=True, skip_whitespace=True)
            selector = tinycss2.serialize(node.prelude).strip()
            rules.append(Rule(selector, tuple(node.prelude), _declared(inside), media))
            if any(n.type == "qualified-rule" for n in inside):
                names.append("nesting")
        elif node.type == "at-rule":
            name = node.lower_at_keyword
            names.append(name)
            if name == "media" and node.content is not None:
                query = tinycss2.serialize(node.prelude).strip().lower()
                queries.append(query)
                inside = tinycss2.parse_rule_list(node.content, skip_comments=True, skip_whitespace=True)
                _walk(inside, (*media, query), rules, names, queries)


def _declared(nodes: Sequence[Any]) -> tuple[Declaration, ...]:
    return tuple(
        Declaration(n.lower_name, tuple(t for t in n.value if t.type not in ("whitespace", "comment")), n.important)
        for n in nodes
        if n.type == "declaration"
    )


def _too_deep(text: str) -> bool:
    depth = 0
    for sign in text:
        if sign in "([{":
            depth += 1
            if depth > _DEEPEST:
                return True
        elif sign in ")]}" and depth:
            depth -= 1
    return False


@dataclass(frozen=True, slots=True)
class Scene:
    """How a reader looks at the mail."""

    dark: bool
    width: int  # pixels

    def applies(self, media: Sequence[str]) -> bool:
        return all(any(self._query(part) for part in query.split(",")) for query in media)

    def _query(self, query: str) -> bool:
        parts = [part.strip() for part in query.split(" and ")]
        turned = parts[0].startswith("not ")
        parts[0] = parts[0].removeprefix("not ").removeprefix("only ").strip()
        return all(map(self._part, parts)) is not turned

    def _part(self, part: str) -> bool:
        if part in ("", "screen", "all"):
            return True
        name, _, value = part.strip("() ").partition(":")
        name, value = name.strip(), value.strip()
        if name == "prefers-color-scheme":
            return value == ("dark" if self.dark else "light")
        if name in ("max-width", "min-width") and value.endswith("px"):
            try:
                limit = float(value.removesuffix("px"))
            except ValueError:
                return False
            return self.width <= limit if name == "max-width" else self.width >= limit
        return False
