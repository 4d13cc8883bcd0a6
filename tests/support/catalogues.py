"""The shipped catalogues, and what the templates and the code ask of them."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from jinja2 import Environment, nodes

from digest.compose.kept import KeptTag
from tests.support.making import TEMPLATES

LOCALE = TEMPLATES / "locale"
CODE = TEMPLATES.parent / "digest"
#: Every language with a file: a new one is tested by being there.
SHIPPED = sorted(path.stem for path in LOCALE.glob("*.po"))
_METHODS = ("say", "count")
_WORDS = ("words", "_words")


@functools.cache
def catalogue(language: str, folder: Path = LOCALE) -> Catalog:
    """To be read only: all share it."""
    with (folder / f"{language}.po").open("rb") as file:
        return read_po(file, abort_invalid=True)


def by_templates() -> dict[str, str]:
    """Message -> the file that says it. AssertionError where what is said is not written there."""
    said: dict[str, str] = {}
    parser = Environment(autoescape=True, extensions=[KeptTag])
    for file in sorted((*TEMPLATES.rglob("*.html"), *TEMPLATES.rglob("*.txt"))):
        tree = parser.parse(file.read_text(encoding="utf-8"))
        for call in tree.find_all(nodes.Call):
            name = call.node.name if isinstance(call.node, nodes.Name) else ""
            if name not in _METHODS:
                continue
            for argument in call.args[: 2 if name == "count" else 1]:
                found = [c.value for c in (argument, *argument.find_all(nodes.Const)) if isinstance(c, nodes.Const)]
                assert found, f"{file}:{call.lineno}: {name}() of words that do not stand there"
                said |= dict.fromkeys(filter(lambda value: isinstance(value, str), found), str(file))
    return said


def by_code() -> dict[str, str]:
    """Message -> the file that says it through words.say, words.count, or a local name for them."""
    said: dict[str, str] = {}
    for file in sorted(CODE.rglob("*.py")):
        source = file.read_text(encoding="utf-8")
        if "words" not in source:
            continue
        tree = ast.parse(source)
        around = _assigned(tree.body)
        for function in (n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)):
            said |= dict.fromkeys(_said_in(function, around), str(file))
    return said


@functools.cache
def asked() -> dict[str, str]:
    return by_templates() | by_code()


_Names = Mapping[str, list[ast.expr]]  # a name -> what it may stand for


def _said_in(function: ast.FunctionDef, around: _Names) -> Iterator[str]:
    names = {**around, **_assigned(ast.walk(function))}
    for call in (n for n in ast.walk(function) if isinstance(n, ast.Call)):
        method = _method(call.func, names)
        for argument in call.args[: {"say": 1, "count": 2}.get(method, 0)]:
            yield from _texts(argument, names)


def _assigned(statements: Iterable[ast.AST]) -> dict[str, list[ast.expr]]:
    found: dict[str, list[ast.expr]] = {}
    for node in (n for n in statements if isinstance(n, ast.Assign)):
        target, value = node.targets[0], node.value
        both = isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple)
        pairs = zip(target.elts, value.elts, strict=True) if both else [(target, value)]  # type: ignore[attr-defined]
        for name, meant in pairs:
            if isinstance(name, ast.Name):
                found.setdefault(name.id, []).append(meant)
    return found


def _method(function: ast.expr, names: _Names) -> str:
    """say or count, where it is one of Words'; else nothing."""
    if isinstance(function, ast.Name):
        return next((m for v in names.get(function.id, []) if (m := _method(v, {}))), "")
    if not isinstance(function, ast.Attribute) or function.attr not in _METHODS:
        return ""
    owner = function.value
    name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
    # Words says some things itself.
    return function.attr if name in _WORDS or (name == "self" and function.attr == "say") else ""


def _texts(said: ast.expr, names: _Names) -> Iterator[str]:
    """The texts that an expression can be. What comes from elsewhere (an argument) is none."""
    if isinstance(said, ast.Constant) and isinstance(said.value, str):
        yield said.value
    elif isinstance(said, ast.IfExp):
        yield from (*_texts(said.body, names), *_texts(said.orelse, names))
    elif isinstance(said, ast.Name):
        for meant in names.get(said.id, []):
            yield from _texts(meant, {})
    elif isinstance(said, ast.JoinedStr):  # f"every {cadence}"
        parts = [re.escape(str(p.value)) if isinstance(p, ast.Constant) else r"\w+" for p in said.values]
        fitting = [m for m in keys("en") if re.fullmatch("".join(parts), m)]
        assert fitting, f"nothing in en.po fits {ast.unparse(said)}"
        yield from fitting
    else:  # a table of labels: TABLE[key], or TABLE.get(key, ...)
        owner = said.func if isinstance(said, ast.Call) else said
        table = getattr(owner, "value", None)
        for meant in names.get(table.id, []) if isinstance(table, ast.Name) else []:
            for value in meant.values if isinstance(meant, ast.Dict) else []:
                yield from _texts(value, {})


def keys(language: str) -> list[str]:
    return [m.id if isinstance(m.id, str) else m.id[0] for m in catalogue(language) if m.id]
