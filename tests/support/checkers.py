"""Two programs that judge HTML, by people who do not know ours: the Nu validator and axe."""

from __future__ import annotations

import functools
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

HOME = Path(sys.prefix) / "checkers"  # where .ci/run installs them
#: Obsolete on the web, but mail programs know no other way: Outlook takes these from attributes only.
_ALLOWED = re.compile(
    r"The “(?:align|valign|width|border|cellpadding|cellspacing)” attribute on the “(?:table|td)” element is obsolete"
)


def _installed(path: str) -> Path:
    found = HOME / "node_modules" / path
    if not found.exists():
        pytest.skip(f"{path.split('/')[0]} (npm) is not installed beside the tests' Python (.ci/run does it)")
    return found


def validated(pages: Mapping[str, str], folder: Path) -> list[str]:
    """What the validator has to say, by page; nothing where all is well. All in one run: it starts slowly."""
    jar = _installed("vnu-jar/build/dist/vnu.jar")
    java = shutil.which("java")
    if java is None:
        pytest.skip("there is no Java runtime (default-jre-headless)")
    for name, html in pages.items():
        (folder / f"{name}.html").write_text(html, encoding="utf-8")
    done = subprocess.run(
        [java, "-Xmx512m", "-jar", jar, "--format", "json", "--exit-zero-always", *sorted(folder.glob("*.html"))],
        capture_output=True, text=True, timeout=300, check=True,
    )  # fmt: skip
    said = json.loads(done.stderr)["messages"]
    return [
        f"{Path(m['url']).stem}:{m.get('lastLine', 0)}: {m['message']}"
        for m in said
        if m["type"] != "info" and not _ALLOWED.match(m["message"])
    ]


@functools.cache
def _axe() -> str:
    return _installed("axe-core/axe.min.js").read_text("utf-8")


def axe(page: Any) -> list[str]:
    """What is serious or critical on an open page, by every rule that is not experimental."""
    page.evaluate(_axe())
    found = page.evaluate(
        "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})"
    )
    assert len(found["passes"]) > 10
    return [
        f"{v['id']} ({v['impact']}): {node['html'][:120]}"
        for v in found["violations"]
        if v["impact"] in ("serious", "critical")
        for node in v["nodes"]
    ]
