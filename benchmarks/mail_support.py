"""Make the table of what mail clients support anew, from a checkout of Can I Email (https://www.caniemail.com, MIT).

    git clone https://github.com/hteumeuleu/caniemail
    python benchmarks/mail_support.py caniemail > digest/compose/data/mail_support.toml

Only the facts are taken: which family of clients has which feature, in its newest version that was tested.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from digest.compose.check.features import detected

#: The families that the report names, by the clients of the source: (client, platform) each.
FAMILIES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "apple-mail": (("apple-mail", "macos"), ("apple-mail", "ios")),
    "gmail": tuple(("gmail", on) for on in ("desktop-webmail", "ios", "android", "mobile-webmail")),
    "outlook-windows": (("outlook", "windows"),),
    "outlook-new": (("outlook", "outlook-com"),),
    "outlook-macos": (("outlook", "macos"),),
    "outlook-mobile": (("outlook", "ios"), ("outlook", "android")),
    "yahoo": tuple((name, on) for name in ("yahoo", "aol") for on in ("desktop-webmail", "ios", "android")),
    "samsung": (("samsung-email", "android"),),
    "thunderbird": (("thunderbird", "macos"), ("thunderbird", "windows"), ("thunderbird", "linux")),
    "gmx": tuple((name, on) for name in ("gmx", "web-de") for on in ("desktop-webmail", "ios", "android")),
    "proton": tuple(("protonmail", on) for on in ("desktop-webmail", "ios", "android")),
    "fastmail": (("fastmail", "desktop-webmail"),),
}
_TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"|([\w.-]+)|([{}:,])')
_PROPERTY = re.compile(r"css-(?!at-|selector-|pseudo-|unit-|function-)[a-z-]+")


def main(checkout: Path) -> None:
    table = read(checkout)
    print("# Made by benchmarks/mail_support.py; do not edit. Facts: Can I Email (https://www.caniemail.com), MIT.")
    print("# Of each feature the families of mail clients that do not have it, or only in part; all others have it,")
    print("# or nobody has tested them.\n")
    print(f"families = [{', '.join(map(_quoted, FAMILIES))}]\n")
    print("[features]")
    for name, lacking in table.items():
        parts = [f"{how} = [{', '.join(map(_quoted, who))}]" for how, who in lacking.items() if who]
        print(f"{name} = {{ {', '.join(parts)} }}" if parts else f"{name} = {{}}")


def read(checkout: Path) -> dict[str, dict[str, list[str]]]:
    """Feature -> `no` and `partly` -> families."""
    folder = next((f for f in (checkout / "_features", checkout / "features") if f.is_dir()), None)
    if folder is None:
        raise SystemExit(f"{checkout}: no checkout of Can I Email (it has a folder _features)")
    found = {}
    wanted = detected()
    for path in sorted(folder.glob("*.md")):
        if path.stem in wanted or _PROPERTY.fullmatch(path.stem) or path.stem.startswith("css-pseudo-"):
            stats = _stats(path.read_text(encoding="utf-8"))
            how = {family: _of(stats, clients) for family, clients in FAMILIES.items()}
            found[path.stem] = {kind: [f for f in FAMILIES if how[f] == kind] for kind in ("no", "partly")}
    return found


def _of(stats: Mapping[str, Any], clients: tuple[tuple[str, str], ...]) -> str:
    """What a family has: what all its clients have in their newest version; else it has it partly."""
    said = set()
    for client, platform in clients:
        versions = stats.get(client, {}).get(platform, {})
        tested = {v: text[:1] for v, text in versions.items() if text[:1] in "yan"}
        if tested:
            said.add(tested[max(tested, key=_version)])
    if not said or said == {"y"}:
        return "yes"
    return "no" if said == {"n"} else "partly"


def _version(text: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", text)))


def _stats(text: str) -> dict[str, Any]:
    """The `stats` of a file's front matter: braces, keys with or without quotation marks, stray commas."""
    start = text.index("{", text.index("\nstats:"))
    return _mapping(iter(_TOKEN.finditer(text, start + 1)))


def _mapping(tokens: Iterator[re.Match[str]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    key = ""
    for token in tokens:
        sign = token[3]
        if sign == "}":
            break
        if sign == "{":
            found[key] = _mapping(tokens)
            key = ""
        elif sign is None:
            word = token[1] if token[1] is not None else token[2]
            if key:
                found[key] = word
                key = ""
            else:
                key = word
    return found


def _quoted(text: str) -> str:
    return f'"{text}"'


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]))
