"""What mail systems say, from data/phrases.toml, where each table says what its phrases mean."""

from __future__ import annotations

import re
import tomllib
from importlib import resources
from typing import Any


def _read() -> dict[str, Any]:
    return tomllib.loads((resources.files(__package__) / "data" / "phrases.toml").read_text(encoding="utf-8"))


_TABLES = _read()


def source(table: str) -> str:
    """The alternatives of a table, to be put into a larger expression."""
    pattern = "|".join(f"(?:{phrase})" for phrase in _TABLES[table])
    for name, words in _TABLES["words"].items():
        pattern = pattern.replace(f"<{name}>", words)
    return pattern


def _any(table: str, *, whole: bool = False, start: bool = False) -> re.Pattern[str]:
    pattern = source(table)
    return re.compile(rf"\s*(?:{pattern})\s*\Z" if whole else rf"\s*(?:{pattern})" if start else pattern, re.I)


# About an address, in the order in which they are asked.
FULL, SENDER, GONE, FOR_NOW = _any("full"), _any("sender"), _any("gone"), _any("for_now")
POLICY, AWAY, PERHAPS_GONE = _any("policy"), _any("away"), _any("perhaps_gone")

# About a mail.
FAILED, WARNING, WARNING_ONLY, FINAL = _any("failed"), _any("warning"), _any("warning_only"), _any("final")
SUBJECT, AUTOREPLY, ANSWER = _any("subject", start=True), _any("autoreply"), _any("answer", start=True)
DAEMON, DAEMON_NAME, CLERK = _any("daemon", whole=True), _any("daemon_name"), _any("clerk", whole=True)
ASKS = _any("asks")
FEEDBACK_SUBJECT, FEEDBACK_SENDER = _any("feedback_subject", start=True), _any("feedback_sender", start=True)

# About a line.
MARK = _any("mark", whole=True)
BEFORE_RECIPIENT = _any("before_recipient")
