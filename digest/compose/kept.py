"""What is the same in many variants of an edition is made once and kept.

An edition of a hundred variants shows the same entries over and over. `Shelf` remembers what was made of a thing;
`{% kept entry, last %} … {% endkept %}` in a template keeps what it rendered for the same values, and in HTML its
styles are inlined only once too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from jinja2 import nodes
from jinja2.ext import Extension
from jinja2.parser import Parser
from markupsafe import Markup

Made = TypeVar("Made")

#: The name under which templates find the `Keeper` of a rendering.
KEEP = "_keep"
_PLACE = re.compile(r"<!--kept (\d+)-->")
_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)
#: Alone, a parser would throw these away: such a part is inlined with its page.
_INNER = re.compile(r"\s*<(?:tr|td|th|tbody|thead|tfoot|li|option|col)\b", re.IGNORECASE)
_MOST = 20_000


class Shelf:
    """Things by what they were made of. `held` are told apart by identity, which is quick, and kept alive."""

    def __init__(self) -> None:
        self._found: dict[Hashable, tuple[tuple[Any, ...], Any]] = {}

    def once(self, key: Hashable, held: tuple[Any, ...], make: Callable[[], Made]) -> Made:
        known = (key, *map(id, held))
        found = self._found.get(known)
        if found is None:
            if len(self._found) >= _MOST:
                self._found.clear()
            found = self._found[known] = (held, make())
        made: Made = found[1]
        return made

    def clear(self) -> None:
        self._found.clear()


class KeptTag(Extension):
    """`{% kept values … %}`: the body once for the same values, with nothing in it but those and the fixed words."""

    tags = {"kept"}  # noqa: RUF012 - as Jinja2 declares it

    def parse(self, parser: Parser) -> nodes.Node:
        line = next(parser.stream).lineno
        values = [nodes.Const(f"{parser.name}:{line}"), parser.parse_expression()]
        while parser.stream.skip_if("comma"):
            values.append(parser.parse_expression())
        body = parser.parse_statements(("name:endkept",), drop_needle=True)
        keep = nodes.Call(nodes.Name(KEEP, "load"), values, [], None, None)
        return nodes.CallBlock(keep, [], [], body).set_lineno(line)


@dataclass(slots=True)
class _Part:
    source: str
    inlined: dict[str, str] = field(default_factory=dict)  # by style sheet


class Keeper:
    """Of one rendering. `about` is all that any part may depend on besides its values."""

    def __init__(self, shelf: Shelf, about: Hashable, *, places: bool) -> None:
        """With `places` a mark stands for each part until `whole` puts them in."""
        self._shelf, self._about, self._places = shelf, about, places
        self._parts: list[_Part] = []

    def __call__(self, place: str, *values: Any, caller: Callable[[], str]) -> str:
        plain = tuple(v if isinstance(v, (str, int, bool, type(None))) else None for v in values)
        held = tuple(v for v, p in zip(values, plain, strict=True) if p is None)
        part = self._shelf.once((self._about, place, plain), held, lambda: _Part(str(caller())))
        if not self._places:
            return part.source
        if _INNER.match(part.source):
            return Markup(part.source)  # noqa: S704 - rendered by us, and escaped then
        self._parts.append(part)
        return Markup(f"<!--kept {len(self._parts) - 1}-->")  # noqa: S704 - a number of ours

    def whole(self, page: str, inline: Callable[[str], str], inline_part: Callable[[str, str], str]) -> str:
        """The page with its styles inlined, and its parts with theirs in their places."""
        if not self._parts:
            return inline(page)
        css = "\n".join(_STYLE.findall(page))
        css = self._shelf.once(("style", css), (), lambda: css)  # one object: the parts' are found by identity

        def put(place: re.Match[str]) -> str:
            part = self._parts[int(place[1])]
            if css not in part.inlined:
                part.inlined[css] = inline_part(part.source, css)
            return part.inlined[css]

        return _PLACE.sub(put, inline(page))
