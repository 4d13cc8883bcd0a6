"""What the spam filters of this machine make of a message: SpamAssassin's local tests, and rspamd if it answers."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable

from digest.adapters.programs import run
from digest.errors import DigestError
from digest.model.finding import Verdict

_SECONDS = 60.0
_PATHS = "/usr/bin:/usr/local/bin:/usr/sbin:/usr/local/sbin"
_POINTS = re.compile(r"^Content analysis details: +\((-?[\d.]+) points", re.MULTILINE)
_RULE = re.compile(r"^ *(-?\d+\.\d+) ([A-Z0-9_]+) ", re.MULTILINE)


def judge(message: bytes) -> list[Verdict]:
    """By each filter that we know of."""
    return [_safely("SpamAssassin", _spamassassin, message), _safely("rspamd", _rspamd, message)]


def _safely(name: str, ask: Callable[[bytes], Verdict], message: bytes) -> Verdict:
    try:
        return ask(message)
    except DigestError as error:
        return Verdict(name, trouble=str(error))


def _spamassassin(message: bytes) -> Verdict:
    """-L: no DNS, no lists on the network; no rules and no learnt words of this user's."""
    name, program = "SpamAssassin", _found("spamassassin")
    if not program:
        return Verdict(name, trouble="not installed")
    with tempfile.TemporaryDirectory(prefix="digest-filter-") as folder:
        command = [program, "-L", "-t", "-x", "-p", os.devnull, "--cf=report_safe 0"]
        done = run(
            command, seconds=_SECONDS, given=message, environ={**os.environ, "HOME": folder, "LC_ALL": "C.UTF-8"}
        )
    told = done.out.decode("utf-8", "replace")
    points = _POINTS.search(told)
    if points is None:
        return Verdict(name, trouble=f"gave no score: {_first_line(done.err)}")
    table = told[points.end() :].partition("---- ----")[2].partition("\n\n")[0]
    return Verdict(name, float(points[1]), _worst([(rule, float(score)) for score, rule in _RULE.findall(table)]))


def _rspamd(message: bytes) -> Verdict:
    name, program = "rspamd", _found("rspamc")
    if not program:
        return Verdict(name, trouble="not installed")
    done = run([program, "--json", "-t", "20", "symbols"], seconds=_SECONDS, given=message)
    try:
        said = json.loads(done.out)
        rules = [(rule, float(symbol.get("score", 0))) for rule, symbol in said["symbols"].items()]
        return Verdict(name, float(said["score"]), _worst(rules))
    except (ValueError, KeyError, TypeError, AttributeError):
        return Verdict(name, trouble="installed, but no daemon answers")


def _found(program: str) -> str:
    return shutil.which(program) or shutil.which(program, path=_PATHS) or ""


def _worst(rules: list[tuple[str, float]]) -> tuple[tuple[str, float], ...]:
    return tuple(sorted((r for r in rules if r[1] > 0), key=lambda rule: -rule[1]))


def _first_line(text: bytes) -> str:
    return next(iter(text.decode("utf-8", "replace").splitlines()), "nothing said")
