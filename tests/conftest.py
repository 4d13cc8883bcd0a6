"""What all tests share: where the evaluation data is, and a last word on what was skipped and why."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

from tests.support import examples

examples.register()

CHECKOUT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with evaluation data beside the checkout; DIGEST_SHARED names another."""
    folder = Path(os.environ.get("DIGEST_SHARED", CHECKOUT.parent / "shared"))
    if not folder.is_dir():
        pytest.skip("the folder `shared` with evaluation data is not beside the checkout (DIGEST_SHARED)")
    return folder


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's own DIGEST_ variables must not reach the code under test."""
    for name in list(os.environ):
        if name.startswith("DIGEST_") and name != "DIGEST_SHARED":
            monkeypatch.delenv(name)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The files that take longest go first: at the end one of them would keep one worker busy, and the other idle."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How many tests were skipped, by reason: a run that left things out says so in its last lines."""
    skipped = terminalreporter.stats.get("skipped", [])
    if not skipped:
        return
    reasons = Counter(str(r.longrepr[2] if isinstance(r.longrepr, tuple) else r.longrepr) for r in skipped)
    terminalreporter.section(f"{len(skipped)} skipped")
    for reason, number in reasons.most_common():
        terminalreporter.write_line(f"{number:4} x {reason.removeprefix('Skipped: ')}")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Where everything is installed (NO_SKIPS=1, as in CI), a skip is a failure."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    left_out = reporter.stats.get("skipped", []) if reporter else []
    if os.environ.get("NO_SKIPS") == "1" and left_out and session.exitstatus == 0:
        session.exitstatus = 1
