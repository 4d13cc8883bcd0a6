"""What mail clients will make of the HTML and CSS that a mail uses. Pure.

The table is made from Can I Email's data (benchmarks/mail_support.py); what is lost where a feature is lacking, and
why that does no harm, is our own (data/mail_fallbacks.toml).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from digest.compose.check import features
from digest.compose.check.finished import Finished
from digest.model.finding import Finding, fail, ok, warn

CHECK = "mail clients"
_NAMES = {
    "apple-mail": "Apple Mail", "gmail": "Gmail", "outlook-windows": "Outlook on Windows",
    "outlook-new": "Outlook.com", "outlook-macos": "Outlook on macOS", "outlook-mobile": "Outlook on phones",
    "yahoo": "Yahoo/AOL", "samsung": "Samsung Email", "thunderbird": "Thunderbird", "gmx": "GMX/Web.de",
    "proton": "Proton Mail", "fastmail": "Fastmail",
}  # fmt: skip
#: Of these none may be left with less than what is meant, unless it is known how it degrades.
_SMALL = frozenset(("gmx", "proton", "fastmail"))


@dataclass(frozen=True, slots=True)
class Lacking:
    """Families that do not have a feature, and those that have it in part."""

    no: tuple[str, ...] = ()
    partly: tuple[str, ...] = ()

    @property
    def told(self) -> str:
        parts = [f"not in {_listed(self.no)}"] if self.no else []
        parts += [f"in part in {_listed(self.partly)}"] if self.partly else []
        return "; ".join(parts)

    @property
    def harmless(self) -> bool:
        return not self.no and set(self.partly) <= _SMALL


@lru_cache(maxsize=1)
def table() -> Mapping[str, Lacking]:
    found = _data("mail_support.toml")["features"]
    return {name: Lacking(tuple(row.get("no", ())), tuple(row.get("partly", ()))) for name, row in found.items()}


@lru_cache(maxsize=1)
def fallbacks() -> Mapping[str, str]:
    found: Mapping[str, str] = _data("mail_fallbacks.toml")["fallbacks"]
    return found


def findings(mail: Finished) -> list[Finding]:
    """Worst first; then how much degrades, and how much every client has."""
    if not mail.html:
        return []
    known = table()
    used = features.used(mail, frozenset(known))
    found = [_judged(name, where, known.get(name)) for name, where in used.items()]
    judged = sorted((f for f in found if f is not None), key=lambda f: ("fail", "warn", "ok").index(f.level))
    minor = sum(1 for f in judged if f.minor)
    has_all = ok(CHECK, f"{len(used) - len(judged)} of {len(used)} features are in all of them")
    degrade = [ok(CHECK, f"{minor} more are not in all of them, and the mail does without (--why tells how)")]
    return [*(f for f in judged if not f.minor), has_all, *(degrade if minor else []), *(f for f in judged if f.minor)]


def _judged(name: str, where: str, lacking: Lacking | None) -> Finding | None:
    """None for what all have."""
    called = called_of(name)
    harmless = fallbacks().get(name)
    if lacking is None:
        if harmless:
            return ok(CHECK, f"{called}: {harmless}", "who has it is not known", minor=True)
        mend = "leave it out, or look at the mail in the clients that your readers have"
        return warn(CHECK, f"{called}: who has it is not known", where, mend)
    if lacking.harmless:
        return None
    if harmless:
        return ok(CHECK, f"{called}: {harmless}", lacking.told, minor=True)
    mend = "take another way, or one more that does without it"
    make = fail if set(lacking.no) - _SMALL else warn
    return make(CHECK, f"{called}: {lacking.told}", where, mend)


def called_of(name: str) -> str:
    """`css-border-radius` as people say it."""
    kind, _, rest = name.partition("-")
    for prefix, said in (("unit-", "unit "), ("selector-", "selector "), ("at-", "@"), ("function-", "function ")):
        if kind == "css" and rest.startswith(prefix):
            return said + rest.removeprefix(prefix)
    if kind == "css":
        return rest.replace("pseudo-class-", ":").replace("pseudo-element-", "::")
    return f"{'HTML' if kind == 'html' else kind} {rest}"


def _listed(families: Sequence[str]) -> str:
    names = [_NAMES[family] for family in families]
    return ", ".join(names[:-1]) + (" and " if names[:-1] else "") + names[-1]


def _data(name: str) -> dict[str, Any]:
    return tomllib.loads(files("digest.compose").joinpath("data", name).read_text(encoding="utf-8"))
