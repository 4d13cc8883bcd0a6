"""[pure] Which language to speak to somebody of whom only the browser tells something."""

from __future__ import annotations

from collections.abc import Collection

_LONGEST = 400
_MOST = 20


def preferred(accept_language: str, spoken: Collection[str]) -> str:
    """The first of the browser's languages that there are words in; empty where there is none."""
    return next((name for name in wanted(accept_language) if name in spoken), "")


def wanted(accept_language: str) -> tuple[str, ...]:
    """The browser's languages (RFC 9110, 12.5.4), the dearest first, without their regions."""
    found: list[tuple[float, int, str]] = []
    for place, part in enumerate(accept_language[:_LONGEST].split(",")[:_MOST]):
        name, _, rest = part.strip().partition(";")
        weight = _weight(rest)
        if weight > 0:
            found.append((-weight, place, name.strip().lower().partition("-")[0]))
    return tuple(dict.fromkeys(name for _, _, name in sorted(found)))


def _weight(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        return min(max(float(value), 0.0), 1.0)
    except ValueError:
        return 0.0
