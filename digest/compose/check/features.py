"""Which features of HTML and CSS a mail uses, by the names that the table of support has for them. Pure."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

from selectolax.lexbor import LexborNode

from digest.compose.check.css import Declaration, Rule, declarations, words
from digest.compose.check.finished import Finished, name_of

#: Attributes of many elements whose own feature is that of a few.
_SIZED = frozenset(("img", "table", "td", "th", "video", "svg", "hr"))
_OTHERS = (
    "css-display css-important css-unit-percent css-unit-initial css-at-media css-comments css-selector-class "
    "css-selector-id css-selector-type css-selector-attribute css-selector-descendant css-selector-chaining "
    "css-selector-universal html-comments html-doctype html-meta-color-scheme html-mailto-links html-anchor-links "
    "image-base64"
)


class _Words:
    """data/mail_features.toml, turned round: from the word to the feature."""

    def __init__(self) -> None:
        text = files("digest.compose").joinpath("data", "mail_features.toml").read_text(encoding="utf-8")
        tables: dict[str, dict[str, str]] = tomllib.loads(text)
        self.longhands = [(re.compile(pattern), name) for name, pattern in tables.pop("longhands").items()]
        self.everywhere = re.compile(tables.pop("everywhere")["same"])
        own = {"elements": "html-", "attributes": "html-", "units": "css-unit-"}
        self._tables = {kind: dict(_turned(table, own.get(kind, ""))) for kind, table in tables.items()}

    def of(self, kind: str) -> dict[str, str]:
        return self._tables[kind]

    def all(self) -> frozenset[str]:
        fixed = {name for table in self._tables.values() for name in table.values()}
        return frozenset(fixed | {name for _, name in self.longhands} | set(_OTHERS.split()))


def _turned(table: Mapping[str, str], own: str) -> Iterator[tuple[str, str]]:
    for name, listed in table.items():
        for word in listed.split():
            yield word, own + word if name == "same" else name


@lru_cache(maxsize=1)
def _words() -> _Words:
    return _Words()


def used(mail: Finished, known: frozenset[str]) -> dict[str, str]:
    """Each feature, and the first place of it. `known` are the features of the table.

    A property that the table does not have is named `css-…` all the same: nobody knows who supports it.
    """
    found: dict[str, str] = {}
    for name, where in _all(mail, known):
        found.setdefault(name, where)
    return found


def detected() -> frozenset[str]:
    """Every feature that can be found, but for the properties and pseudo-classes, which go by their own names."""
    return _words().all()


def _all(mail: Finished, known: frozenset[str]) -> Iterator[tuple[str, str]]:
    if not mail.html:
        return
    if mail.html.lstrip().lower().startswith("<!doctype"):
        yield "html-doctype", "first line"
    if "<!--" in mail.html:
        yield "html-comments", "<!-- … -->"
    for node in mail.elements():
        where = name_of(node)
        yield from ((name, where) for name in _element(node))
        for declared in declarations(node.attributes.get("style") or ""):
            yield from ((name, f"{where}: {declared.name}") for name in _declaration(declared, known))
    sheet, rules = mail.sheet, _words().of("at-rules")
    yield from ((rules[name], f"@{name}") for name in sheet.at_rules if name in rules)
    for query in sheet.queries:
        yield from ((name, f"@media {query}") for name in _query(query))
    if sheet.comments:
        yield "css-comments", "<style>"
    for rule in sheet.rules:
        where = " ".join(rule.selector.split())
        yield from ((name, where) for name in _selectors(rule))
        for declared in rule.declarations:
            yield from ((name, f"{where}: {declared.name}") for name in _declaration(declared, known))


def _element(node: LexborNode) -> Iterator[str]:
    tag, attributes = node.tag or "", node.attributes
    elements, named = _words().of("elements"), _words().of("attributes")
    if tag in elements:
        yield elements[tag]
    for name in attributes:
        if name in named and (name not in ("width", "height") or tag in _SIZED):
            yield named[name]
    if tag == "meta" and (attributes.get("name") or "").lower() == "color-scheme":
        yield "html-meta-color-scheme"
    if tag == "a":
        link = (attributes.get("href") or "").strip().lower()
        if link.startswith(("mailto:", "#")):
            yield "html-mailto-links" if link.startswith("mailto:") else "html-anchor-links"
    if tag in ("img", "source", "video"):
        yield from _image(attributes.get("src") or "")


def _image(address: str) -> Iterator[str]:
    if address.strip().lower().startswith("data:"):
        yield "image-base64"
        return
    try:
        kind = urlsplit(address.strip()).path.rpartition(".")[2].lower()
    except ValueError:
        return
    if kind in _words().of("images"):
        yield _words().of("images")[kind]


def _declaration(declared: Declaration, known: frozenset[str]) -> Iterator[str]:
    name = declared.name
    if declared.important:
        yield "css-important"
    if name.startswith("--"):
        yield "css-variables"
    elif name == "display":
        value = declared.value[0] if declared.value else None
        said = value.lower_value if value is not None and value.type == "ident" else ""
        yield _words().of("displays").get(said, "css-display")
    elif not _words().everywhere.fullmatch(name):
        yield _property(name, known)
    yield from _values(words(declared.value))


def _property(name: str, known: frozenset[str]) -> str:
    if f"css-{name}" in known:
        return f"css-{name}"
    return next((feature for pattern, feature in _words().longhands if pattern.fullmatch(name)), f"css-{name}")


def _values(tokens: Iterator[Any]) -> Iterator[str]:
    units, functions = _words().of("units"), _words().of("functions")
    for token in tokens:
        if token.type == "dimension" and token.lower_unit in units:
            yield units[token.lower_unit]
        elif token.type == "percentage":
            yield "css-unit-percent"
        elif token.type == "function" and token.lower_name in functions:
            yield functions[token.lower_name]
        elif token.type == "ident" and token.lower_value == "initial":
            yield "css-unit-initial"


def _query(query: str) -> Iterator[str]:
    named = [feature for word, feature in _words().of("queries").items() if word in query]
    yield from named or ["css-at-media"]


def _selectors(rule: Rule) -> Iterator[str]:
    """What is in front of the braces, token by token."""
    before = ""  # what the compound so far ends in: a type, a class …
    gap = False
    combinators = _words().of("combinators")
    for token in rule.tokens:
        if token.type == "whitespace":
            gap = True
            continue
        sign = token.value if token.type == "literal" else ""
        if sign in combinators:
            yield combinators[sign]
            before, gap = "", False
            continue
        starts = sign in (".", "*", ":") or token.type in ("ident", "hash", "[] block")
        if gap and before and starts:
            yield "css-selector-descendant"
            before = ""
        gap = False
        yield from _simple(token, sign, before)
        before = sign if sign in (".", ":") else before + "x"


def _simple(token: Any, sign: str, before: str) -> Iterator[str]:
    if sign == "*":
        yield "css-selector-universal"
    elif sign == ".":
        yield "css-selector-class"
        if "x" in before:
            yield "css-selector-chaining"
    elif token.type == "hash":
        yield "css-selector-id"
    elif token.type == "[] block":
        yield "css-selector-attribute"
    elif token.type == "ident" and before.endswith(":"):
        yield f"css-pseudo-class-{token.lower_value}"
    elif token.type == "ident" and not before.endswith("."):
        yield "css-selector-type"
