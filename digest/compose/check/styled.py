"""What each element's text looks like: the style sheet and the `style=` attributes resolved over the tree. Pure.

As much of CSS as mails use: colours, backgrounds, sizes, weights, and what hides. No browser is needed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from selectolax.lexbor import LexborNode, SelectolaxError
from tinycss2 import color4

from digest.compose.check.css import Declaration, Scene, declarations, words
from digest.compose.check.finished import Finished

#: Red, green, blue, opacity: 0 to 1 each.
Colour = tuple[float, float, float, float]

WHITE: Colour = (1.0, 1.0, 1.0, 1.0)
BLACK: Colour = (0.0, 0.0, 0.0, 1.0)
_CLEAR: Colour = (0.0, 0.0, 0.0, 0.0)
_DARK_CANVAS: Colour = (18 / 255, 18 / 255, 18 / 255, 1.0)  # what browsers lay behind a page that knows the dark
_LINK: Colour = (0.0, 0.0, 238 / 255, 1.0)
_DARK_LINK: Colour = (158 / 255, 158 / 255, 1.0, 1.0)
#: What is looked at; all else of CSS changes neither colour nor size of a text.
_PROPERTIES = frozenset(
    (
        "color", "background", "background-color", "background-image", "display", "visibility", "opacity",
        "font", "font-size", "font-weight", "height", "max-height", "overflow",
    )
)  # fmt: skip
_UNSEEN = frozenset(("head", "style", "script", "title", "template", "noscript"))
_SCALE = {"h1": 2.0, "h2": 1.5, "h3": 1.17, "h4": 1.0, "h5": 0.83, "h6": 0.67, "small": 0.83}
_BOLD = frozenset(("h1", "h2", "h3", "h4", "h5", "h6", "b", "strong", "th"))
_SIZES = {
    "xx-small": 9.0, "x-small": 10.0, "small": 13.0, "medium": 16.0, "large": 18.0, "x-large": 24.0, "xx-large": 32.0,
}  # fmt: skip
_PIXELS = {"px": 1.0, "pt": 4 / 3, "pc": 16.0, "in": 96.0, "cm": 37.8, "mm": 3.78, "rem": 16.0}
_ROOT_SIZE = 16.0
_KEYWORDS = frozenset(("inherit", "currentcolor", "initial", "unset"))
_IMAGE = re.compile(r"url|.*-gradient|image|image-set")

Won = dict[str, tuple[tuple[int, ...], Declaration]]


@dataclass(frozen=True, slots=True)
class Style:
    """`behind` is what the text stands on; None over a picture, where nobody can tell."""

    colour: Colour
    behind: Colour | None
    size: float = _ROOT_SIZE  # pixels
    bold: bool = False
    hidden: bool = False
    fade: float = 1.0  # opacity of all around it together


def texts(mail: Finished, scene: Scene) -> Iterator[tuple[LexborNode, str, Style]]:
    """Each piece of text that is seen in this scene: its element, the text, and its style."""
    if not mail.html or mail.tree.root is None:
        return
    won = _cascade(mail, scene)
    styles: dict[int, Style] = {}
    root = _canvas(mail, scene)
    for node in mail.tree.root.traverse(include_text=True):
        parent = node.parent
        around = styles.get(parent.mem_id, root) if parent is not None else root
        if node.tag == "-text":
            text = node.text_content or ""
            if parent is not None and not around.hidden and any(map(str.isalnum, text)):
                yield parent, text, around
        elif node.tag and node.tag[0] not in "-!":
            dark = root.behind == _DARK_CANVAS
            styles[node.mem_id] = _style(node, around, won.get(node.mem_id, {}), _DARK_LINK if dark else _LINK)


def _canvas(mail: Finished, scene: Scene) -> Style:
    """What a client draws where the mail says nothing."""
    said = [meta.attributes.get("content") or "" for meta in mail.tree.css("meta[name=color-scheme]")]
    said += [
        " ".join(getattr(t, "value", "") for t in d.value if t.type == "ident")
        for rule in mail.sheet.rules
        for d in rule.declarations
        if d.name == "color-scheme" and rule.selector in (":root", "html")
    ]
    if scene.dark and any("dark" in text for text in said):
        return Style(WHITE, _DARK_CANVAS)
    return Style(BLACK, WHITE)


def _cascade(mail: Finished, scene: Scene) -> dict[int, Won]:
    """Per element and property the declaration that wins: important, inline, specific, last."""
    found: dict[int, Won] = {}

    def offer(node: LexborNode, weight: tuple[int, ...], declared: tuple[Declaration, ...]) -> None:
        mine = found.setdefault(node.mem_id, {})
        for d in declared:
            if d.name not in _PROPERTIES or not _is_known(d):
                continue
            full = (int(d.important), *weight)
            for name in _parts(d.name):
                if name not in mine or full >= mine[name][0]:
                    mine[name] = (full, d)

    for number, rule in enumerate(mail.sheet.rules):
        if not scene.applies(rule.media):
            continue
        for selector in rule.selector.split(","):
            for node in _matched(mail, selector.strip()):
                offer(node, (0, *_specificity(selector), number), rule.declarations)
    for node in mail.elements():
        if style := node.attributes.get("style"):
            offer(node, (1, 0, 0, 0, 0), declarations(style))
    return found


def _is_known(declared: Declaration) -> bool:
    """Whether a client would take it: what names no colour is as if it were not there."""
    if declared.name not in ("color", "background-color"):
        return True
    named = (t.lower_value for t in declared.value if t.type == "ident")
    return any(w in _KEYWORDS for w in named) or any(parse_colour(t) is not None for t in declared.value)


def _parts(name: str) -> tuple[str, ...]:
    """A shorthand stands for what it sets."""
    if name == "background":
        return ("background-color", "background-image")
    if name == "font":
        return ("font-size", "font-weight")
    return (name,)


def _matched(mail: Finished, selector: str) -> list[LexborNode]:
    try:
        return mail.tree.css(selector) if selector else []
    except (SelectolaxError, ValueError):  # what this parser does not know matches nothing
        return []


def _specificity(selector: str) -> tuple[int, int, int]:
    ids = selector.count("#")
    classes = len(re.findall(r"[.\[]|(?<!:):(?!:)", selector))
    types = len(re.findall(r"(?:^|[\s>+~])[a-z]", selector.strip(), re.IGNORECASE))
    return ids, classes, types


def _style(node: LexborNode, around: Style, won: Won, link: Colour) -> Style:
    attributes = node.attributes
    size = _size(won, around, node.tag or "")
    colour = around.colour
    if node.tag == "a" and attributes.get("href"):
        colour = link
    if node.tag == "font" and attributes.get("color"):
        colour = parse_colour(attributes.get("color") or "") or colour
    if "color" in won:
        colour = _first_colour(won["color"][1], colour, around.colour) or colour
    style = replace(around, colour=colour, size=size, bold=_bold(won, around, node.tag or ""))
    style = replace(style, fade=around.fade * _opacity(won))
    style = replace(style, hidden=around.hidden or _hides(node, won, style))
    return replace(style, behind=_behind(node, won, around.behind, colour))


def _behind(node: LexborNode, won: Won, around: Colour | None, colour: Colour) -> Colour | None:
    own = parse_colour(node.attributes.get("bgcolor") or "") or _CLEAR
    if "background-color" in won:
        own = _first_colour(won["background-color"][1], own, colour) or _CLEAR
    pictured = bool(node.attributes.get("background"))
    if "background-image" in won:
        tokens = words(won["background-image"][1].value)
        pictured = any(_IMAGE.fullmatch(getattr(t, "lower_name", "") or t.type) for t in tokens)
    if own[3] >= 1:
        return own  # below a picture too: what is seen where it is not loaded
    if pictured or around is None:
        return None
    return over(own, around)


def _first_colour(declared: Declaration, known: Colour, current: Colour) -> Colour | None:
    for token in declared.value:
        if token.type == "ident" and token.lower_value in ("inherit", "currentcolor"):
            return current
        found = parse_colour(token)
        if found is not None:
            return found
    return known if declared.name == "color" else None


def parse_colour(value: Any) -> Colour | None:
    """A token, or a text; None for what is no colour or of a kind that mail clients do not know."""
    try:
        found = color4.parse_color(value)
        if found is None or isinstance(found, str):
            return None
        red, green, blue = found.to("srgb").coordinates
        alpha = found.alpha
    except (ValueError, TypeError, ArithmeticError, NotImplementedError):
        return None
    parts = [min(1.0, max(0.0, float(part or 0.0))) for part in (red, green, blue, alpha)]
    return parts[0], parts[1], parts[2], parts[3]


def over(front: Colour, back: Colour) -> Colour:
    """What is seen where a see-through colour lies on another."""
    a = front[3]
    mixed = [f * a + b * (1 - a) for f, b in zip(front[:3], back[:3], strict=True)]
    return mixed[0], mixed[1], mixed[2], 1.0


def _size(won: Won, around: Style, tag: str) -> float:
    if "font-size" not in won:
        return around.size * _SCALE.get(tag, 1.0)
    for token in won["font-size"][1].value:
        if token.type == "dimension":
            factor = around.size if token.lower_unit == "em" else _PIXELS.get(token.lower_unit)
            return float(token.value) * factor if factor else around.size
        if token.type == "percentage":
            return float(token.value) / 100 * around.size
        if token.type == "number" and token.value == 0:
            return 0.0
        if token.type == "ident" and token.lower_value in _SIZES:
            return _SIZES[token.lower_value]
    return around.size


def _bold(won: Won, around: Style, tag: str) -> bool:
    if "font-weight" not in won:
        return around.bold or tag in _BOLD
    declared = won["font-weight"][1]
    for token in declared.value:
        if token.type == "ident" and token.lower_value in ("bold", "bolder"):
            return True
        if token.type == "ident" and token.lower_value in ("normal", "lighter"):
            return False
        if token.type == "number" and (declared.name != "font" or token.value >= 100):
            return bool(token.value >= 700)
    return around.bold and declared.name != "font"


def _opacity(won: Won) -> float:
    number = _number(won, "opacity")
    return 1.0 if number is None else min(1.0, max(0.0, number))


def _hides(node: LexborNode, won: Won, style: Style) -> bool:
    if node.tag in _UNSEEN or "hidden" in node.attributes or style.fade == 0 or style.size == 0:
        return True
    if _ident(won, "display") == "none" or _ident(won, "visibility") == "hidden":
        return True
    flat = 0 in (_number(won, "max-height"), _number(won, "height"))
    return flat and _ident(won, "overflow") == "hidden"


def _ident(won: Won, name: str) -> str:
    value = won[name][1].value if name in won else ()
    return value[0].lower_value if value and value[0].type == "ident" else ""


def _number(won: Won, name: str) -> float | None:
    value = won[name][1].value if name in won else ()
    if not value or value[0].type not in ("number", "dimension", "percentage"):
        return None
    return float(value[0].value) / (100 if value[0].type == "percentage" else 1)
