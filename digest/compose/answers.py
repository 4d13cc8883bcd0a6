"""What a language model answered, read with patience: JSON, JSON in a fence or in a speech, plain lines. Pure.

Whatever comes is text from outside: nothing here raises, and nothing is taken without bounds.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

_LONGEST = 40_000  # signs that are looked at
_MOST = 12  # sentences
_THOUGHT = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.DOTALL | re.IGNORECASE)
_FENCE = re.compile(r"```[a-z]*\s*\n?(.*?)(?:```|\Z)", re.DOTALL | re.IGNORECASE)
_BULLET = re.compile(r"^\s*(?:[-*•–]|(?P<n>\d{1,2})[.):])\s+")
_CITED = re.compile(r"\s*[\[(]\s*(\d{1,2}(?:\s*[,;&]\s*\d{1,2})*)\s*[\])]\s*([.!?…]?)\s*$")
_LISTS = ("sentences", "summary", "texts", "translations", "result", "items")
_TEXTS = ("text", "sentence", "translation", "content")
_SOURCES = ("articles", "article", "sources", "source", "n", "ids")


def sentences(answer: str) -> list[tuple[str, tuple[int, ...]]]:
    """Sentences and the numbers of their articles; empty where nothing can be made of the answer."""
    plain = _without_thoughts(answer)
    for found in _json(plain):
        listed = _listed(found)
        said = [pair for entry in listed for pair in [_sentence(entry)] if pair]
        if said:
            return said[:_MOST]
    if plain.startswith(("{", "[")) or plain == "null":
        return []  # broken JSON: its lines are no sentences
    return [pair for line in plain.splitlines() for pair in [_line(line)] if pair][:_MOST]


def texts(answer: str, number: int) -> tuple[str, ...]:
    """Texts by their numbers from 1 to `number`; empty strings where one is missing."""
    plain = _without_thoughts(answer)
    said: dict[int, str] = {}
    for found in _json(plain):
        for place, entry in enumerate(_listed(found), start=1):
            text, numbers = _sentence(entry) or ("", ())
            said.setdefault(numbers[0] if numbers else place, text)
        if said:
            break
    else:
        for line in () if plain.lstrip().startswith(("{", "[")) else plain.splitlines():
            if (match := _BULLET.match(line)) and match["n"]:
                said.setdefault(int(match["n"]), line[match.end() :].strip())
    return tuple(said.get(n, "") for n in range(1, number + 1))


def _without_thoughts(answer: str) -> str:
    return _THOUGHT.sub("", answer[:_LONGEST]).strip()


def _json(text: str) -> Iterator[Any]:
    """Every JSON value that can be found in a text, the likeliest first."""
    candidates = [text, *(m[1] for m in _FENCE.finditer(text))]
    decoder = json.JSONDecoder()
    for candidate in candidates:
        for start in _starts(candidate):
            try:
                value, _ = decoder.raw_decode(candidate, start)
            except (ValueError, RecursionError):
                continue
            if isinstance(value, (dict, list)):
                yield value
                break


def _starts(text: str) -> list[int]:
    return [m.start() for m in re.finditer(r"[{\[]", text)][:20]


def _listed(value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    for key in _LISTS:
        if isinstance(value.get(key), list):
            return list(value[key])
    return [value]


def _sentence(entry: Any) -> tuple[str, tuple[int, ...]] | None:
    if isinstance(entry, str):
        return _line(entry)
    if not isinstance(entry, dict):
        return None
    text = next((entry[k] for k in _TEXTS if isinstance(entry.get(k), str)), "")
    named: Any = next((entry[k] for k in _SOURCES if k in entry), [])
    numbers = [n for n in map(_number, named if isinstance(named, list) else [named]) if n is not None]
    return (" ".join(text.split()), tuple(dict.fromkeys(numbers))) if text.strip() else None


def _number(value: Any) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if 0 < value < 1000 else 0
    if isinstance(value, str) and (match := re.fullmatch(r"\D{0,12}(\d{1,3})\D?", value.strip())):
        return int(match[1])
    return 0 if value is not None else None


def _line(text: str) -> tuple[str, tuple[int, ...]] | None:
    """`- A sentence. [1, 2]`"""
    line = _BULLET.sub("", " ".join(text.split()))
    cited = _CITED.search(line)
    if cited is None:
        return (line, ()) if line else None
    numbers = tuple(dict.fromkeys(int(n) for n in re.findall(r"\d+", cited[1])))
    return (line[: cited.start()] + cited[2], numbers)
